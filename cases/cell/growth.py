"""Metallization cell under a source of voltage: growth and dissolution of its filament."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from mpi4py import MPI

from dolfinx.common import timing

import numpy as np

from mitmodels.cases.cell.foresight import warnings
from mitmodels.cases.cell.record import KEPT as RECORDED
from mitmodels.cases.cell.record import Recorder
from mitmodels.cases.cell.sections import Config, shown_in
from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.config.messages import as_lines
from mitmodels.cases.config.observed import check_observed, label, levels
from mitmodels.cases.config.protocol import build_protocol
from mitmodels.cases.console.progress import Progress, Stage
from mitmodels.cases.registry import Case
from mitmodels.cases.runs.further_columns import further_columns
from mitmodels.cell.observables import MEASURABLE
from mitmodels.drive import following
from mitmodels.drive.following import Position, Segment, expected
from mitmodels.drive.observable import Level
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.waveform import Waveform
from mitmodels.errors import InputError, RunError
from mitmodels.meshes.device import Device
from mitmodels.meshes.ecm_stack import EcmStack
from mitmodels.solvers.cell.checkpoint import LAYOUT, pack_growth, unpack_growth
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.growth import ExhaustedError, Growth
from mitmodels.solvers.cell.meshed_cell import Cell, mesh_cell
from mitmodels.solvers.runs.checkpoints import Checkpoints, Content
from mitmodels.solvers.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)
KEPT = (*LAYOUT, *RECORDED, "position", "passed")
_PHASES = ("mesh", "set-up", "motion", "metal", "heat", "electrolyte")

type Accepted = following.Accepted[TimePoint, TimePoint]


@dataclass(frozen=True)
class Prepared:
    """A checked configuration."""

    config: Config
    cell: Cell
    protocol: Protocol

    @property
    def fields(self) -> dict[str, Level]:
        """Values at which the fields are stored, by the names of their events."""
        return {label(level): level for level in levels(self.config.output.fields_at)}


def prepare(config: Config, comm: MPI.Comm) -> Prepared:  # noqa: ARG001
    """Check what the sections mean together.

    Raises
    ------
    InputError
        If the cell is impossible, the protocol is not one of voltage in time, or it waits for what
        a cell does not show.
    """
    protocol = build_protocol(config.protocol)
    if protocol.drive != "voltage" or protocol.quasi_static:
        raise InputError(
            "protocol: a filament grows in time under a voltage: give ramps with a rate in V/s"
        )
    config.circuit.check(protocol.drive)
    config.circuit.check_oscillation(config.oscillation)
    check_observed(shown_in(config), protocol, config.output.fields_at)
    further_columns(config.output, shown_in(config).units)
    try:
        cell = config.cell()
    except ValueError as error:
        raise InputError(str(error)) from None
    _check_places(cell.stack, config.output.probes)
    return Prepared(config, cell, protocol)


def _check_places(stack: EcmStack, places: Mapping[str, tuple[float, float]]) -> None:
    """Refuse probes that are not in the cell."""
    for name, (r, z) in places.items():
        if abs(r) > stack.radius or not -stack.counter <= z <= stack.height:
            raise InputError(
                f"output.probes.{name} = {float(r) * 1e9:.6g} nm, {float(z) * 1e9:.6g} nm is not "
                f"in the cell, whose radius is {stack.radius * 1e9:.6g} nm and which goes from "
                f"{-stack.counter * 1e9:.6g} to {stack.height * 1e9:.6g} nm: give a place in it"
            )


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    stack, limit = prepared.cell.stack, prepared.cell.model.circuit.limit
    current = f"compliance {limit:g} A" if np.isfinite(limit) else "no compliance"
    ambient = {"K": float(prepared.config.heat.ambient)}
    warned = warnings(prepared.cell, prepared.protocol, prepared.fields)
    return {
        "cell": f"{stack.oxide * 1e9:g} nm of oxide, radius {stack.radius * 1e9:g} nm",
        "void": f"width {prepared.cell.dissolution.width * 1e9:g} nm",
        "drive": f"at most {prepared.protocol.duration:g} s, {current}",
        "unknowns": "about 500 to 3000 per field, remeshed as the filament grows",
        "memory": "about 400 MiB per rank",
        "time": "about 0.2 s per time step on one core; a SET takes some 200 of them",
        **as_lines([*warned, *left_ranges(prepared.config, {}, ambient)]),
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
    protocol, model = prepared.protocol, prepared.cell.model
    waited = expected(protocol, shown_in(prepared.config), prepared.fields)
    recorder = Recorder(folder, prepared.config, model, protocol, earlier, waited)
    recorder.note_passed_over(checkpoints.passed_over)
    try:
        with checkpoints, progress.stage("growth", protocol.duration, "s") as stage:
            try:
                _record(prepared, earlier, recorder, checkpoints, stage)
            except ExhaustedError as end:
                recorder.exhausted(str(end))
    except RunError:
        with suppress(RunError):  # of a full disk, the first error counts
            recorder.write_outlines()
        raise
    recorder.write_outlines()
    recorder.write_cycles()
    recorder.write_summary()
    for phase in _PHASES:
        count, spent = timing(f"cell: {phase}")
        _LOG.info("%s: %d times, %.2f s", phase, count, spent.total_seconds())


def follow(
    prepared: Prepared, position: Position, begin: TimePoint, comm: MPI.Comm
) -> Iterator[Accepted]:
    """Follow the protocol from a time point within one of its steps.

    Yields
    ------
    Accepted
        Every accepted time step, the last one at the end of the protocol or at contact.
    """
    grow = partial(_growth, prepared, comm=comm)

    def advance(segment: Segment[TimePoint], before: TimePoint) -> TimePoint:
        return grow(segment.drive).advance(before, segment.crossings)

    protocol, fields = prepared.protocol, prepared.fields
    shown = shown_in(prepared.config)
    for accepted in following.follow(protocol, shown, fields, position, begin, advance):
        yield accepted
        if grow(accepted.segment.drive).in_contact(accepted.point):
            return


def _growth(prepared: Prepared, source: Waveform, comm: MPI.Comm) -> Growth:
    numerics = prepared.config.numerics
    return Growth(prepared.cell, source, numerics.steps(), numerics.control(), comm)


def _record(
    prepared: Prepared, earlier: Content, recorder: Recorder, checkpoints: Checkpoints, stage: Stage
) -> None:
    """Record the protocol to its end, from the beginning or from a checkpoint."""
    comm = checkpoints.comm
    if earlier:
        number, time, value = map(float, earlier["position"])
        position = Position(int(number), time, value, tuple(map(str, earlier["passed"])))
        begin = unpack_growth(earlier, prepared.cell, prepared.config.numerics.control(), comm)
        _LOG.info("going on from point %d at %.9g s", len(recorder.rows), begin.t)
    else:
        position = Position(value=prepared.protocol.start)
        rest = Waveform((position.time,), (position.value,))
        begin = _growth(prepared, rest, comm).seed()
        recorder.add(begin)
    for accepted in follow(prepared, position, begin, comm):
        point = accepted.point
        if accepted.new:
            recorder.add(point)
        recorder.meet(point, accepted.events)
        content = partial(_content, accepted, recorder)
        if point.t in accepted.segment.drive.times:
            checkpoints.save(content)
        checkpoints.offer(content)
        stage.update(point.t, _detail(point))
        if recorder.ended:
            _LOG.warning("the run ends at %.6g s: %s", point.t, recorder.ended)
            return


def _detail(point: TimePoint) -> str:
    current = point.state.I
    said = f"= {current:.3g} A" if abs(current) > MEASURABLE else f"below {MEASURABLE:g} A"
    return f"I {said}, gap = {point.gap * 1e9:.3g} nm, T_max = {point.state.T_max:.0f} K"


def _content(accepted: Accepted, recorder: Recorder) -> Content:
    """What a run needs to go on after a time step."""
    position = accepted.position
    return {
        **pack_growth(accepted.point),
        **recorder.content(),
        "position": np.array([position.number, position.time, position.value]),
        "passed": np.array(position.passed, dtype=str),
    }


CASE = Case(Config, prepare, check, run, mesh)
