"""Relaxation of the filament of one run at zero bias, by the motion of its outline."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from mitmodels.cases.cell.growth import Config
from mitmodels.cases.cell.outlines import Array, read_outlines
from mitmodels.cases.cell.relaxation import DISSOLVED, History
from mitmodels.cases.config.document import load_config
from mitmodels.cases.registry import is_case
from mitmodels.cell.relaxation import Relaxation
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.cell.curvature_flow import Relaxed, relax
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.meshed_cell import Cell
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.reading import Run


def follow(run: Run, overrides: Sequence[str] = ()) -> History:
    """Relax the last outline of a run at the ambient temperature.

    Raises
    ------
    InputError
        If the run is of another case, has no filament or no surface energy.
    RunError
        If the outline cannot be followed.
    """
    if not is_case(run.config, "cell"):
        raise InputError(f"{run.path}: is not a metallization cell: give the folder of a SET")
    config = load_config(run.path / "config.resolved.toml", overrides, Config)
    energy, cell = config.filament.surface_energy, config.cell()
    if energy is None:
        raise InputError(
            f"{run.path}: filament.surface_energy is missing: give one, "
            "--set 'filament.surface_energy=1.79 J/m2'"
        )
    outline = Outline(read_outlines(run)[-1] * 1e-9)
    if outline.tip_height <= DISSOLVED:
        raise InputError(f"{run.path}: ends without a filament higher than 0.5 nm: give a SET")
    model = cell.model
    area = np.pi * cell.stack.radius**2
    law = Relaxation(model.kinetics, model.deposit, float(energy), model.ambient, area)

    def speed(curvature: Array, surface: Array, r: Array, z: Array) -> Array:
        return law.speed(curvature, surface, model.barrier(r, z - cell.stack.oxide))

    try:
        states = list(relax(outline, speed, DISSOLVED, cell.dissolution.nucleus))
    except RunError as error:
        raise RunError(f"{run.path}: {error}") from None
    outlines = [state.outline.points * 1e9 for state in states]
    return History(model.circuit.limit, _table(states, cell), outlines, law)


def _table(states: Sequence[Relaxed], cell: Cell) -> pd.DataFrame:
    shapes = [cell.shape(state.outline) for state in states]
    outlines = [state.outline for state in states]
    table = pd.DataFrame(
        {
            "t [s]": [state.t for state in states],
            "height [m]": [outline.tip_height for outline in outlines],
            "gap [m]": [shape.gaps.min() for shape in shapes],
            "radius [m]": [outline.radius for outline in outlines],
            "mean_radius [m]": [np.cbrt(1.5 * outline.volume / np.pi) for outline in outlines],
            "waist [m]": [_waist(outline) for outline in outlines],
            "volume [m3]": [outline.volume for outline in outlines],
            "released [m3]": [state.released for state in states],
            "cut [m3]": [state.cut for state in states],
            "R_tunnel [ohm]": [_tunnel_resistance(shape, cell) for shape in shapes],
        }
    )
    return table.assign(**{"ion_drop [V]": _ion_drop(table, cell)})


def _tunnel_resistance(shape: Shape, cell: Cell) -> float:
    """Resistance of the gap [ohm], infinite if it is so wide that nothing is left of its law."""
    with np.errstate(divide="ignore"):
        conductance = cell.model.tunnel.conductance(shape.gaps)
        return float(1 / (shape.outline.ring_areas @ conductance))


def _waist(outline: Outline) -> float:
    """Smallest radius of the lower half [m]."""
    return float(outline.r[outline.z <= outline.tip_height / 2].min())


def _ion_drop(table: pd.DataFrame, cell: Cell) -> Array:
    """Voltage that the ions need to spread from a hemisphere of a radius [V].

    The law of relaxation leaves it out: it must be small against the thermal voltage.
    """
    model = cell.model
    current = np.diff(table["released [m3]"]) / np.diff(table["t [s]"])
    current /= model.deposit.volume_per_charge
    radius = table["radius [m]"].to_numpy()
    spreading = 2 * np.pi * float(model.hopping.low_field(model.ambient)) * radius
    return np.concatenate((current[:1], current)) / spreading
