"""Relaxation of what a SET or a compliance study left, at zero bias: tables, outlines, figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.cell.compliance_study import studies
from mitmodels.cases.cell.figures import relaxation as figures
from mitmodels.cases.cell.outlines import Array, read_outlines
from mitmodels.cases.cell.relaxation import DISSOLVED, History, scaling
from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config
from mitmodels.cases.console.options import Overrides
from mitmodels.cases.figures.style import save, styled
from mitmodels.cases.registry import is_case
from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep
from mitmodels.cell.relaxation import Relaxation
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.cell import curvature_flow
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.meshed_cell import Cell
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.files import check_new, create_folder, write_results, write_table
from mitmodels.solvers.runs.reading import Run, load


def relax(
    source: Path | str, /, out: Path | str | None = None, *, overrides: Overrides = ()
) -> list[Path]:
    """Let the filament of a SET relax at zero bias, by its surface energy.

    Parameters
    ----------
    source
        Run folder of a metallization cell, or folder of a compliance study.
    out
        Folder for tables and figures, which must not exist. Default: relaxation/ in the source.
    overrides
        Value that replaces one of the runs, such as filament.surface_energy or heat.ambient.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If there is no filament or no surface energy, or the folder exists.
    RunError
        If a filament cannot be followed; nothing is written then.
    """
    folder = Path(source)
    target = Path(out or folder / "relaxation")
    check_new(target)
    if is_sweep(folder):
        return _of_study(SweepFolder.open(folder), target, overrides)
    return _of_run(load(folder), target, overrides)


def _of_run(run: Run, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax the last outline of a SET and write table, outlines, results and figures."""
    history = follow(run, overrides)
    create_folder(out)
    with styled():
        return [
            write_table(out / "relaxation.csv", history.table),
            _write_outlines(out / "outlines.npz", history),
            write_results(out / "findings.json", history.findings()),
            save(figures.outlines(history), out / "outlines.png"),
            save(figures.gap([history]), out / "gap.png"),
        ]


def _of_study(folder: SweepFolder, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax what the SETs of a compliance study left, with lifetimes over the radius."""
    study = studies(folder).get("full")
    if study is None or len(study.runs) < 2:
        raise InputError(
            f"{folder.path}: is not a compliance study with two complete SETs: sweep "
            "circuit.compliance as in ecm_compliance.toml, or give one run"
        )
    histories = [follow(run, overrides) for run in study.runs]
    rows = [{f"{k} [{u}]": v for k, (v, u) in h.findings().items()} for h in histories]
    create_folder(out)
    with styled():
        return [
            write_table(out / "lifetimes.csv", pd.DataFrame(rows)),
            write_results(out / "findings.json", scaling(histories)),
            save(figures.lifetimes(histories), out / "lifetimes.png"),
            save(figures.gap(histories), out / "gap.png"),
            save(figures.outlines(histories[-1]), out / "outlines.png"),
        ]


def _write_outlines(path: Path, history: History) -> Path:
    np.savez_compressed(
        path,
        t=history.table["t [s]"].to_numpy(),
        nodes=np.array([len(points) for points in history.outlines]),
        points=np.concatenate(history.outlines) * 1e-9,
    )
    return path


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
        states = list(curvature_flow.relax(outline, speed, DISSOLVED, cell.dissolution.nucleus))
    except RunError as error:
        raise RunError(f"{run.path}: {error}") from None
    outlines = [state.outline.points * 1e9 for state in states]
    return History(model.circuit.limit, _table(states, cell), outlines, law)


def _table(states: Sequence[curvature_flow.Relaxed], cell: Cell) -> pd.DataFrame:
    shapes = [cell.shape(state.outline) for state in states]
    outlines = [state.outline for state in states]
    table = pd.DataFrame(
        {
            "t [s]": [state.t for state in states],
            "height [m]": [outline.tip_height for outline in outlines],
            "gap [m]": [shape.nearest[0] for shape in shapes],
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
