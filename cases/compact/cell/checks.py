"""Verification of a cell's compact model: ngspice beside the field solution."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, log10

import numpy as np

from mitmodels.cases.cell.sections import Config
from mitmodels.cases.compact.cell.circuits import corners_of, solve_cell, solve_pair
from mitmodels.cases.compact.comparison import (
    WARMER,
    Compared,
    Corners,
    Trace,
    pin_check,
    random_circuits,
    random_pulses,
    trace_of,
    values_of,
)
from mitmodels.cases.compact.model_folder import Check
from mitmodels.cases.config.document import load_config
from mitmodels.cases.registry import load_run
from mitmodels.circuit import SeriesCircuit
from mitmodels.compact.cell import CompactCell
from mitmodels.compact.spice import number
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import Run

_TIME, _RESISTANCE = 0.05, 0.15  # of other runs; those of the growth itself:
_OWN_TIME, _OWN_RESISTANCE = 0.01, 0.02
_LIMITED, _OPEN = 0.95, 10.0  # of the compliance; resistance over that before a RESET
_SIZES = ((2, 7), (-8, -2.5), (-16, -9))  # log10 of ohm, A, F
_SAME = (
    "geometry", "void", "kinetics", "hopping", "barrier", "tunnel", "filament", "counter", "oxide",
)  # fmt: skip
_PEAK, _WINDOWS = 1.5, 2.0  # of a pair: largest voltage over that of the run; windows of a loop
_OPENED = 0.1  # of the largest current, in a window


@dataclass(frozen=True, eq=False)
class CellChecks:
    """What was compared: runs, a pair of cells, and all checks."""

    runs: Sequence[Compared]
    pair: Trace
    checks: Sequence[Check]


def check_cell(cell: CompactCell, own: Run, others: Sequence[Run]) -> CellChecks:
    """Compare with the run of the growth and others; thermal pin, pair, random circuits.

    Raises
    ------
    InputError
        If another run is of another cell.
    """
    for run in others:
        _check_same(own, run)
    compared = [compare_run(cell, own, own=True), *(compare_run(cell, run) for run in others)]
    peak = _PEAK * float(np.abs(compared[0].field.source).max())
    pair, found = _pair(cell, compared[0], peak)
    checks = [check for each in compared for check in each.checks]
    checks += [_pin(cell, compared[0], own), found]
    checks.append(random_circuits(lambda random: _solve_random(random, cell)))
    return CellChecks(compared, pair, checks)


def _check_same(run: Run, other: Run) -> None:
    """Refuse a run of another cell; its ambient temperature may be another one."""
    load_run(other.path, "cell")
    for section in _SAME:
        if values_of(run, section) != values_of(other, section):
            raise InputError(
                f"{other.path}: its {section} is not that of {run.path}: give a run of the same "
                "cell"
            )


def circuit_of(run: Run) -> SeriesCircuit:
    """Return the circuit of a run."""
    return load_config(run.path / "config.toml", [], Config).circuit.series


def compare_run(cell: CompactCell, run: Run, *, own: bool = False) -> Compared:
    """Solve the model under the source of a run, in its circuit and at its ambient temperature."""
    field, circuit = trace_of(run, "V_cell"), circuit_of(run)
    ambient = f"ambient={number(run.si('heat', 'ambient'))}"
    model = solve_cell(cell, corners_of(field.time, field.source), circuit, ambient)
    name = run.path.resolve().name
    within = (_OWN_TIME, _OWN_RESISTANCE) if own else (_TIME, _RESISTANCE)
    return Compared(name, field, model, _run_checks(name, field, model, circuit.limit, within))


def _run_checks(
    name: str, field: Trace, model: Trace, limit: float, within: tuple[float, float]
) -> list[Check]:
    set_times = set_time(model, limit), set_time(field, limit)
    checks = [_decades(f"{name}: log10 of the time of SET", *set_times, within[0])]
    resistances = resistance(model), resistance(field)
    words = f"{name}: resistance behind it"
    checks.append(Check.ratio(words, "ohm", *resistances, within[1]))
    hottest = float(model.hottest.max()), float(field.hottest.max())
    checks.append(Check.ratio(f"{name}: largest temperature", "K", *hottest, None))
    if field.source.min() < 0:
        largest = float(-model.current.min()), float(-field.current.min())
        checks.append(Check.ratio(f"{name}: largest current of RESET", "A", *largest, None))
        opened = open_voltage(model), open_voltage(field)
        words = f"{name}: voltage of RESET to {_OPEN:g} times the resistance"
        checks.append(Check.ratio(words, "V", *opened, None))
    return checks


def _decades(name: str, model: float | None, field: float | None, tolerance: float) -> Check:
    """Check of a time by the difference of its logarithm."""
    if model is None or field is None:
        return Check.ratio(name, "s", model, field, tolerance)
    return Check(name, "s", model, field, log10(model / field), tolerance)


def set_time(trace: Trace, limit: float) -> float | None:
    """Time at which the current comes to 95 % of the compliance, or to a microampere [s]."""
    wanted = _LIMITED * limit if limit < inf else 1e-6
    after = int(np.argmax(trace.current >= wanted))
    if trace.current[after] < wanted or after == 0:
        return None
    ends = trace.current[after - 1 : after + 1]
    return float(np.interp(wanted, ends, trace.time[after - 1 : after + 1]))


def _forward(trace: Trace) -> int:
    """Last point of the first time that the source is noticeably positive."""
    on = trace.source > 0.05 * np.abs(trace.source).max()
    begin = int(np.argmax(on))
    ends = np.flatnonzero(~on[begin:])
    return begin + int(ends[0]) - 1 if ends.size else len(on) - 1


def resistance(trace: Trace) -> float | None:
    """Resistance when a SET is over [ohm]: at the end, or before the source comes to zero."""
    last = _forward(trace)
    return float(trace.voltage[last] / trace.current[last]) if trace.current[last] > 0 else None


def open_voltage(trace: Trace) -> float | None:
    """Negative voltage of the source at which the resistance is ten times that behind SET [V]."""
    before, last = resistance(trace), _forward(trace)
    if before is None:
        return None
    way = np.flatnonzero((trace.source < 0) & (np.arange(len(trace.source)) > last))
    R = np.abs(trace.voltage[way] / np.where(trace.current[way] == 0, 1e-300, trace.current[way]))
    opened = np.flatnonzero(_OPEN * before < R)
    return float(trace.source[way[opened[0]]]) if opened.size else None


def _pin(cell: CompactCell, plain: Compared, run: Run) -> Check:
    """Ambient by the thermal pin against ambient by the parameter."""
    corners, circuit = corners_of(plain.field.time, plain.field.source), circuit_of(run)
    by_pin = solve_cell(cell, corners, circuit, pin=WARMER)
    by_parameter = solve_cell(cell, corners, circuit, f"ambient={number(cell.ambient + WARMER)}")
    name = f"{WARMER:g} K by the thermal pin against the parameter over the largest current"
    return pin_check(name, by_pin, by_parameter)


def _pair(cell: CompactCell, own: Compared, peak: float) -> tuple[Trace, Check]:
    """A pair back to back: how many windows of current a loop of the source has."""
    ramp = float(own.field.time[np.argmax(own.field.source)] / own.field.source.max())
    loop = np.array([0, 1, 3, 5, 7, 8]) * peak * ramp
    corners = list(
        zip(loop.tolist(), (peak * np.array([0, 1, -1, 1, -1, 0])).tolist(), strict=True)
    )
    grown = np.linspace(cell.ends[0], 0.0, 4000)
    conductance = cell.conductance(grown, 0.1)
    load = float(f"{10 / conductance[-1]:.1g}")
    start = float(grown[np.argmax(conductance >= 1 / load)])
    trace = solve_pair(cell, corners, load, start)
    name = f"windows of current in a loop of an anti-serial pair behind {load:g} ohm"
    found = windows(trace, float(loop[2]), float(loop[4]))
    return trace, Check(name, "", found, _WINDOWS, found / _WINDOWS - 1, 0.0)


def windows(trace: Trace, begin: float, end: float) -> int:
    """Windows of the source, one of either sign, in which a pair conducts between two times [s].

    A window has an end: at the largest voltage of its sign the pair passes less than a tenth.
    """
    inside = (trace.time >= begin) & (trace.time <= end)
    count = 0
    for sign in (1, -1):
        source, current = sign * trace.source[inside], sign * trace.current[inside]
        opens = float(current.max()) > _OPENED * float(np.abs(trace.current[inside]).max())
        count += opens and bool(current[int(np.argmax(source))] < _OPENED * current.max())
    return count


def _solve_random(random: np.random.Generator, cell: CompactCell) -> None:
    corners, circuit, start = random_circuit(random, cell)
    solve_cell(cell, corners, circuit, f"start={start:.6g}", options="", points=200)


def random_circuit(
    random: np.random.Generator, cell: CompactCell
) -> tuple[Corners, SeriesCircuit, float]:
    """Pulses of a microsecond to ten seconds, load, compliance and capacitor; a position."""
    time = float(10 ** random.uniform(-6, 1))
    corners = random_pulses(random, time, lambda: float(random.uniform(*cell.reach)))
    load, limit, capacitance = (10 ** random.uniform(low, high) for low, high in _SIZES)
    with_load, with_limit, with_capacitor = random.integers(0, 2, 3)
    circuit = SeriesCircuit(
        load=float(load) if with_load else 0.0,
        limit=float(limit) if with_limit else inf,
        softness=0.05,
        capacitance=float(capacitance) if with_capacitor else 0.0,
    )
    return corners, circuit, float(random.uniform(cell.ends[0], 0.0))
