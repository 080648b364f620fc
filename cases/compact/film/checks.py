"""Verification of a film's compact model: ngspice beside the field solution."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from mitmodels.cases.compact.comparison import (
    WARMER,
    Compared,
    Trace,
    pin_check,
    random_circuits,
    random_pulses,
)
from mitmodels.cases.compact.film.circuits import Drive, driven, jumps, sweep
from mitmodels.cases.compact.film.runs import compare_run
from mitmodels.cases.compact.film.states import BranchStates, folds, swept
from mitmodels.cases.compact.model_folder import Check
from mitmodels.checks import FloatArray
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.film import FilmModel
from mitmodels.errors import RunError
from mitmodels.solvers.runs.reading import Run

_VALUES = 40  # of the source at which currents are compared, in each direction
_CURRENT, _JUMPS, _LOADED = 0.01, 0.005, 0.01
_PINNED = f"{WARMER:g} K by the thermal pin against the parameter (over the largest current)"


@dataclass(frozen=True, eq=False)
class Sweep:
    """A quasi-static sweep of the model beside the branch.

    Attributes
    ----------
    load : float
        Between source and device [ohm].
    trace : Trace
    by_voltage : bool
        Whether the source imposes the voltage.
    drive : ndarray
        Of the source along the branch [V or A].
    answer : ndarray
        Along the branch: the current [A] of a source of voltage, else the voltage [V].
    """

    load: float
    trace: Trace
    by_voltage: bool
    drive: FloatArray
    answer: FloatArray

    @property
    def found(self) -> FloatArray:
        """What the model answers."""
        return self.trace.current if self.by_voltage else self.trace.voltage


@dataclass(frozen=True, eq=False)
class FilmChecks:
    """What was compared.

    Attributes
    ----------
    checks : sequence of Check
    sweeps : sequence of Sweep
    runs : sequence of Compared
        Films in time.
    """

    checks: Sequence[Check]
    sweeps: Sequence[Sweep]
    runs: Sequence[Compared]


def check_film(
    model: FilmModel, states: BranchStates, by_voltage: bool, runs: Sequence[Run], hot: float
) -> FilmChecks:
    """Compare sweeps, a load that was not used, the thermal pin, random circuits and runs.

    ``hot`` is the temperature [K] from which on the film counts as switched.
    """
    loads = [0.0, _other_load(model, states)] if by_voltage else [0.0]
    sweeps, compared, checks = list[Sweep](), list[Compared](), list[Check]()
    for load in loads:
        with _failing(f"sweep behind {load:g} ohm", checks):
            sweeps.append(_swept(model, states, by_voltage, load))
            checks += _sweep_checks(sweeps[-1])
    for run in runs:
        with _failing(run.path.resolve().name, checks):
            compared.append(compare_run(model, run, hot))
            checks += compared[-1].checks
    with _failing(_PINNED, checks):
        checks.append(_pin(model, float(states.drive(model.contact, by_voltage)[-1]), by_voltage))
    checks.append(random_circuits(lambda random: _solve_random(random, model, states)))
    return FilmChecks(checks, sweeps, compared)


@contextmanager
def _failing(name: str, checks: list[Check]) -> Iterator[None]:
    """Make what ngspice cannot solve a check that fails, with the reason."""
    try:
        yield
    except RunError as error:
        checks.append(Check(name, "", None, None, None, 0.0, str(error)))


def _other_load(model: FilmModel, states: BranchStates) -> float:
    """Load that no table knows of [ohm]: half of the device at its fold, to one digit."""
    drive = states.drive(model.contact, by_voltage=True)
    fold = folds(drive)[0] or float(drive.max())
    half = fold / float(states.current[np.argmax(drive >= fold)]) / 2
    return float(f"{half:.1g}")


def _swept(model: FilmModel, states: BranchStates, by_voltage: bool, load: float) -> Sweep:
    drive = states.drive(model.contact + load, by_voltage)
    source = sweep(model, float(drive[-1]), by_voltage, folds(drive))
    device = states.drive(model.contact, by_voltage=True)
    answer = states.current if by_voltage else device
    return Sweep(load, driven(model, source, SeriesCircuit(load)), by_voltage, drive, answer)


def _sweep_checks(found: Sweep) -> list[Check]:
    """Answers at values of the source and jumps; behind another load the jumps alone."""
    behind = f" (behind {found.load:g} ohm)" if found.load else ""
    field = folds(found.drive)
    names = ("jump of the up sweep", "jump of the down sweep")
    checks = [
        Check.ratio(f"{name}{behind}", "", model, expected, _LOADED if behind else _JUMPS)
        for name, model, expected in zip(names, jumps(found.trace), field, strict=True)
        if model is not None or expected is not None
    ]
    if behind:
        return checks
    return [_answers(found, upward, field[0 if upward else 1]) for upward in (True, False)] + checks


def _answers(found: Sweep, upward: bool, jump: float | None) -> Check:
    """Largest error at values of the source, but for those within the error of a jump."""
    peak = float(found.drive[-1])
    at = np.linspace(0, peak, _VALUES + 2)[1:-1]
    if jump is not None:
        at = at[np.abs(at / jump - 1) > _JUMPS]
    turn = int(np.argmax(found.trace.source))
    way = slice(0, turn + 1) if upward else slice(None, turn - 1, -1)
    model = np.interp(at, found.trace.source[way], found.found[way])
    field = swept(found.drive, found.answer, at, upward)
    worst = int(np.argmax(np.abs(model / field - 1)))
    quantity, unit = ("current", "A") if found.by_voltage else ("voltage", "V")
    name = f"{quantity} of the {'up' if upward else 'down'} sweep (worst of {len(at)})"
    return Check.ratio(name, unit, float(model[worst]), float(field[worst]), _CURRENT)


def _pin(model: FilmModel, peak: float, by_voltage: bool) -> Check:
    """Ambient by the thermal pin against ambient by the parameter."""
    drive = sweep(model, peak, by_voltage)
    by_pin = driven(model, drive, SeriesCircuit(), pin=WARMER)
    parameter = f"ambient={model.ambient + WARMER:.12g}"
    by_parameter = driven(model, drive, SeriesCircuit(), parameter)
    return pin_check(_PINNED, by_pin, by_parameter)


def _solve_random(random: np.random.Generator, model: FilmModel, states: BranchStates) -> None:
    drive, circuit = random_circuit(random, model, states)
    driven(model, drive, circuit, options="", points=200)


def random_circuit(
    random: np.random.Generator, model: FilmModel, states: BranchStates
) -> tuple[Drive, SeriesCircuit]:
    """A source of voltage with pulses, load and capacitance, of any size that the model knows."""
    cold = float(states.voltage[-1] / states.current[-1])
    load = float(states.voltage.max() / states.current.max() * 10 ** random.uniform(-2, 1))
    time = float(10 ** random.uniform(*np.log10([model.times[0], model.slowest])))
    capacitance = time / max(load, cold) * 10 ** random.uniform(-2, 0)
    peak = float(states.drive(model.contact + load, by_voltage=True).max())
    corners = random_pulses(random, time, lambda: peak * float(random.uniform(0, 1)))
    has_capacitor = bool(random.integers(0, 2))
    circuit = SeriesCircuit(load, capacitance=capacitance if has_capacitor else 0.0)
    return Drive(corners, by_voltage=True), circuit
