"""States of a steady film run between the points of its branch, and the heat that they make."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from mpi4py import MPI

import numpy as np

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.config import HeatCapacity, SteadyConfig
from mitmodels.cases.film.device import build_solver
from mitmodels.cases.film.heat_storage import build_storing, check_nodes, faults
from mitmodels.cases.film.laws.substrate import SheetSection
from mitmodels.cases.film.steady import KEPT
from mitmodels.cases.film.steady_config import Prepared, prepare
from mitmodels.checks import FloatArray
from mitmodels.compact.ladder import Ladder, fit_ladder
from mitmodels.errors import InputError
from mitmodels.solvers.film.checkpoint import stored_branch
from mitmodels.solvers.film.points import Point
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.substrate.heat_modes import ComplexArray, HeatModes
from mitmodels.solvers.runs.reading import Run

_BETWEEN = 16  # states from one point of the branch to the next
_PATTERNS = 16  # states whose heat is followed in time
_FREQUENCIES = 40
_FALL = 0.1  # [K] of the hottest temperature along a branch that counts as rounding


@dataclass(frozen=True, eq=False)
class BranchStates:
    """What the states of a branch show, in its order; shapes (n,).

    Attributes
    ----------
    voltage : ndarray
        Of the film without its contacts [V].
    current : ndarray
        [A]
    hottest : ndarray
        Largest temperature [K].
    position : ndarray
        What tells the states apart and rises [K]: the largest temperature, or where that falls
        along the branch, the length of its path.
    s : ndarray
        Arclength of the branch.
    """

    voltage: FloatArray
    current: FloatArray
    hottest: FloatArray
    position: FloatArray
    s: FloatArray

    def drive(self, resistance: float, by_voltage: bool) -> FloatArray:
        """Voltage of a source behind a resistance [ohm], or its current [A]."""
        return self.voltage + resistance * self.current if by_voltage else self.current


def folds(drive: FloatArray) -> tuple[float | None, float | None]:
    """First fold that a source meets on the way up along a branch, and the last; None for none."""
    slopes = np.sign(np.diff(drive))
    maxima = np.flatnonzero((slopes[:-1] > 0) & (slopes[1:] < 0)) + 1
    minima = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] > 0)) + 1
    first = float(drive[maxima[0]]) if maxima.size else None
    return first, float(drive[minima[-1]]) if minima.size else None


def swept(drive: FloatArray, answer: FloatArray, at: FloatArray, upward: bool) -> FloatArray:
    """Answer of a branch at values of a source that sweeps up from rest, or down from the end.

    It jumps to the next state along the branch that has its value.
    """
    way, sign = (slice(None), 1) if upward else (slice(None, None, -1), -1)
    path, answer = sign * drive[way], answer[way]
    after = np.searchsorted(np.maximum.accumulate(path), sign * at).clip(1, len(path) - 1)
    part = (sign * at - path[after - 1]) / (path[after] - path[after - 1])
    return np.asarray(answer[after - 1] + part * (answer[after] - answer[after - 1]))


def prepared_run(run: Run, overrides: Sequence[str]) -> Prepared:
    """Check the configuration of a run with what its model in time needs.

    Raises
    ------
    InputError
        If it cannot be used, or says nothing of the heat that is stored.
    """
    file = run.path / "config.resolved.toml"
    prepared = prepare(load_config(file, overrides, SteadyConfig), MPI.COMM_SELF)
    config, capacity = prepared.config, prepared.config.heat_capacity
    if capacity is None:
        raise InputError(
            f"{file}: heat_capacity is missing, without which a model has no times: give the "
            'values, heat_capacity.film="2.8e6 J/(m3 K)" and so on, behind --overrides'
        )
    for message, wrong in faults(config, capacity, "export a run without it").items():
        if wrong:
            raise InputError(f"{file}: {message}")
    check_nodes(prepared.device, capacity)
    return prepared


def points_of(run: Run, prepared: Prepared) -> tuple[Point, ...]:
    """Points of the branch from the run's last checkpoint.

    Raises
    ------
    InputError
        If there is none, or it is of another version of the program.
    """
    points = stored_branch(run.path, KEPT, build_solver(prepared.device))
    if points is None:
        raise InputError(
            f"{run.path}: has no checkpoint, which holds the states of its branch: run "
            f"{run.path / 'config.toml'} again"
        )
    return points


def between(points: Sequence[Point]) -> BranchStates:
    """Cubics through the points and their tangents, with a position that tells the states apart.

    It is the hottest temperature or, where that falls on the way, the length of its path, which
    counts what it falls by as a rise. States whose position is no larger than that of one before
    are left out.
    """
    from scipy.interpolate import CubicHermiteSpline  # only here: it takes longer than the rest

    s = np.array([point.s for point in points])
    fine = np.unique(np.concatenate([np.linspace(a, b, _BETWEEN + 1) for a, b in pairwise(s)]))
    voltage = CubicHermiteSpline(s, [p.state.voltage for p in points], [p.dV for p in points])
    current = [p.state.current for p in points], [p.d_current for p in points]
    fields = [p.state.fields[:, 1] for p in points], [p.dT for p in points]
    position = hottest = CubicHermiteSpline(s, *fields)(fine).max(axis=1)
    if float((np.maximum.accumulate(hottest) - hottest).max()) > _FALL:
        position = hottest[0] + np.concatenate([[0.0], np.cumsum(np.abs(np.diff(hottest)))])
    rises = np.concatenate([[True], np.diff(np.maximum.accumulate(position)) > 1e-6])
    found = voltage(fine), CubicHermiteSpline(s, *current)(fine), hottest, position, fine
    return BranchStates(*(values[rises] for values in found))


def ladder(prepared: Prepared, points: Sequence[Point], stages: int) -> tuple[Ladder, FloatArray]:
    """Thermal ladder of some states along the branch, and where along it they are."""
    config = prepared.config
    assert config.heat_capacity is not None
    if isinstance(config.substrate, SheetSection):
        time = _sheet_time(prepared, config.heat_capacity)
        return Ladder(np.array([time]), np.ones((1, 1)), 0.0), np.array([0.0])
    warm = [point for point in points if point.state.voltage > 0]
    picked = [warm[i] for i in np.unique(np.linspace(0, len(warm) - 1, _PATTERNS).astype(int))]
    substrate = build_storing(prepared.device, config.heat_capacity)[1]
    assert isinstance(substrate, TransientHalfSpace)
    assert isinstance(substrate.modes, HeatModes)
    omega, impedance = _impedances(substrate.modes, picked, prepared)
    return fit_ladder(omega, impedance, stages), np.array([point.s for point in picked])


def _sheet_time(prepared: Prepared, capacity: HeatCapacity) -> float:
    """Time in which a film on a sheet loses its heat [s]."""
    substrate = prepared.config.substrate
    assert isinstance(substrate, SheetSection)
    stored = float(capacity.film) * float(prepared.config.geometry.thickness)
    return stored / float(substrate.loss)


def _impedances(
    modes: HeatModes, points: Sequence[Point], prepared: Prepared
) -> tuple[FloatArray, ComplexArray]:
    """Frequencies [1/s], and the hottest place's response to the heat of each state, over rest."""
    geometry = prepared.config.geometry
    diffusivity = modes.conductivity / modes.capacity
    longest = max(float(geometry.length), float(geometry.width))
    slow, fast = longest**2 / diffusivity * 10, prepared.device.smallest_cell**2 / diffusivity
    omega = np.logspace(-np.log10(slow), -np.log10(fast), _FREQUENCIES)
    places = [int(point.state.fields[:, 1].argmax()) for point in points]
    heats = [point.state.unknown[:, 1].astype(complex) for point in points]
    found = []
    for rate in (0.0, *(1j * omega)):
        rise = modes.response(rate)
        found.append([rise(heat)[place] for heat, place in zip(heats, places, strict=True)])
    response: ComplexArray = np.array(found, dtype=complex).T
    return omega, response[:, 1:] / response[:, :1]
