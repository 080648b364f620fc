"""What is to be expected of a run on a film: resistances, warnings, time and memory."""

from collections.abc import Iterator
from typing import Any

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.config.messages import as_lines
from mitmodels.cases.film.device import PreparedFilm
from mitmodels.cases.film.laws.ambient_history import resistivity
from mitmodels.cases.film.laws.table import TableLaw
from mitmodels.cases.film.own_mesh import contact_warnings, not_read
from mitmodels.cases.film.sections import DERIVED, FilmConfig, wall_warning
from mitmodels.film.contact import contact_resistance
from mitmodels.solvers.film.readout import Steepest
from mitmodels.solvers.runs.files import Value

# Seconds per iteration and node, its factor without a dense matrix, per pair of nodes of one, and
# of the start: measured with the shipped films, good to a factor of two.
_PER_NODE, _MATRIX_FREE, _PER_PAIR, _START = 5e-6, 8, 1.5e-8, 5.0


def report(prepared: PreparedFilm[Any], drive: str, memory: float, count: int) -> dict[str, str]:
    """Say what would be solved.

    Parameters
    ----------
    prepared
    drive
        What the source does.
    memory
        How much of it is taken besides the usual [MiB].
    count
        About how many Newton iterations there are.
    """
    device, config = prepared.device, prepared.config
    geometry, ambient = config.geometry, config.ambient.temperature
    outside = left_ranges(config, {}, {"K": float(ambient)})
    return {
        "film": f"{geometry.length * 1e6:g} x {geometry.width * 1e6:g} um2, "
        f"{geometry.thickness * 1e9:g} nm, {geometry.domain} domain",
        "resistance": f"{own_resistance(config):.3g} ohm at {ambient:g} K, contacts "
        f"{_contacts(config):.3g} ohm",
        "substrate": config.substrate.model,
        "drive": drive,
        **_mesh(config),
        "nodes": f"{device.nodes} of film and pads, {device.plan_nodes} in all",
        "unknowns": f"{2 * device.nodes}",
        "memory": f"about {300 + memory:.0f} MiB per rank",
        "time": f"about {_duration(_seconds(prepared, count))} on one core, within a factor of two",
        **not_read(device.plan),
        **as_lines([*warnings(prepared), *_contact_warning(config), *outside]),
    }


def _mesh(config: FilmConfig) -> dict[str, str]:
    """Which sizes the elements have, if they follow from the geometry."""
    mesh = config.mesh
    if config.geometry.mesh or mesh.size is None or mesh.edge_size is None:
        return {}
    derived = DERIVED in (mesh.size.source, mesh.edge_size.source)
    if config.geometry.layout:
        return {
            "mesh": f"{mesh.size.given} in the film, {mesh.edge_size.given} at its rim"
            f"{f', {DERIVED}' if derived else ''}"
        }
    return {
        "mesh": f"{mesh.size.given} along the current, {mesh.edge_size.given} at the lateral edge, "
        f"{mesh.cells_across} over half of the width{f', {DERIVED}' if derived else ''}"
    }


def warnings(prepared: PreparedFilm[Any]) -> list[str]:
    """Say what may make a run show what no film has. Collective."""
    config = prepared.config
    found = [wall_warning(config), _noise_warning(config)]
    on_mesh = contact_warnings(prepared.device.plan, config.geometry)
    remarks = prepared.device.remarks
    return [*(sentence for sentence in found if sentence), *on_mesh, *remarks]


def caught_wall(found: Steepest, config: FilmConfig, voltage: Value) -> str:
    """Say that a wall between cold and hot parts stands on a single element at a voltage [V]."""
    key = "mesh.size" if found.is_along else "mesh.edge_size, and more mesh.cells_across"
    asked = "smaller elements there" if config.geometry.mesh else f"a smaller {key}"
    return (
        f"at {voltage:.6g} V the resistivity changes by a factor of {found.ratio:.3g} within one "
        f"element at x = {found.x * 1e6:.3g} um, y = {found.y * 1e6:.3g} um: the mesh is too "
        "coarse for the wall between cold and hot parts and catches it, which shows as folds and "
        f"steps that no film has: give {asked}"
    )


def own_resistance(config: FilmConfig) -> float:
    """Resistance of the film itself at the ambient temperature [ohm]."""
    return _square(config) * config.geometry.length / config.geometry.width


def _square(config: FilmConfig) -> float:
    """Sheet resistance at the ambient temperature [ohm]."""
    return resistivity(config) / float(config.geometry.thickness)


def _contacts(config: FilmConfig) -> float:
    """Resistance of both contacts at the ambient temperature [ohm]."""
    contact, pad, width = config.contact, config.geometry.pad_length, config.geometry.width
    one = contact_resistance(float(contact.resistivity or 0.0), _square(config), pad, width)
    return 2 * one + contact.resistance_width / width


def _noise_warning(config: FilmConfig) -> str | None:
    film = config.film
    if not isinstance(film, TableLaw) or not film.resistivity().is_noisy:
        return None
    return (
        "film: the resistivity of the table goes up and down from row to row, and the curve "
        'follows every row: give film.smoothing, such as "3 K"'
    )


def _contact_warning(config: FilmConfig) -> Iterator[str]:
    """Say if a contact resistance that was not measured on this film is larger than the film's."""
    contact, own, contacts = config.contact, own_resistance(config), _contacts(config)
    key = "resistivity" if contact.resistivity else "resistance_width"
    given = getattr(contact, key)
    if given.status == "measured" or contacts <= own:
        return
    yield (
        f"contact.{key} = {given.given}, which is {given.status}, makes "
        f"{contacts:.3g} ohm of contacts against {own:.3g} ohm of the film itself: the contacts "
        "decide the voltages of this film"
    )


def _seconds(prepared: PreparedFilm[Any], count: int) -> float:
    device = prepared.device
    each = _PER_NODE * device.nodes
    if device.is_dense:
        each += _PER_PAIR * device.nodes**2
    elif device.cells is not None:
        each *= _MATRIX_FREE
    return _START + count * each


def _duration(seconds: float) -> str:
    for size, unit in ((3600.0, "h"), (60.0, "min")):
        if seconds > 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
