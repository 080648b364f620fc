"""A metal-to-insulator film in time, under a source of voltage or current: ramps and pulses."""

import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import numpy as np

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film.device import mesh
from mitmodels.cases.film.sections import wall_warning
from mitmodels.cases.film.steady_config import READINGS
from mitmodels.cases.film.transient_config import Config, Prepared, build_stepper, check, prepare
from mitmodels.cases.registry import Case
from mitmodels.drive.protocol import Pulse, SingleStep
from mitmodels.solvers.film.conditions import Limited
from mitmodels.solvers.film.fields import FilmFields
from mitmodels.solvers.film.moment_checkpoint import LAYOUT, MomentCheckpoint
from mitmodels.solvers.film.time_stepping import Course, Instant, evolve
from mitmodels.solvers.film.tr_bdf2 import Moment, Stepper
from mitmodels.solvers.runs.checkpoints import Content
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.reading import Run

_LOG = logging.getLogger(__name__)

IV = {"t": "s", **READINGS, "energy": "J"}
EVENTS = {"t": "s", "event": "", "V_source": "V", "I": "A", "detail": ""}
_SIZES = ("iv_size", "events_size", "elapsed")
KEPT = (*LAYOUT, *IV, *EVENTS, "place", "names", "values", "fields", "ended", *_SIZES)
NUCLEATES, FULL, EXTINGUISHED = "barrier nucleates", "barrier full", "barrier extinguished"
COMPLIANCE, RELEASED = "compliance", "compliance released"
OVERVOLTAGE, OVERHEATED = "voltage compliance", "maximum temperature"
_UNTIL = "step ended:"
_FIELDS = {NUCLEATES: "nucleated", FULL: "full", EXTINGUISHED: "extinguished"}


@dataclass(frozen=True)
class Place:
    """Where in the protocol a run is: number of the step, and what was at its beginning.

    Time [s], drive [V or A] and the work [J] that the source had put into the device.
    """

    number: int = 0
    time: float = 0.0
    value: float = 0.0
    work: float = 0.0


@dataclass(frozen=True, eq=False)
class Found:
    """An instant, where in the protocol it is, and the value of the drive [V or A]."""

    place: Place
    step: SingleStep
    value: float
    instant: Instant

    @property
    def last(self) -> bool:
        """Whether a limit ends the run here."""
        return any(event in (OVERVOLTAGE, OVERHEATED) for event in self.instant.events)


def follow(prepared: Prepared, stepper: Stepper, place: Place, begin: Instant) -> Iterator[Found]:
    """Follow the protocol from an instant within one of its steps.

    Yields
    ------
    Found
        Every accepted step, the last one at the end of the protocol or where a limit ended it.
    """
    instant = begin
    for number, step in enumerate(prepared.protocol.unrolled()):
        if number < place.number:
            continue
        course = _course(prepared, stepper, step, place)
        for after in evolve(stepper, instant, course):
            instant = after
            found = Found(place, step, course.drive(instant.moment.time), instant)
            yield found
            if found.last:
                return
            if any(event.startswith(_UNTIL) for event in instant.events):
                break
        moment = instant.moment
        place = Place(number + 1, moment.time, course.drive(moment.time), moment.work)


def _course(prepared: Prepared, stepper: Stepper, step: SingleStep, place: Place) -> Course:
    scale = stepper.newton.film.voltage_scale
    if prepared.protocol.drive == "current":
        scale = stepper.newton.film.power_scale / scale
    drive = prepared.waveform(step, place.time, place.value)

    def margins(moment: Moment) -> dict[str, float]:
        return _margins(prepared, step, place, moment) | limited(moment)

    def limited(moment: Moment) -> dict[str, float]:
        condition = prepared.condition(drive(moment.time), scale)
        if not isinstance(condition, Limited):
            return {}
        excess = condition.excess(moment.state.voltage, moment.state.current)
        return {COMPLIANCE: excess, RELEASED: -excess}

    return Course(drive, lambda t: prepared.condition(drive(t), scale), margins, prepared.lengths())


def _margins(
    prepared: Prepared, step: SingleStep, place: Place, moment: Moment
) -> dict[str, float]:
    """What is negative before an event and not behind it."""
    reading, config = moment.state.reading, prepared.config
    hot = float(config.film.barrier_temperature)
    observed = {
        "V": reading.V_device,
        "I": reading.I,
        "T_max": reading.T_max,
        "time": moment.time - place.time,
    }
    margins = {
        NUCLEATES: reading.T_max / hot - 1,
        EXTINGUISHED: 1 - reading.T_max / hot,
        FULL: reading.T_edge / hot - 1,
    }
    if config.limits.voltage:
        margins[OVERVOLTAGE] = reading.V_device / float(config.limits.voltage) - 1
    if config.limits.temperature:
        margins[OVERHEATED] = reading.T_max / float(config.limits.temperature) - 1
    for until in step.until:
        sign = 1 if until.relation == ">" else -1
        excess = sign * (observed[until.quantity] - until.limit) / (abs(until.limit) or 1.0)
        margins[f"{_UNTIL} {until.quantity} {until.relation} {until.limit:g}"] = excess
    return margins


def note(values: dict[str, float], found: Found) -> None:
    """Take an instant into account in what the summary says.

    Delay and recovery count from the middle of the flanks of the pulse in which the barrier
    nucleates, energies from its beginning.
    """
    moment, place, step = found.instant.moment, found.place, found.step
    reading = moment.state.reading
    largest = {"T_max": reading.T_max, "I_max": reading.I, "d_max": reading.barrier_width}
    values |= {name: max(value, values.get(name, 0.0)) for name, value in largest.items()}
    values["energy"] = moment.work
    values["steps"] = values.get("steps", 0.0) + 1
    values["rejected_steps"] = values.get("rejected_steps", 0.0) + len(found.instant.rejected)
    for event in found.instant.events:
        name = _FIELDS.get(event, "")
        if name and f"t_{name}" not in values:
            values |= {f"t_{name}": moment.time, f"V_{name}": reading.V_device}
            values[f"I_{name}"] = reading.I
            if event == NUCLEATES and isinstance(step, Pulse):
                fall = step.rise if step.fall is None else step.fall
                values["pulse"] = place.number
                values["pulse_fall"] = place.time + step.rise + step.width + fall / 2
                values["switching_delay"] = moment.time - place.time - step.rise / 2
                values["switching_energy"] = moment.work - place.work
            if event == EXTINGUISHED and "pulse_fall" in values:
                values["recovery_time"] = moment.time - values["pulse_fall"]
    if values.get("pulse") == place.number:
        values["pulse_energy"] = moment.work - place.work


_UNITS = {
    "t_nucleated": "s",
    "V_nucleated": "V",
    "I_nucleated": "A",
    "switching_delay": "s",
    "switching_energy": "J",
    "pulse_energy": "J",
    "t_full": "s",
    "V_full": "V",
    "t_extinguished": "s",
    "V_extinguished": "V",
    "I_extinguished": "A",
    "recovery_time": "s",
    "T_max": "K",
    "I_max": "A",
    "d_max": "m",
    "energy": "J",
    "steps": "",
    "rejected_steps": "",
}


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Follow the protocol and write tables, fields and summary into the run folder.

    Raises
    ------
    RunError
        If no step succeeds any more; what was found so far is on disk.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    begin = time.perf_counter() - float(earlier.get("elapsed", 0.0))
    stepper = build_stepper(prepared.config, prepared.device)
    _LOG.info("substrate and film assembled after %.1f s", time.perf_counter() - begin)
    recorder = _Recorder(prepared, stepper, folder, earlier, begin)
    place, instant = recorder.begin(earlier)
    recorder.note_passed_over(instant, checkpoints.passed_over)
    total = prepared.protocol.duration
    with checkpoints, progress.stage("time", total=total, unit="s") as stage:
        for found in () if recorder.ended else follow(prepared, stepper, place, instant):
            recorder.add(found)
            checkpoints.offer(lambda: recorder.content(found))  # noqa: B023
            reading = found.instant.moment.state.reading
            detail = f"I = {reading.I * 1e3:.3f} mA, T = {reading.T_max:.0f} K"
            stage.update(found.instant.moment.time, detail)
    recorder.close()


class _Recorder:
    """Writes what a run finds while it goes on."""

    def __init__(
        self,
        prepared: Prepared,
        stepper: Stepper,
        folder: RunFolder,
        earlier: Content,
        begin: float,
    ) -> None:
        self.prepared, self.stepper, self.folder = prepared, stepper, folder
        self._begin = begin
        self._iv = folder.table("iv", IV, int(earlier.get("iv_size", 0)))
        self._events = folder.table("events", EVENTS, int(earlier.get("events_size", 0)))
        names = [str(name) for name in earlier.get("fields", ())]
        self._fields = FilmFields(stepper.newton.film, folder.fields, names)
        self._packer = MomentCheckpoint(stepper)
        self._values = dict(
            zip(
                map(str, earlier.get("names", ())),
                map(float, earlier.get("values", ())),
                strict=True,
            )
        )
        self.ended = str(earlier.get("ended", ""))

    def begin(self, earlier: Content) -> tuple[Place, Instant]:
        """Where the run begins or goes on."""
        if earlier:
            number, *rest = earlier["place"]
            instant = self._packer.unpack(earlier)
            _LOG.info("going on from %.6g s", instant.moment.time)
            return Place(int(number), *map(float, rest)), instant
        place = Place(value=self.prepared.protocol.start)
        film = self.stepper.newton.film
        condition = self.prepared.condition(place.value, film.voltage_scale)
        instant = Instant(self.stepper.rest(lambda _: condition), 0.0, 0.0)
        self._iv.append(self._row(instant.moment))
        warning = wall_warning(self.prepared.config)
        if warning:
            self._warn(instant.moment, warning)
        self._check_ranges(instant.moment, {})
        return place, instant

    def note_passed_over(self, instant: Instant, sentences: Sequence[str]) -> None:
        """Write down which checkpoints were not used."""
        for sentence in sentences:
            self._events.append(self._event(instant.moment, "warning", sentence))

    def add(self, found: Found) -> None:
        """Record an instant."""
        moment = found.instant.moment
        self._iv.append(self._row(moment))
        ambient = float(self.prepared.config.ambient.temperature)
        self._check_ranges(moment, {"K": self._values.get("T_max", ambient)})
        for rejected in found.instant.rejected:
            detail = f"{rejected.duration:.3g} s: {rejected.reason}"
            self._events.append(self._event(moment, "rejected step", detail, rejected.time))
        for event in found.instant.events:
            name, _, detail = event.partition(":")
            self._events.append(self._event(moment, name, detail.strip()))
            if event in _FIELDS:
                self._store(moment, _FIELDS[event])
        for t in self.prepared.config.output.fields_at.t:
            if moment.time == t:
                self._store(moment, f"t={float(t) * 1e6:g}us")
        note(self._values, found)
        if found.last:
            self.ended = next(e for e in found.instant.events if e in (OVERVOLTAGE, OVERHEATED))
            _LOG.warning("the run ends at %.6g s: %s", moment.time, self.ended)

    def content(self, found: Found) -> Content:
        """What a run needs to go on after an instant."""
        return {
            **self._packer.pack(found.instant),
            "place": np.array(astuple(found.place)),
            "names": np.array(list(self._values)),
            "values": np.array(list(self._values.values())),
            "fields": np.array(self._fields.written, dtype=str),
            "ended": np.array(self.ended),
            "iv_size": np.array(self._iv.sync()),
            "events_size": np.array(self._events.sync()),
            "elapsed": np.array(time.perf_counter() - self._begin),
        }

    def close(self) -> None:
        """Write the summary."""
        values = self._values
        summary: dict[str, tuple[Value, str]] = {
            name: (values[name], unit) for name, unit in _UNITS.items() if name in values
        }
        summary["end"] = (self.ended or "end of the protocol", "")
        summary["unknowns"] = (2 * self.prepared.device.nodes, "")
        summary["newton_iterations"] = (self.stepper.newton.iterations, "")
        summary["wall_time"] = (time.perf_counter() - self._begin, "s")
        self.folder.write_summary(summary)

    def _store(self, moment: Moment, name: str) -> None:
        """Write the fields, those of a second barrier under a number."""
        count = sum(known.partition("-")[0] == name for known in self._fields.written)
        self.stepper.newton.show(moment.state)
        self._fields.write(f"{name}-{count + 1}" if count else name)
        self._events.append(self._event(moment, "fields", self._fields.written[-1]))

    def _check_ranges(self, moment: Moment, before: dict[str, float]) -> None:
        now = {"K": moment.state.reading.T_max}
        for sentence in left_ranges(self.prepared.config, before, now):
            self._warn(moment, sentence)

    def _warn(self, moment: Moment, sentence: str) -> None:
        _LOG.warning(sentence)
        self._events.append(self._event(moment, "warning", sentence))

    def _row(self, moment: Moment) -> dict[str, Value]:
        reading = asdict(moment.state.reading)
        source = reading["V_device"] + self.prepared.load * reading["I"]
        return {"t": moment.time, "V_source": source, **reading, "energy": moment.work}

    def _event(
        self, moment: Moment, name: str, detail: str = "", at: float | None = None
    ) -> dict[str, Value]:
        reading = moment.state.reading
        source = reading.V_device + self.prepared.load * reading.I
        t = moment.time if at is None else at
        return {"t": t, "event": name, "V_source": source, "I": reading.I, "detail": detail}


def plot(run: Run) -> list[Path]:
    """Draw a run; imports the figures only then."""
    from mitmodels.cases.film.figures.transient import plot

    return plot(run)


CASE = Case(Config, prepare, check, run, plot, mesh=mesh)
