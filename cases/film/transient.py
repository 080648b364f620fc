"""A metal-to-insulator film in time, under a source of voltage or current: ramps and pulses."""

import logging
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film.crossings import ending, observables, own_crossings
from mitmodels.cases.film.device import mesh
from mitmodels.cases.film.forecast import caught_wall, warnings
from mitmodels.cases.film.laws.ambient_history import write_history
from mitmodels.cases.film.switching import (
    IN_TIME,
    STORED,
    Accepted,
    note,
    unread,
)
from mitmodels.cases.film.transient_config import Config, Prepared, build_stepper, check, prepare
from mitmodels.cases.registry import Case
from mitmodels.cases.runs.further_columns import further_columns
from mitmodels.cases.runs.oscillation import PERIOD, OscillationRecord
from mitmodels.cases.runs.record import KEPT as RECORDED
from mitmodels.cases.runs.record import Record
from mitmodels.drive import following
from mitmodels.drive.following import FIELDS, READ, Position, Segment, expected
from mitmodels.drive.oscillation import Sample
from mitmodels.film.observables import FILM_IN_CIRCUIT
from mitmodels.solvers.film.checkpoint import TRANSIENT_LAYOUT, TransientCheckpoint
from mitmodels.solvers.film.fields import FilmFields
from mitmodels.solvers.film.readout import steepest, temperatures_at
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.time_stepping import Course, TimeStep, advance
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, TransientState
from mitmodels.solvers.runs.checkpoints import Content
from mitmodels.solvers.runs.files import Entry, Value
from mitmodels.solvers.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)

READS = {"t": "t", "V": "V_device", "I": "I", "R": "R", "T_max": "T_max"}
EVENTS = {"t": "s", "event": "", "V_source": "V", "I": "A", "detail": ""}
_OWN = ("position", "passed", "names", "values", "fields", "ended", "oscillation")
_CAUGHT = "resistivities of an element that caught a wall"
KEPT = (*TRANSIENT_LAYOUT, *FILM_IN_CIRCUIT.units, *EVENTS, *_OWN, *RECORDED)


def follow(
    prepared: Prepared, stepper: Stepper, position: Position, begin: TimeStep
) -> Iterator[Accepted]:
    """Follow the protocol from a time step within it.

    Yields
    ------
    Accepted
        Every accepted time step, the last one at the end of the protocol or where a limit ended it.
    """
    shown, fields = observables(prepared), prepared.fields
    parts = prepared.config.numerics.parts

    def march(segment: Segment[TransientState], before: TimeStep) -> TimeStep:
        def source(t: float) -> Source:
            return prepared.source(segment.drive(t), stepper.scales)

        crossings = (*own_crossings(prepared, shown, source), *segment.crossings)
        return advance(stepper, before, Course(segment.drive, source, crossings, parts))

    steps = following.follow(prepared.protocol, shown, fields, position, begin, march)
    for accepted in steps:
        yield accepted
        if ending(prepared, accepted):
            return


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Follow the protocol and write tables, fields and summary into the run folder.

    Raises
    ------
    RunError
        If no step succeeds any more; what was found so far is on disk.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    reads = READS if prepared.protocol.reads else None
    waited = expected(prepared.protocol, prepared.shown, prepared.fields)
    columns, derived = further_columns(prepared.config.output, prepared.shown.units)
    record = Record(folder, columns, EVENTS, earlier, waited, reads, derived)
    stepper = build_stepper(prepared.config, prepared.device)
    _LOG.info("substrate and film assembled after %.1f s", record.elapsed)
    recorder = Recorder(prepared, stepper, folder, record, earlier)
    position, begin = recorder.begin(earlier, checkpoints.passed_over)
    total = prepared.protocol.duration
    with checkpoints, progress.stage("time", total=total, unit="s") as stage:
        for accepted in () if recorder.ended else follow(prepared, stepper, position, begin):
            recorder.add(accepted)
            checkpoints.offer(lambda: recorder.content(accepted.position, accepted.point))  # noqa: B023
            reading = accepted.point.state.state.reading
            detail = f"I = {reading.I * 1e3:.3f} mA, T = {reading.T_max:.0f} K"
            stage.update(accepted.point.time, detail)
            if recorder.ended:
                break
    recorder.close()


class Recorder:
    """Writes what a run finds while it goes on."""

    def __init__(
        self,
        prepared: Prepared,
        stepper: Stepper,
        folder: RunFolder,
        record: Record,
        earlier: Content,
    ) -> None:
        self.prepared, self.stepper, self.folder = prepared, stepper, folder
        self._record, self._shown = record, observables(prepared)
        names = [str(name) for name in earlier.get("fields", ())]
        self._fields = FilmFields(stepper.newton.film, folder.fields, names)
        self._packer = TransientCheckpoint(stepper)
        known = map(str, earlier.get("names", ())), map(float, earlier.get("values", ()))
        self._values = dict(zip(*known, strict=True))
        self.ended = str(earlier.get("ended", ""))
        config = prepared.config
        self._oscillation: OscillationRecord | None = None
        if config.circuit.series.stores:
            kept = earlier.get("oscillation", np.empty(0))
            self._oscillation = OscillationRecord(config.oscillation, kept.tolist())

    def begin(self, earlier: Content, passed_over: Sequence[str]) -> tuple[Position, TimeStep]:
        """Return where the run begins or goes on; write down which checkpoints were not used."""
        if earlier:
            number, at, value = map(float, earlier["position"])
            begin = self._packer.unpack(earlier)
            _LOG.info("going on from %.6g s", begin.time)
            position = Position(int(number), at, value, tuple(map(str, earlier["passed"])))
        else:
            position = Position(value=self.prepared.protocol.start)
            source = self.prepared.source(position.value, self.stepper.scales)
            begin = TimeStep(self.stepper.rest(lambda _: source), 0.0, 0.0)
            self._record.iv.append(self._shown.row(begin.state) | self._probed(begin.state))
            config, contacts = self.prepared.config, self.prepared.device.contact_resistance
            write_history(self.folder, config, contacts, begin.state.state.reading.R)
            self._record.warn(warnings(self.prepared), self._where(begin.state))
            self._check_ranges(begin.state, {})
        self._last = begin.state
        for sentence in passed_over:
            self._record.note("warning", self._where(begin.state), sentence)
        return position, begin

    def add(self, accepted: Accepted) -> None:
        """Record a time step."""
        step, record = accepted.point, self._record
        state = self._last = step.state
        row = self._shown.row(state)
        record.meet(accepted.events, row)
        if accepted.new:
            self._add(step, row)
            self._note(accepted)
            self._swing(state)
        self._note_events(state, accepted.events)
        self.ended = ending(self.prepared, accepted)
        if self._oscillation and not self.ended:
            self.ended = self._oscillation.ended
        if self.ended:
            _LOG.warning("the run ends at %.6g s: %s", state.time, self.ended)

    def _note(self, accepted: Accepted) -> None:
        """Take the step into the key quantities, with the largest temperature up to each."""
        before = dict(self._values)
        note(self._values, accepted)
        for name, (unit, _) in IN_TIME.items():
            if unit and self._values.get(name) != before.get(name):
                self._values[f"T of {name}"] = self._values["T_max"]

    def _add(self, step: TimeStep, row: Mapping[str, float]) -> None:
        state, record = step.state, self._record
        record.iv.append({**row, **self._probed(state)})
        ambient = float(self.prepared.config.ambient.temperature)
        self._check_ranges(state, {"K": self._values.get("T_max", ambient)})
        self._check_walls(state)
        for rejected in step.rejected:
            detail = f"{rejected.length:.3g} s: {rejected.reason}"
            record.note("rejected step", {**self._where(state), "t": rejected.at}, detail)

    def _probed(self, state: TransientState) -> dict[str, float]:
        """Return the temperatures at the places that are asked for."""
        if not (places := self.prepared.config.output.probes):
            return {}
        self.stepper.set_fields(state)
        return temperatures_at(self.stepper.newton.film, places)

    def _swing(self, state: TransientState) -> None:
        """Take the step into the oscillation, and write down each period at its end."""
        if self._oscillation:
            voltage, rate = state.circuit.voltage, state.circuit.voltage_rate
            sample = Sample(state.time, voltage, rate, state.work)
            if period := self._oscillation.add(sample):
                self._record.note(PERIOD, self._where(state), period)

    def _note_events(self, state: TransientState, events: Sequence[str]) -> None:
        for event in events:
            kind, _, detail = event.partition(": ")
            if kind == FIELDS:
                self._store(state, detail)
            elif kind != READ:
                self._record.note(kind, self._where(state), detail)
            if event in STORED and not (self._oscillation and self._oscillation.has_begun):
                self._store(state, STORED[event])

    def content(self, position: Position, at: TimeStep) -> Content:
        """What a run needs to go on after a time step."""
        return {
            **self._packer.pack(at),
            **self._record.content(),
            "position": np.array([position.number, position.time, position.value]),
            "passed": np.array(position.passed, dtype=str),
            "names": np.array(list(self._values)),
            "values": np.array(list(self._values.values())),
            "fields": np.array(self._fields.written, dtype=str),
            "ended": np.array(self.ended),
            "oscillation": self._oscillation.content() if self._oscillation else np.empty(0),
        }

    def close(self) -> None:
        """Write the summary, and what was never reached."""
        prepared, values = self.prepared, self._values
        self._record.warn_of_unmet(self._where(self._last))
        ambient = float(prepared.config.ambient.temperature)
        summary: dict[str, Entry] = {
            name: (values.get(name), *words, prepared.beyond(values.get(f"T of {name}", ambient)))
            for name, words in IN_TIME.items()
        }
        for name, why in unread(prepared.device.plan.names).items():
            if name in summary:
                summary[name] = (None, IN_TIME[name][0], why)
        if self._oscillation:
            hot = float(prepared.config.film.barrier_temperature)
            summary |= self._oscillation.entries(self._last.state.reading.T_max > hot)
        summary["end"] = (self.ended or "end of the protocol", "")
        summary["unknowns"] = (2 * prepared.device.nodes, "")
        summary["newton_iterations"] = (self.stepper.newton.iterations, "")
        summary["wall_time"] = (self._record.elapsed, "s")
        self.folder.write_summary(summary)

    def _store(self, state: TransientState, name: str) -> None:
        """Write the fields, those of a second barrier under a number."""
        count = sum(known.partition("-")[0] == name for known in self._fields.written)
        self.stepper.set_fields(state)
        self._fields.write(f"{name}-{count + 1}" if count else name, self._shown.row(state))
        self._record.note("fields", self._where(state), self._fields.written[-1])

    def _check_ranges(self, state: TransientState, before: Mapping[str, float]) -> None:
        now = {"K": state.state.reading.T_max}
        self._record.warn(left_ranges(self.prepared.config, before, now), self._where(state))

    def _check_walls(self, state: TransientState) -> None:
        """Say once if a wall between cold and hot parts stands on a single element."""
        if _CAUGHT in self._values:
            return
        self.stepper.set_fields(state)
        found = steepest(self.stepper.newton.film)
        if found.catches:
            self._values[_CAUGHT] = found.ratio
            where = self._where(state)
            sentence = caught_wall(found, self.prepared.config, where["V_source"])
            self._record.warn([sentence], where)

    def _where(self, state: TransientState) -> dict[str, Value]:
        row = self._shown.row(state)
        return {name: row[name] for name in ("t", "V_source", "I")}


CASE = Case(Config, prepare, check, run, mesh)
