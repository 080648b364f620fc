"""SET of a metallization cell: a filament grows under a voltage source with a compliance."""

import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mpi4py import MPI

from dolfinx.common import timing

from pydantic import Field

from cases.config import Section
from cases.dimensions import PositiveCurrent
from cases.drive import ProtocolEntries, build_protocol
from cases.ecm_cell import CellConfig
from cases.ecm_record import Recorder
from cases.progress import Progress
from mitmodels.errors import InputError, RunError
from mitmodels.waveform import Waveform
from solvers.checkpoint import Checkpoints, Content
from solvers.growth_checkpoint import pack_growth, unpack_growth
from solvers.instants import Instant
from solvers.remesh import Cell
from solvers.run_folder import RunFolder
from solvers.stepping import grow

_LOG = logging.getLogger(__name__)
_RECORD = "record_"  # begins the names of what a checkpoint holds for the recorder
_PHASES = ("mesh", "set-up", "motion", "metal", "heat", "electrolyte")


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


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Grow the filament and write tables, outlines, fields and summary into the run folder.

    Raises
    ------
    RunError
        If the growth cannot be followed to its end; what was found so far is on disk.
    """
    checkpoints = Checkpoints(folder.comm, folder.checkpoints, folder.checkpoint_every)
    earlier = checkpoints.latest() or {}
    recorded = {k.removeprefix(_RECORD): v for k, v in earlier.items() if k.startswith(_RECORD)}
    recorder = Recorder(folder, prepared.config.output.fields_at.I, recorded)
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


def _follow(
    prepared: Prepared,
    earlier: Content,
    recorder: Recorder,
    checkpoints: Checkpoints,
    progress: Progress,
) -> None:
    """Follow the growth to the end of the protocol, from the beginning or from a checkpoint."""
    cell, stops, comm = prepared.cell, prepared.stops, checkpoints.comm
    steps, control = prepared.config.numerics.steps(), prepared.config.numerics.control()
    last = unpack_growth(earlier, cell, control, comm) if earlier else None
    if last:
        _LOG.info("going on from point %d at %.9g s", len(recorder.rows), last.t)
    with progress.stage("growth", total=stops[-1], unit="s") as stage:
        for instant in grow(cell, prepared.source, stops, steps, control, comm, last):
            recorder.add(instant)
            content = partial(_content, instant, recorder)
            if instant.t in stops:  # a corner of the protocol
                checkpoints.save(content())
            checkpoints.offer(content)
            detail = f"I = {instant.state.I:.3g} A, T_max = {instant.state.T_max:.0f} K"
            stage.update(instant.t, detail)


def _content(instant: Instant, recorder: Recorder) -> Content:
    """What a run needs to go on after an instant."""
    return {**pack_growth(instant), **{f"{_RECORD}{k}": v for k, v in recorder.content().items()}}
