"""Record of a growing filament on disk: tables, outlines, fields, summary, part of a checkpoint."""

import io
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.cases.cell.cycles import UNITS, cycles
from mitmodels.cases.cell.outlines import write_outlines
from mitmodels.cases.cell.sections import Config, shown_in
from mitmodels.cases.cell.summary import cycle, growth
from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.runs.further_columns import further_columns
from mitmodels.cases.runs.oscillation import PERIOD, OscillationRecord
from mitmodels.cases.runs.record import KEPT as RECORDED
from mitmodels.cases.runs.record import Record
from mitmodels.cell.model import CellModel
from mitmodels.cell.observables import CELL_IN_CIRCUIT
from mitmodels.drive.following import ENDED, FIELDS
from mitmodels.drive.oscillation import Sample
from mitmodels.drive.protocol import Protocol
from mitmodels.solvers.cell.events import SET, Event, TimePoint
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.cell.output import temperatures_at, write_fields, write_mesh
from mitmodels.solvers.runs.files import Entry, Value, replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_LOG = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[Any]]

IV = CELL_IN_CIRCUIT.units
READS = {"t": "t", "V": "V_cell", "I": "I", "R": "R", "gap": "gap"}
EVENTS = {"t": "s", "event": "", "detail": "", "current_change": "", "volume_change": ""}
_SLOW = 10.0  # thermal times, in which heat is steady to exp(-10)
_EVENT = tuple(field.name for field in fields(Event))
_RANGES = {"K": "T_max", "V": "V_cell"}  # what the range of a law may be about
_OWN = ("rows", "nodes", "points", "fields_at", "meshes_at", "thermal_time", "work", "oscillation")
# What a checkpoint holds for a recorder, and the columns of its tables.
KEPT = (*IV, *EVENTS, *_OWN, *(f"event_{name}" for name in _EVENT), *RECORDED)


class Recorder:
    """Writes what a run finds while it goes on, and its summary.

    Parameters
    ----------
    folder : RunFolder
    config : Config
        What the cell is made of, and what is asked for.
    model : CellModel
        Its laws.
    protocol : Protocol
        The drive.
    earlier : mapping
        What `content` returned at the last checkpoint, empty if there is none.
    waited : mapping
        What the protocol waits for: names of events, and words for each.
    """

    def __init__(
        self,
        folder: RunFolder,
        config: Config,
        model: CellModel,
        protocol: Protocol,
        earlier: Arrays,
        waited: Mapping[str, str],
    ) -> None:
        self.folder, self.config = folder, config
        self.model, self.shortest = model, protocol.shortest
        reads = READS if protocol.reads else None
        self._shown = shown_in(config)
        names = self._shown.units
        columns, derived = further_columns(config.output, names)
        self.record = Record(folder, columns, EVENTS, earlier, waited, reads, derived)
        self.fields_at, self.meshes_at = (
            earlier.get(name, np.empty(0)).tolist() for name in ("fields_at", "meshes_at")
        )
        self.thermal_time = float(earlier.get("thermal_time", np.nan))
        self.work = float(earlier.get("work", 0.0))  # that the cell has taken [J]
        self.oscillation: OscillationRecord | None = None
        if config.circuit.series.stores:
            kept = earlier.get("oscillation", np.empty(0)).tolist()
            self.oscillation = OscillationRecord(config.oscillation, kept)
        rows = earlier.get("rows", np.empty((0, len(names)))).tolist()
        self.rows: list[dict[str, float]] = [dict(zip(names, row, strict=True)) for row in rows]
        self.outlines: list[npt.NDArray[np.float64]] = []
        self.log: list[Event] = []
        if earlier:
            self.outlines = np.split(earlier["points"], np.cumsum(earlier["nodes"])[:-1])
            logged = (earlier[f"event_{name}"].tolist() for name in _EVENT)
            self.log = [Event(*values) for values in zip(*logged, strict=True)]

    def content(self) -> Arrays:
        """Return what another recorder needs to go on. Collective."""
        events = {
            f"event_{name}": np.array([getattr(event, name) for event in self.log])
            for name in _EVENT
        }
        return {
            **self.record.content(),
            **self._outlines(),
            **events,
            "rows": np.array([[row[name] for name in self._shown.units] for row in self.rows]),
            "fields_at": np.array(self.fields_at),
            "meshes_at": np.array(self.meshes_at),
            "thermal_time": np.array(self.thermal_time),
            "work": np.array(self.work),
            "oscillation": self.oscillation.content() if self.oscillation else np.empty(0),
        }

    def add(self, point: TimePoint) -> None:
        """Record a time point."""
        row, comm = self._shown.row(point), self.folder.comm
        earlier, now = _largest(self.rows), _largest([row])
        self.record.warn(list(left_ranges(self.config, earlier, now)), {"t": point.t})
        self.rows.append(row)
        self.outlines.append(point.shape.outline.points)
        self.record.iv.append({**row, **temperatures_at(point, self.config.output.probes)})
        for event in (*point.log, *self._heat_events(point), *self._periods(point)):
            self._log(event)
        if len(self.rows) == 1 or any(event.name == "remesh" for event in point.log):
            self.meshes_at.append(point.t)
            write_mesh(self.folder.mesh, comm, point, self.meshes_at)

    def meet(self, point: TimePoint, met: Sequence[str]) -> None:
        """Record what is met at the last time point."""
        self.record.meet(met, self.rows[-1])
        parted = [name.partition(": ") for name in met]
        if any(kind == FIELDS for kind, _, _ in parted):
            self.fields_at.append(point.t)
            write_fields(self.folder.fields, self.folder.comm, point, self.fields_at)
        for kind, _, detail in parted:
            if kind in (FIELDS, ENDED):
                self.record.note(kind, {"t": point.t}, detail)

    def exhausted(self, reason: str) -> None:
        """Write down why the run ends before its protocol."""
        _LOG.warning(reason)
        self._log(Event(self.rows[-1]["t"], "geometry", reason))

    def _log(self, event: Event) -> None:
        self.log.append(event)
        written: dict[str, Value] = asdict(event)
        name, detail = (str(written.pop(key)) for key in ("name", "detail"))
        self.record.note(name, written, detail)

    def _heat_events(self, point: TimePoint) -> tuple[Event, ...]:
        """Look once how long heat takes, and say whether the drive is too fast for steady heat."""
        capacity = self.config.heat_capacity
        if capacity is None or len(self.rows) > 1:
            return ()
        self.thermal_time = point.meshed.fields.thermal_time(capacity.by_region())
        if self.shortest >= _SLOW * self.thermal_time:
            return ()
        detail = (
            f"the drive changes within {self.shortest:.3g} s, but the cell takes "
            f"{self.thermal_time:.3g} s to warm: its heat is not steady"
        )
        return (Event(point.t, "thermal time", detail),)

    def _periods(self, point: TimePoint) -> Iterator[Event]:
        """Take the last row into the oscillation of the cell's voltage; yield a period's end."""
        if self.oscillation is None:
            return
        before, now = self.rows[max(len(self.rows) - 2, 0)], self.rows[-1]
        power = (before["V_cell"] * before["I"] + now["V_cell"] * now["I"]) / 2
        self.work += power * (now["t"] - before["t"])
        circuit = point.circuit.state
        sample = Sample(point.t, circuit.voltage, circuit.voltage_rate, self.work)
        if found := self.oscillation.add(sample):
            yield Event(point.t, PERIOD, found)

    @property
    def ended(self) -> str:
        """Why the run ends here, before its protocol; empty if it does not."""
        return self.oscillation.ended if self.oscillation else ""

    def note_passed_over(self, sentences: Sequence[str]) -> None:
        """Write down which checkpoints were not used."""
        for sentence in sentences:
            self.record.note("warning", {"t": self.rows[-1]["t"] if self.rows else 0.0}, sentence)

    def _outlines(self) -> Arrays:
        return {
            "nodes": np.array([len(points) for points in self.outlines]),
            "points": np.concatenate(self.outlines),
        }

    def write_outlines(self) -> None:
        """Write the outlines of all time points, as numbers and for other programs."""
        stream = io.BytesIO()
        columns = {f"{name} [{IV[name]}]": [row[name] for row in self.rows] for name in "tI"}
        content: dict[str, Any] = {"t": np.array(columns["t [s]"]), **self._outlines()}
        np.savez_compressed(stream, **content)
        path = self.folder.path

        def write() -> None:
            replace(path / "outlines.npz", stream.getvalue())
            write_outlines(path, [points * 1e9 for points in self.outlines], columns)

        on_root(self.folder.comm, write)

    def write_cycles(self) -> None:
        """Write what each cycle came to, if there are several."""
        if len(found := list(cycles(self.rows, self.log))) > 1:
            table = self.folder.table("cycles", UNITS)
            for cycle in found:
                table.append(cycle)

    def write_summary(self) -> None:
        """Write the key quantities, and which of the values that were waited for never came."""
        self.record.warn_of_unmet({"t": self.rows[-1]["t"]})
        time = None if np.isnan(self.thermal_time) else self.thermal_time
        leakage = 1 / self.model.leakage if self.model.leakage else None
        swings: dict[str, Entry] = {}
        if self.oscillation:
            swings = self.oscillation.entries(self.rows[-1]["gap"] < SET)
        if self.ended:
            swings["end"] = (self.ended, "")
        self.folder.write_summary(
            {
                **growth(self.rows, Outline(self.outlines[-1]), self.log, self._beyond),
                **cycle(self.rows, self.log, self.model.deposit.volume_per_charge, self._beyond),
                "R_leakage": (leakage, "ohm", "oxide.leakage is not given"),
                "thermal_time": (time, "s", "heat_capacity is not given"),
                **swings,
                "wall_time": (self.record.elapsed, "s"),
            }
        )

    def _beyond(self, t: float) -> str:
        """Name the laws whose range was left by a time."""
        until = [row for row in self.rows if row["t"] <= t]
        return "; ".join(left_ranges(self.config, {}, _largest(until)))


def _largest(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Largest values that the range of a law may be about, by their units."""
    return {unit: max(abs(row[name]) for row in rows) for unit, name in _RANGES.items() if rows}
