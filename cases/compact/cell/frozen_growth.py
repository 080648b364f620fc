"""Fields of a cell at the frozen shapes of one growth, over the voltage: tables of its model.

Nothing grows here: the outlines are those that a run left, each with a mesh of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mpi4py import MPI

import numpy as np
import numpy.typing as npt
from scipy.interpolate import PchipInterpolator

from mitmodels.cases.cell.outlines import read_outlines
from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config
from mitmodels.checks import FloatArray
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.cell import LEAST, SHAPES, CompactCell
from mitmodels.compact.sheet import Sheet
from mitmodels.compact.table import Table
from mitmodels.errors import InputError
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.heun import tunnel_conductance
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl, MeshedCell
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.runs.reading import Run

_SHAPES = 80  # of the growth
_STEPS = (0.01, 0.04, 0.1, 0.18, 0.26, 0.34, 0.42, 0.5, 0.56, 0.62, 0.68, 0.74, 0.82, 0.9, 1.0)
BEYOND = 1.25  # voltage of the tables over the largest of the run
_WARMER = 40.0  # [K] above the ambient of the run, of the second tables
_PER_VOLUME = 10.0  # position per unit of ln v
_DENSE = 10.0  # distance from the end beyond which the shapes are further apart
_TAIL, _ON = 0.15, 0.3  # part of ln v whose slope the tables go on along, and how far
_CONDUCTS = 1e-10  # [S] that a growth has to come to
_SLOWEST = 1e-26  # [1/(V s)] below which a rate is nothing
_FINER = 4  # points between the shapes and between the voltages before the tables are reduced
_ERRORS = (0.003, 0.05, 0.05)  # of ln G, and of q of growth and dissolution

OVER = ("position", "V_cell [V]")


@dataclass(frozen=True, eq=False)
class FrozenGrowth:
    """Fields at shapes (n) and voltages (m), at two ambient temperatures.

    Attributes
    ----------
    position, volume, gap, radius : ndarray, shape (n,)
        How far the filament has grown, its volume [m3], smallest gap and radius [m].
    voltage : ndarray, shape (m,)
        Of the cell [V], zero among them.
    conductance, ionic : ndarray, shape (2, n, m)
        [S] and the current that plates the filament [A].
    rise, joule : ndarray, shape (n, m)
        Largest rise of the temperature [K], and heat in the metals [W].
    ambient, warmer : float
        [K].
    volume_per_charge : float
        [m3/C].
    """

    position: FloatArray
    volume: FloatArray
    gap: FloatArray
    radius: FloatArray
    voltage: FloatArray
    conductance: FloatArray
    ionic: FloatArray
    rise: FloatArray
    joule: FloatArray
    ambient: float
    warmer: float
    volume_per_charge: float


def solve_growth(
    run: Run,
    overrides: Sequence[str] = (),
    shapes: int = _SHAPES,
    steps: Sequence[float] = _STEPS,
) -> FrozenGrowth:
    """Solve for the fields of a cell at so many shapes of its growth.

    ``steps`` are the voltages of either sign over 1.25 times the largest of the run.

    Raises
    ------
    InputError
        If nothing grows in the run, or its filament has a surface energy.
    SolverError
        If a field cannot be solved for.
    """
    config = load_config(run.path / "config.toml", overrides, Config)
    if config.growth.surface_energy:
        raise InputError(
            f"{run.path}: its filament has a surface energy, by which it dissolves without a "
            "voltage, and the compact model has no such rate: export a run without "
            "growth.surface_energy"
        )
    cell, control = bare(config.cell()), config.numerics.control()
    family, position = growth_of(run, cell, shapes)
    reach = BEYOND * float(run.iv["V_source [V]"].abs().max())
    voltage = reach * np.array([*(-x for x in steps[::-1]), 0.0, *steps])
    warm = replace(cell, model=replace(cell.model, ambient=cell.model.ambient + _WARMER))
    cold_rows, warm_rows = (_solved(each, family, voltage, control) for each in (cell, warm))
    both = np.stack((cold_rows, warm_rows))
    return FrozenGrowth(
        position=position,
        volume=np.array([shape.outline.volume for shape in family]),
        gap=np.array([shape.gaps.min() for shape in family]),
        radius=np.array([shape.outline.radius for shape in family]),
        voltage=voltage,
        conductance=both[..., 0],
        ionic=both[..., 1],
        rise=cold_rows[..., 2],
        joule=cold_rows[..., 3],
        ambient=cell.model.ambient,
        warmer=warm.model.ambient,
        volume_per_charge=cell.model.deposit.volume_per_charge,
    )


def bare(cell: Cell) -> Cell:
    """Return a cell without its circuit: the voltage of the source is its own."""
    return replace(cell, model=replace(cell.model, circuit=SeriesCircuit()))


def growth_of(run: Run, cell: Cell, count: int) -> tuple[list[Shape], FloatArray]:
    """Return shapes of the first growth of a run, the closer the more it conducts, and positions.

    The position rises by one where the logarithm of the tunnel conductance does, or that of the
    volume by a tenth; it is zero at the largest volume.

    Raises
    ------
    InputError
        If the filament does not grow.
    """
    outlines = [Outline(points * 1e-9) for points in read_outlines(run)]
    rising = _rising(np.array([outline.volume for outline in outlines]))
    shapes = [cell.shape(outlines[i]) for i in rising]
    tunnel = np.array([tunnel_conductance(cell, shape) for shape in shapes])
    if len(rising) < 4 or tunnel[-1] < _CONDUCTS:
        raise InputError(
            f"{run.path}: its filament does not grow until it conducts, and a compact model is "
            "made of a whole growth: give a run with a SET"
        )
    volume = np.array([shape.outline.volume for shape in shapes])
    steps = np.hypot(np.diff(np.log(tunnel + 1e-15)), _PER_VOLUME * np.diff(np.log(volume)))
    position = np.concatenate(([0.0], np.cumsum(steps)))
    position -= position[-1]
    closer = np.log1p(-position / _DENSE)  # to the end of the growth, where it conducts
    chosen = np.unique([int(np.abs(closer - x).argmin()) for x in np.linspace(closer[0], 0, count)])
    return [shapes[i] for i in chosen], position[chosen]


def _rising(volume: FloatArray) -> npt.NDArray[np.intp]:
    """Rows of the first growth: each with a larger volume, up to a loss of a tenth of it."""
    largest = np.maximum.accumulate(volume)
    lost = np.flatnonzero(volume < 0.9 * largest)
    volume = volume[: lost[0]] if lost.size else volume
    kept = [0]
    for row in range(1, len(volume)):
        if volume[row] > volume[kept[-1]] * (1 + 1e-3):
            kept.append(row)
    return np.array(kept)


def _solved(
    cell: Cell, family: Sequence[Shape], voltage: FloatArray, control: MeshControl
) -> FloatArray:
    """Conductance, ionic current, rise, heat in the metals: shape (shapes, voltages, 4)."""
    rows, meshed = [], None
    order = np.argsort(np.abs(voltage), kind="stable")
    for shape in family:
        meshed = MeshedCell(cell, shape, control, MPI.COMM_WORLD, previous=meshed)
        row = np.zeros((len(voltage), 4))
        for i in order:
            state = meshed.evaluate(shape, float(voltage[i]))
            rise = state.T_max - cell.model.ambient
            row[i] = state.conductance, state.I_ion, rise, state.joule
        rows.append(row)
    return np.array(rows)


def compact_cell(found: FrozenGrowth) -> CompactCell:
    """Reduce the fields at frozen shapes to the tables of a compact model."""
    s, V = found.position, found.voltage
    slope = PchipInterpolator(s, np.log(found.volume)).derivative()(s) * found.volume
    slope = np.maximum(slope, 1e-6 * found.volume)[:, None]
    forward, reverse = V > 0, V < 0
    both = found.volume_per_charge * found.ionic / slope
    ln_G = np.log(found.conductance + LEAST)
    per_volt = np.log(np.maximum(both / np.where(V == 0, np.inf, V), _SLOWEST))
    grown, lost = per_volt[..., forward], per_volt[..., reverse][..., ::-1]
    parts = [ln_G, grown, lost]
    over = V, V[forward], -V[reverse][::-1]
    columns = np.hstack([_shape_columns(found), *(_along(part) for part in parts)])
    s, columns = _finer(*_continued(s, columns, np.log(found.volume)))
    ends = np.cumsum([len(SHAPES), *(2 * len(x) for x in over)])
    made = []
    for x, part, error in zip(over, np.split(columns, ends, axis=1)[1:-1], _ERRORS, strict=True):
        cold, warm = np.split(part, 2, axis=1)
        for values in (cold, warm - cold):
            fine, found_there = _finer(x, values.T)
            made.append(Sheet.of(OVER, s, fine, found_there.T, error))
    logs = Table(s, columns[:, : len(SHAPES)], OVER[0], SHAPES).reduced([_ERRORS[0]] * len(SHAPES))
    return CompactCell(
        shapes=Table(logs.x, np.exp(logs.values), OVER[0], SHAPES),
        log_conductance=made[0],
        warm_conductance=made[1],
        growth=made[2],
        warm_growth=made[3],
        loss=made[4],
        warm_loss=made[5],
        ambient=found.ambient,
        warmer=found.warmer,
    )


def _along(values: FloatArray) -> FloatArray:
    """Both ambients side by side, shape (n, 2 m)."""
    return np.concatenate(tuple(values), axis=1)


def _shape_columns(found: FrozenGrowth) -> FloatArray:
    """Logarithms of the columns `SHAPES` at the shapes."""
    V, G = found.voltage, found.conductance[0]
    power = G * V**2
    first = int(np.argmin(np.where(V > 0, V, np.inf)))
    filament = found.joule[:, first] / np.maximum(power[:, first], 1e-300) / G[:, first]
    thermal = [_thermal(found, side) for side in (V > 0, V < 0)]
    columns = found.volume, found.gap, found.radius, np.maximum(filament, 1e-3), *thermal
    return np.log(np.column_stack(columns))


def _thermal(found: FrozenGrowth, side: npt.NDArray[np.bool_]) -> FloatArray:
    """Largest rise over the power [K/W] at the largest voltage of a side that melts nothing."""
    power = found.conductance[0] * found.voltage**2
    warm = side & (found.rise < 3 * found.ambient)
    i = np.argmax(np.where(warm, np.abs(found.voltage), -1.0), axis=1)
    rows = np.arange(len(i))
    rise, heat = found.rise[rows, i], power[rows, i]
    known = np.flatnonzero(rise > 1e-6)  # below, the rise drowns in the temperature
    return np.interp(found.position, found.position[known], rise[known] / heat[known])


def _continued(
    s: FloatArray, columns: FloatArray, ln_volume: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Let all columns go on beyond the end of the growth along their last slope."""
    tail = ln_volume >= ln_volume[-1] - _TAIL
    tail[-2:] = True
    x = ln_volume - ln_volume[-1]
    slopes = x[tail] @ (columns[tail] - columns[-1]) / (x[tail] @ x[tail])
    pace = x[tail] @ (s[tail] - s[-1]) / (x[tail] @ x[tail])
    return np.append(s, s[-1] + _ON * pace), np.vstack((columns, columns[-1] + _ON * slopes))


def _finer(s: FloatArray, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Points between those of a smooth monotone curve through them."""
    number = np.arange(len(s), dtype=float)
    fine = np.interp(np.linspace(0, len(s) - 1, _FINER * (len(s) - 1) + 1), number, s)
    return fine, np.asarray(PchipInterpolator(s, columns)(fine))
