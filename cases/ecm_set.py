"""SET of a metallization cell: a filament grows under a voltage source with a compliance."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from mpi4py import MPI

from dolfinx.common import timing

import numpy as np
from pydantic import Field

from cases.config import Section
from cases.dimensions import PositiveCurrent
from cases.drive import ProtocolEntries, build_protocol
from cases.ecm_cell import CellConfig
from cases.progress import Progress
from mitmodels.errors import InputError
from mitmodels.waveform import Waveform
from solvers.cell_fields import CellFieldFile
from solvers.instants import Event, Instant
from solvers.parallel import on_root
from solvers.remesh import Cell
from solvers.run_folder import RunFolder, Value
from solvers.stepping import grow

_LOG = logging.getLogger(__name__)
_PHASES = ("mesh", "set-up", "motion", "metal", "heat", "electrolyte")

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


class FieldsAt(Section):
    """Currents at whose first upward crossing the fields are stored."""

    I: tuple[PositiveCurrent, ...] = ()  # noqa: E741


class Output(Section):
    """What is stored besides the tables."""

    fields_at: FieldsAt = Field(default_factory=FieldsAt)
    figures: bool = True


class Config(CellConfig):
    """The TOML file of this case."""

    case: str
    protocol: ProtocolEntries
    output: Output = Field(default_factory=Output)


@dataclass(frozen=True)
class Prepared:
    """A checked configuration.

    ``source`` is the voltage [V] at a time [s], ``stops`` are the times of its corners.
    """

    config: Config
    cell: Cell
    source: Callable[[float], float]
    stops: tuple[float, ...]


def prepare(config: Config, comm: MPI.Comm) -> Prepared:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the cell is impossible, or the protocol is not one of voltage in time from zero up.
    """
    protocol = build_protocol(config.protocol)
    if protocol.drive != "voltage" or protocol.quasi_static:
        raise InputError(
            "protocol: a filament grows in time under a voltage: give ramps with a rate in V/s"
        )
    if protocol.extremes[0] < 0:
        raise InputError(
            f"protocol: the ramp to {protocol.extremes[0]:g} V would dissolve the filament, which "
            "is not modelled: give values from 0 V up"
        )
    if any(step.until for step in protocol.unrolled()):
        raise InputError("protocol: ecm_set cannot end a step early: leave out until")
    try:
        cell = config.cell()
    except ValueError as error:
        raise InputError(str(error)) from None
    waveforms = tuple(protocol.waveforms())
    stops = tuple(sorted({t for waveform in waveforms for t in waveform.times[1:]}))
    return Prepared(config, cell, _joined(waveforms), stops)


def _joined(waveforms: tuple[Waveform, ...]) -> Callable[[float], float]:
    def source(t: float) -> float:
        return next((w for w in waveforms if t <= w.stop), waveforms[-1])(t)

    return source


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    stack, compliance = prepared.cell.stack, prepared.cell.model.compliance
    return {
        "cell": f"{stack.oxide * 1e9:g} nm of oxide, radius {stack.radius * 1e9:g} nm",
        "void": f"width {prepared.cell.dissolution.width * 1e9:g} nm",
        "drive": f"{prepared.stops[-1]:g} s, compliance {compliance.limit:g} A",
        "unknowns": "about 500 to 3000 per field, remeshed as the filament grows",
    }


class Recorder:
    """Writes what a run finds while it goes on, and its summary."""

    def __init__(self, prepared: Prepared, folder: RunFolder) -> None:
        self.prepared, self.folder = prepared, folder
        self.iv, self.events = folder.table("iv", IV), folder.table("events", EVENTS)
        self.fields = CellFieldFile(folder.fields / "cell.pvd", folder.comm)
        self.rows: list[dict[str, float]] = []
        self.outlines: list[np.ndarray] = []
        self.found: list[Event] = []

    def add(self, instant: Instant) -> None:
        """Record an instant."""
        row = _row(instant)
        self.rows.append(row)
        self.outlines.append(instant.shape.outline.points)
        self.iv.append(row)
        for event in instant.events:
            self.found.append(event)
            self.events.append(
                {
                    "t": event.t,
                    "event": event.name,
                    "detail": event.detail,
                    "current_change": event.current_change,
                    "volume_change": event.volume_change,
                }
            )
        before = self.rows[-2]["I"] if len(self.rows) > 1 else 0.0
        wanted = self.prepared.config.output.fields_at.I
        if any(before < level <= row["I"] for level in wanted):
            self.fields.write(instant)

    def close(self) -> None:
        """Write outlines and summary."""
        self.fields.close()
        counts = [len(points) for points in self.outlines]
        path, times = self.folder.path / "outlines.npz", [row["t"] for row in self.rows]
        on_root(
            self.folder.comm,
            lambda: np.savez_compressed(
                path, t=times, nodes=counts, points=np.concatenate(self.outlines)
            ),
        )
        self.folder.write_summary(self._summary())

    def _summary(self) -> dict[str, tuple[Value, str]]:
        last, times = self.rows[-1], {event.name: event.t for event in reversed(self.found)}
        counted = [event.name for event in self.found]
        return {
            "t_onset": (times.get("onset"), "s"),
            "t_void": (times.get("void"), "s"),
            "t_compliance": (times.get("compliance"), "s"),
            "T_max": (max(row["T_max"] for row in self.rows), "K"),
            "T_at_603uA": (self._at_current("T_max", 603e-6), "K"),
            "T_at_100uA": (self._at_current("T_max", 100e-6), "K"),
            "R_LRS": (last["V_cell"] / last["I"] if last["I"] else None, "ohm"),
            "gap_final": (last["gap"], "m"),
            "end": ("contact" if "contact" in times else "end of the protocol", ""),
            "steps": (len(self.rows) - 1, ""),
            "remeshes": (counted.count("remesh"), ""),
            "rejected_steps": (counted.count("rejected"), ""),
        }

    def _at_current(self, name: str, current: float) -> float | None:
        """Value at the first upward crossing of a current, interpolated in its logarithm."""
        for a, b in pairwise(self.rows):
            if a["I"] < current <= b["I"] and a["I"] > 0:
                share = np.log(current / a["I"]) / np.log(b["I"] / a["I"])
                return float(a[name] + share * (b[name] - a[name]))
        return None


def _row(instant: Instant) -> dict[str, float]:
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


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Grow the filament and write tables, outlines, fields and summary into the run folder."""
    numerics = prepared.config.numerics
    recorder = Recorder(prepared, folder)
    instants = grow(
        prepared.cell,
        prepared.source,
        prepared.stops,
        numerics.steps(),
        numerics.control(),
        folder.comm,
    )
    try:
        with progress.stage("growth", total=prepared.stops[-1], unit="s") as stage:
            for instant in instants:
                recorder.add(instant)
                detail = f"I = {instant.state.I:.3g} A, T_max = {instant.state.T_max:.0f} K"
                stage.update(instant.t, detail)
    finally:
        recorder.close()
    for phase in _PHASES:
        count, spent = timing(f"cell: {phase}")
        _LOG.info("%s: %d times, %.2f s", phase, count, spent.total_seconds())
