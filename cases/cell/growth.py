"""A metallization cell under a voltage source with a compliance: growth, dissolution."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path
from typing import Literal

from mpi4py import MPI

from dolfinx.common import timing

import numpy as np
from pydantic import Field

from mitmodels.cases.cell.record import KEPT as RECORDED
from mitmodels.cases.cell.record import Recorder
from mitmodels.cases.cell.sections import CellConfig
from mitmodels.cases.config.dimensions import PositiveCurrent
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.config.section import Output, Section
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import Case
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.until import first_reached
from mitmodels.errors import InputError, RunError
from mitmodels.meshes.device import Device
from mitmodels.solvers.cell.checkpoint import LAYOUT, pack_growth, unpack_growth
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.growth import grow
from mitmodels.solvers.cell.meshed_cell import Cell, mesh_cell
from mitmodels.solvers.runs.checkpoints import Checkpoints, Content
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.reading import Run

_LOG = logging.getLogger(__name__)
_RECORD = "record_"  # begins the names of what a checkpoint holds for the recorder
KEPT = (*LAYOUT, *(f"{_RECORD}{name}" for name in RECORDED), "place")
_PHASES = ("mesh", "set-up", "motion", "metal", "heat", "electrolyte")


class FieldsAt(Section):
    """Currents at whose first upward crossing the fields are stored."""

    I: tuple[PositiveCurrent, ...] = ()  # noqa: E741


class CellOutput(Output):
    """What is stored besides the tables."""

    fields_at: FieldsAt = Field(default_factory=FieldsAt)


class Config(CellConfig):
    """The TOML file of this case."""

    case: Literal["cell", "ecm_set"]
    protocol: ProtocolEntries
    output: CellOutput = Field(default_factory=CellOutput)


@dataclass(frozen=True)
class Prepared:
    """A checked configuration."""

    config: Config
    cell: Cell
    protocol: Protocol


def prepare(config: Config, comm: MPI.Comm) -> Prepared:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the cell is impossible, or the protocol is not one of voltage in time.
    """
    protocol = build_protocol(config.protocol)
    if protocol.drive != "voltage" or protocol.quasi_static:
        raise InputError(
            "protocol: a filament grows in time under a voltage: give ramps with a rate in V/s"
        )
    try:
        return Prepared(config, config.cell(), protocol)
    except ValueError as error:
        raise InputError(str(error)) from None


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    stack, compliance = prepared.cell.stack, prepared.cell.model.compliance
    return {
        "cell": f"{stack.oxide * 1e9:g} nm of oxide, radius {stack.radius * 1e9:g} nm",
        "void": f"width {prepared.cell.dissolution.width * 1e9:g} nm",
        "drive": f"at most {prepared.protocol.duration:g} s, compliance {compliance.limit:g} A",
        "unknowns": "about 500 to 3000 per field, remeshed as the filament grows",
    }


def mesh(prepared: Prepared, comm: MPI.Comm) -> Device:
    """Return the mesh of the nucleus, which the first steps move and replace."""
    cell, control = prepared.cell, prepared.config.numerics.control()
    return mesh_cell(cell, cell.nucleus(), control, comm).device


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Grow the filament and write tables, outlines, fields and summary into the run folder.

    Raises
    ------
    RunError
        If the growth cannot be followed to its end; what was found so far is on disk.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    recorded = {k.removeprefix(_RECORD): v for k, v in earlier.items() if k.startswith(_RECORD)}
    config, metal = prepared.config, prepared.cell.model.deposit.volume_per_charge
    levels, shortest = config.output.fields_at.I, prepared.protocol.shortest
    recorder = Recorder(folder, config, levels, metal, shortest, recorded)
    recorder.note_passed_over(checkpoints.passed_over)
    try:
        with checkpoints:
            _follow(prepared, earlier, recorder, checkpoints, progress)
    except RunError:
        with suppress(RunError):  # of a full disk, the first error counts
            recorder.write_outlines()
        raise
    recorder.write_outlines()
    recorder.write_summary()
    for phase in _PHASES:
        count, spent = timing(f"cell: {phase}")
        _LOG.info("%s: %d times, %.2f s", phase, count, spent.total_seconds())


@dataclass(frozen=True)
class Place:
    """Where in the protocol a run is: number of the step, time [s] and voltage [V] it began at."""

    number: int = 0
    time: float = 0.0
    value: float = 0.0


def follow(
    prepared: Prepared, place: Place, last: TimePoint | None, comm: MPI.Comm
) -> Iterator[tuple[Place, TimePoint, bool]]:
    """Follow the protocol from the beginning, or from an instant within one of its steps.

    Yields
    ------
    tuple of Place, TimePoint and bool
        Where in the protocol, what is found there, and whether it is a corner of the drive.
    """
    numerics = prepared.config.numerics
    steps, control = numerics.steps(), numerics.control()
    for number, step in enumerate(prepared.protocol.unrolled()):
        if number < place.number:
            continue
        drive = step.waveform(place.time, place.value)
        for instant in grow(prepared.cell, drive, steps, control, comm, last):
            yield place, instant, instant.t in drive.times
            seen = [_seen(state, place) for state in (last or instant, instant)]
            last = instant
            if first_reached(step.until, *seen):
                break
        if last:
            place = Place(number + 1, last.t, drive(last.t))


def _follow(
    prepared: Prepared,
    earlier: Content,
    recorder: Recorder,
    checkpoints: Checkpoints,
    progress: Progress,
) -> None:
    """Record the protocol to its end, from the beginning or from a checkpoint."""
    comm, place, last = checkpoints.comm, Place(), None
    if earlier:
        number, *begin = earlier["place"]
        place = Place(int(number), *map(float, begin))
        last = unpack_growth(earlier, prepared.cell, prepared.config.numerics.control(), comm)
        _LOG.info("going on from point %d at %.9g s", len(recorder.rows), last.t)
    with progress.stage("growth", total=prepared.protocol.duration, unit="s") as stage:
        for here, instant, corner in follow(prepared, place, last, comm):
            recorder.add(instant)
            content = partial(_content, instant, recorder, here)
            if corner:
                checkpoints.save(content())
            checkpoints.offer(content)
            detail = f"I = {instant.state.I:.3g} A, T_max = {instant.state.T_max:.0f} K"
            stage.update(instant.t, detail)


def _seen(instant: TimePoint, place: Place) -> dict[str, float]:
    """What a condition that ends a step may ask for."""
    state = instant.state
    return {
        "V": state.V_cell,
        "I": state.I,
        "T_max": state.T_max,
        "gap": instant.gap,
        "time": instant.t - place.time,
    }


def _content(instant: TimePoint, recorder: Recorder, place: Place) -> Content:
    """What a run needs to go on after an instant."""
    return {
        **pack_growth(instant),
        **{f"{_RECORD}{k}": v for k, v in recorder.content().items()},
        "place": np.array(astuple(place)),
    }


def plot(run: Run) -> list[Path]:
    """Draw a run; imports the figures only then."""
    from mitmodels.cases.cell.figures.growth import plot

    return plot(run)


def plot_sweep(folder: SweepFolder) -> list[Path]:
    """Draw the completed points of a sweep; imports the figures only then."""
    from mitmodels.cases.cell.figures.sweep import plot

    return plot(folder)


CASE = Case(Config, prepare, check, run, plot, mesh=mesh, plot_sweep=plot_sweep)
