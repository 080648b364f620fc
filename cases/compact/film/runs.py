"""Films in time beside their compact model: switching in pulses, and oscillation."""

from dataclasses import dataclass
from math import inf

import numpy as np

from mitmodels.cases.compact.comparison import (
    Compared,
    Corners,
    Trace,
    trace_of,
    values_of,
)
from mitmodels.cases.compact.film.circuits import Drive, driven
from mitmodels.cases.compact.model_folder import Check
from mitmodels.cases.config.document import load_config
from mitmodels.cases.config.protocol import build_protocol
from mitmodels.cases.film.config import TransientConfig
from mitmodels.cases.registry import load_run
from mitmodels.checks import FloatArray
from mitmodels.compact import spice
from mitmodels.compact.film import FilmModel
from mitmodels.drive.oscillation import Oscillation, Sample
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Pulse
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import Run

_DELAY, _ENERGY, _FACTOR, _PERIOD = 0.1, 0.15, 2.0, 0.15
_SAME = ("geometry", "film", "substrate", "contact", "ambient")
_PERIODS = 3  # of the model, that are looked at


def check_same(run: Run, other: Run) -> None:
    """Refuse a run of another device than the model's.

    Raises
    ------
    InputError
        If a section differs.
    """
    for section in _SAME:
        ours, theirs = (values_of(each, section) for each in (run, other))
        keys = ours.keys() & theirs.keys()  # those of films in time are more
        if any(ours[key] != theirs[key] for key in keys):
            raise InputError(
                f"{other.path}: its {section} is not that of {run.path}: give a run of the same "
                "device"
            )


def compare_run(model: FilmModel, run: Run, hot: float) -> Compared:
    """Solve the model under the drive of a run and in its circuit, and compare both.

    ``hot`` is the temperature [K] from which on the film counts as switched.

    Raises
    ------
    InputError
        If it is not a film in time.
    RunError
        If ngspice does not come to the end.
    """
    load_run(run.path, "film_transient")
    config = load_config(run.path / "config.resolved.toml", (), TransientConfig)
    circuit, protocol = config.circuit.series, build_protocol(config.protocol)
    field = trace_of(run, "V_device")
    corners = _until(spice.corners(protocol.waveforms()), float(field.time[-1]))
    drive = Drive(corners, protocol.drive == "voltage")
    found = driven(model, drive, circuit)
    name = run.path.resolve().name
    pulsed = any(isinstance(step, Pulse) for step in protocol.unrolled())
    expected = run.summary.get("period", {}).get("value") or (None if pulsed else period(field))
    if circuit.stores and expected:
        checks = _oscillation_checks(name, expected, field, found)
    elif pulsed:
        checks = _switching_checks(name, protocol, field, found, hot)
    else:
        checks = _ramp_checks(name, drive, field, found, hot)
    return Compared(name, field, found, checks)


def _until(corners: Corners, stop: float) -> Corners:
    """Corners up to a time [s]."""
    times, values = np.array(corners).T
    if stop >= times[-1]:
        return corners
    before = [corner for corner in corners if corner[0] < stop]
    return [*before, (stop, float(np.interp(stop, times, values)))]


@dataclass(frozen=True)
class Switched:
    """Delay [s] and energies [J] of a pulse, recovery [s] behind it; None for what is not."""

    delay: float | None = None
    switching_energy: float | None = None
    pulse_energy: float | None = None
    recovery: float | None = None


def switched(protocol: Protocol, trace: Trace, hot: float) -> Switched:
    """Read the first pulse in which the film gets hot [K], as the summary of a run does."""
    pulses = zip(protocol.unrolled(), protocol.waveforms(), strict=True)
    rises, falls = _crossings(trace, hot, 1), _crossings(trace, hot, -1)
    for drive in (drive for step, drive in pulses if isinstance(step, Pulse)):
        begin, top, left, back = drive.times[:4]
        inside = rises[(rises > begin) & (rises < drive.stop)]
        if not inside.size:
            continue
        at = np.interp([begin, inside[0], drive.stop], trace.time, trace.energy)
        later = falls[falls > inside[0]]
        return Switched(
            float(inside[0]) - (begin + top) / 2,
            float(at[1] - at[0]),
            float(at[2] - at[0]),
            float(later[0]) - (left + back) / 2 if later.size else None,
        )
    return Switched()


def _crossings(trace: Trace, hot: float, way: int) -> FloatArray:
    """Times [s] at which the hottest temperature comes to a value, upwards or downwards."""
    T = way * (trace.hottest - hot)
    at = np.flatnonzero((T[:-1] < 0) & (T[1:] >= 0))
    part = T[at] / (T[at] - T[at + 1])
    return np.asarray(trace.time[at] + part * (trace.time[at + 1] - trace.time[at]))


def _switching_checks(
    name: str, protocol: Protocol, field: Trace, found: Trace, hot: float
) -> list[Check]:
    expected, model = switched(protocol, field, hot), switched(protocol, found, hot)
    compared = (
        ("delay of the switching", "s", model.delay, expected.delay, _DELAY),
        ("energy up to it", "J", model.switching_energy, expected.switching_energy, _ENERGY),
        ("energy of the pulse", "J", model.pulse_energy, expected.pulse_energy, _ENERGY),
    )
    checks = [
        Check.ratio(f"{name}: {words}", unit, ours, theirs, tolerance)
        for words, unit, ours, theirs, tolerance in compared
    ]
    rises = (float(trace.hottest.max() - trace.hottest[0]) for trace in (found, field))
    checks.append(_factor(f"{name}: largest rise of the temperature", "K", *rises))
    if expected.recovery is not None or model.recovery is not None:
        checks.append(_factor(f"{name}: recovery", "s", model.recovery, expected.recovery))
    return checks


def _ramp_checks(name: str, drive: Drive, field: Trace, found: Trace, hot: float) -> list[Check]:
    """Source at which the film gets hot and cold again, and resistance where it is largest."""
    times, values = np.array(drive.corners).T
    unit = "V" if drive.by_voltage else "A"

    def at(crossings: FloatArray, which: int) -> float | None:
        return float(np.interp(crossings[which], times, values)) if crossings.size else None

    def resistance(trace: Trace) -> float:
        top = float(times[np.argmax(np.abs(values))])
        V, current = (np.interp(top, trace.time, y) for y in (trace.voltage, trace.current))
        return float(V / current)

    checks = []
    for words, way, which in (("gets hot", 1, 0), ("is cold again", -1, -1)):
        ours, theirs = (at(_crossings(trace, hot, way), which) for trace in (found, field))
        if ours is not None or theirs is not None:
            words = f"{name}: source when it {words}"
            checks.append(Check.ratio(words, unit, ours, theirs, _DELAY))
    words = f"{name}: resistance at the largest source"
    return [*checks, Check.ratio(words, "ohm", resistance(found), resistance(field), _ENERGY)]


def _factor(name: str, unit: str, model: float | None, field: float | None) -> Check:
    """Check that holds within a factor; its error is that of the larger over the smaller."""
    if model is None or field is None:
        return Check.ratio(name, unit, model, field, _FACTOR - 1)
    error = max(model / field, field / model) - 1
    return Check(f"{name} (a factor less one)", unit, model, field, error, _FACTOR - 1)


def _oscillation_checks(name: str, expected: float, field: Trace, found: Trace) -> list[Check]:
    current = float(found.current.max()), float(field.current.max())
    hottest = float(found.hottest.max()), float(field.hottest.max())
    return [
        Check.ratio(f"{name}: period", "s", period(found), expected, _PERIOD),
        Check.ratio(f"{name}: largest current", "A", current[0], current[1], None),
        Check.ratio(f"{name}: largest temperature", "K", hottest[0], hottest[1], None),
    ]


def period(trace: Trace) -> float | None:
    """Mean of the last periods of the device's voltage [s]; None if there are too few."""
    found = Oscillation(_PERIODS, inf)
    rates, energy = np.gradient(trace.voltage, trace.time), trace.energy
    for values in zip(trace.time, trace.voltage, rates, energy, strict=True):
        found.add(Sample(*map(float, values)))
    cycles = found.cycles[-_PERIODS:]
    if len(cycles) < _PERIODS:
        return None
    return float(np.mean([cycle.period for cycle in cycles]))
