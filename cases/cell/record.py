"""What a SET leaves on disk: tables, outlines, fields, summary, and its part of a checkpoint."""

import io
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels.cases.cell.cycles import cycle
from mitmodels.cases.cell.outlines import write_outlines
from mitmodels.cases.cell.sections import CellConfig
from mitmodels.cases.config.materials import left_ranges
from mitmodels.solvers.cell.events import Event, TimePoint
from mitmodels.solvers.cell.outline import Outline
from mitmodels.solvers.cell.output import CellFieldFile, CellMeshFiles
from mitmodels.solvers.runs.files import Value, replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_LOG = logging.getLogger(__name__)

Arrays = Mapping[str, npt.NDArray[Any]]

IV = {
    "t": "s",
    "V_source": "V",
    "V_cell": "V",
    "I": "A",
    "I_ion": "A",
    "charge": "C",
    "gap": "m",
    "gap_radius": "m",
    "tip_height": "m",
    "tip_radius": "m",
    "T_max": "K",
    "volume": "m3",
    "dt": "s",
    "unknowns": "",
}
EVENTS = {"t": "s", "event": "", "detail": "", "current_change": "", "volume_change": ""}

# Of what the model says.
_BOUNDS = ("hopping limit", "half the barrier", "melting", "thermal time")
_SLOW = 10.0  # thermal times, in which heat is steady to exp(-10)
_EVENT = tuple(field.name for field in fields(Event))
_TABLES = ("rows", "iv_size", "events_size", "nodes", "points", *(f"event_{n}" for n in _EVENT))
# What a checkpoint holds for a recorder, and the columns of its tables.
KEPT = (*IV, *EVENTS, *_TABLES, "t", "fields_at", "meshes_at", "thermal_time", "wall_time")


class Recorder:
    """Writes what a run finds while it goes on, and its summary.

    Parameters
    ----------
    folder : RunFolder
    config : CellConfig
        What the cell is made of.
    levels : tuple of float
        Currents at whose first upward crossing the fields are stored [A].
    volume_per_charge : float
        Of the metal that is deposited [m3/C].
    shortest : float
        Time of the shortest straight line of the drive [s].
    earlier : mapping
        What `content` returned at the last checkpoint, empty if there is none.
    """

    def __init__(
        self,
        folder: RunFolder,
        config: CellConfig,
        levels: tuple[float, ...],
        volume_per_charge: float,
        shortest: float,
        earlier: Arrays,
    ) -> None:
        self.folder, self.config, self.levels = folder, config, levels
        self.volume_per_charge, self.shortest = volume_per_charge, shortest
        self.thermal_time = float(earlier.get("thermal_time", np.nan))
        self.iv = folder.table("iv", IV, int(earlier.get("iv_size", 0)))
        self.events = folder.table("events", EVENTS, int(earlier.get("events_size", 0)))
        self.fields = CellFieldFile(
            folder.fields / "cell.pvd", folder.comm, earlier.get("fields_at", np.empty(0)).tolist()
        )
        meshes = earlier.get("meshes_at", np.empty(0)).tolist()
        self.meshes = CellMeshFiles(folder.mesh, folder.comm, meshes)
        self.begin = time.monotonic() - float(earlier.get("wall_time", 0.0))
        rows = earlier.get("rows", np.empty((0, len(IV)))).tolist()
        self.rows: list[dict[str, float]] = [dict(zip(IV, row, strict=True)) for row in rows]
        self._largest: dict[str, float] = {}
        for row in self.rows:
            self._enlarge(row)
        self.outlines: list[npt.NDArray[np.float64]] = []
        self.found: list[Event] = []
        if earlier:
            self.outlines = np.split(earlier["points"], np.cumsum(earlier["nodes"])[:-1])
            columns = (earlier[f"event_{name}"].tolist() for name in _EVENT)
            self.found = [Event(*values) for values in zip(*columns, strict=True)]

    def content(self) -> Arrays:
        """Return what another recorder needs to go on. Collective."""
        events = {
            f"event_{name}": np.array([getattr(event, name) for event in self.found])
            for name in _EVENT
        }
        return {
            **self._outlines(),
            **events,
            "rows": np.array([[row[name] for name in IV] for row in self.rows]),
            "fields_at": np.array(self.fields.times),
            "meshes_at": np.array(self.meshes.times),
            "thermal_time": np.array(self.thermal_time),
            "wall_time": np.array(time.monotonic() - self.begin),
            "iv_size": np.array(self.iv.sync()),
            "events_size": np.array(self.events.sync()),
        }

    def add(self, instant: TimePoint) -> None:
        """Record an instant."""
        row = _row(instant)
        self._check_ranges(row)
        self.rows.append(row)
        self.outlines.append(instant.shape.outline.points)
        self.iv.append(row)
        for event in (*instant.events, *self._heat_events(instant)):
            self.found.append(event)
            written = asdict(event)
            self.events.append({"event": written.pop("name"), **written})
        if len(self.rows) == 1 or any(event.name == "remesh" for event in instant.events):
            self.meshes.write(instant)
        before = self.rows[-2]["I"] if len(self.rows) > 1 else 0.0
        if any(before < level <= row["I"] for level in self.levels):
            self.fields.write(instant)

    def _heat_events(self, instant: TimePoint) -> tuple[Event, ...]:
        """Look once how long heat takes, and say whether the drive is too fast for steady heat."""
        capacity = self.config.heat_capacity
        if capacity is None or len(self.rows) > 1:
            return ()
        self.thermal_time = instant.meshed.fields.thermal_time(capacity.by_region())
        if self.shortest >= _SLOW * self.thermal_time:
            return ()
        detail = (
            f"the drive changes within {self.shortest:.3g} s, but the cell takes "
            f"{self.thermal_time:.3g} s to warm: its heat is not steady"
        )
        return (Event(instant.t, "thermal time", detail),)

    def _check_ranges(self, row: Mapping[str, float]) -> None:
        """Note the laws whose range an instant is the first to leave."""
        for sentence in left_ranges(self.config, self._largest, _by_unit(row)):
            _LOG.warning(sentence)
            self._warn(row["t"], sentence)
        self._enlarge(row)

    def note_passed_over(self, sentences: Sequence[str]) -> None:
        """Write down which checkpoints were not used."""
        for sentence in sentences:
            self._warn(self.rows[-1]["t"], sentence)

    def _warn(self, t: float, sentence: str) -> None:
        blank = dict.fromkeys(EVENTS)
        self.events.append({**blank, "t": t, "event": "warning", "detail": sentence})

    def _enlarge(self, row: Mapping[str, float]) -> None:
        """Keep the largest temperature and voltage by now."""
        for unit, value in _by_unit(row).items():
            self._largest[unit] = max(value, self._largest.get(unit, value))

    def _outlines(self) -> Arrays:
        return {
            "t": np.array([row["t"] for row in self.rows]),
            "nodes": np.array([len(points) for points in self.outlines]),
            "points": np.concatenate(self.outlines),
        }

    def write_outlines(self) -> None:
        """Write the outlines of all instants, as numbers and for other programs."""
        stream = io.BytesIO()
        outlines: dict[str, Any] = dict(self._outlines())
        np.savez_compressed(stream, **outlines)
        path = self.folder.path

        def write() -> None:
            replace(path / "outlines.npz", stream.getvalue())
            columns = {f"{name} [{IV[name]}]": [row[name] for row in self.rows] for name in "tI"}
            write_outlines(path, [points * 1e9 for points in self.outlines], columns)

        on_root(self.folder.comm, write)

    def write_summary(self) -> None:
        """Write the key figures."""
        self.folder.write_summary(self._summary())

    def _summary(self) -> dict[str, tuple[Value, str]]:
        last, times = self.rows[-1], {event.name: event.t for event in reversed(self.found)}
        counted = [event.name for event in self.found]
        return {
            "t_onset": (times.get("onset"), "s"),
            "t_void": (times.get("void"), "s"),
            "t_compliance": (times.get("compliance"), "s"),
            "V_onset": (self._source_at(times.get("onset")), "V"),
            "V_void": (self._source_at(times.get("void")), "V"),
            "left_the_model": (_reasons(times), ""),
            "thermal_time": (None if np.isnan(self.thermal_time) else self.thermal_time, "s"),
            "T_max": (max(row["T_max"] for row in self.rows), "K"),
            "T_at_603uA": (self._at_current("T_max", 603e-6), "K"),
            "T_at_100uA": (self._at_current("T_max", 100e-6), "K"),
            "R_LRS": (last["V_cell"] / last["I"] if last["I"] else None, "ohm"),
            "I_max": (max(row["I"] for row in self.rows), "A"),
            "I_contact": (last["I"] if "contact" in times else None, "A"),
            "gap_final": (last["gap"], "m"),
            "tip_radius": (last["tip_radius"], "m"),
            "radius_20_over_80": (_taper(Outline(self.outlines[-1])), ""),
            **cycle(self.rows, self.found, self.volume_per_charge),
            "end": (_end(times), ""),
            "steps": (len(self.rows) - 1, ""),
            "remeshes": (counted.count("remesh"), ""),
            "rejected_steps": (counted.count("rejected"), ""),
            "wall_time": (time.monotonic() - self.begin, "s"),
        }

    def _source_at(self, t: float | None) -> float | None:
        """Voltage of the source at a time [s]."""
        if t is None:
            return None
        at, V = ([row[name] for row in self.rows] for name in ("t", "V_source"))
        return float(np.interp(t, at, V))

    def _at_current(self, name: str, current: float) -> float | None:
        """Value at the first upward crossing of a current, interpolated in its logarithm."""
        for a, b in pairwise(self.rows):
            if a["I"] < current <= b["I"] and a["I"] > 0:
                share = np.log(current / a["I"]) / np.log(b["I"] / a["I"])
                return float(a[name] + share * (b[name] - a[name]))
        return None


def _reasons(times: Mapping[str, float]) -> str:
    """Name the bounds of the model that were passed, in the order of time."""
    return ", ".join(sorted(set(_BOUNDS) & times.keys(), key=lambda name: times[name])) or "no"


def _end(times: Mapping[str, float]) -> str:
    """Say why a run ended."""
    if "contact" in times:
        return "contact"
    if "onset" not in times:
        return "end of the protocol, without growth: the tip stays below 0.5 nm"
    return "end of the protocol"


def _taper(outline: Outline) -> float:
    """Radius at 20 % of the height over that at 80 %: 1 of a cylinder, 4 of a cone."""
    low, high = outline.profile(np.array([0.2, 0.8]) * outline.height, below_tip=0.0)
    return float(low / high)


def _by_unit(row: Mapping[str, float]) -> dict[str, float]:
    """What the range of a law may be about."""
    return {"K": abs(row["T_max"]), "V": abs(row["V_cell"])}


def _row(instant: TimePoint) -> dict[str, float]:
    state, outline = instant.state, instant.shape.outline
    return {
        "t": instant.t,
        "V_source": state.V_source,
        "V_cell": state.V_cell,
        "I": state.I,
        "I_ion": state.I_ion,
        "charge": instant.charge,
        "gap": instant.gap,
        "gap_radius": instant.gap_radius,
        "tip_height": outline.tip_height,
        "tip_radius": float(outline.profile(np.array([outline.height]))[0]),
        "T_max": state.T_max,
        "volume": outline.volume,
        "dt": instant.dt,
        "unknowns": instant.meshed.fields.space.dofmap.index_map.size_global,
    }
