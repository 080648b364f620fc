"""Steady I-V curve of a metal-to-insulator film under a source of voltage or current.

The branch of steady states is traced once by arclength; both sweep directions, their jumps and the
states asked for are readings of it.
"""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film.device import build_solver, mesh
from mitmodels.cases.film.forecast import caught_wall, warnings
from mitmodels.cases.film.heat_storage import build_storing
from mitmodels.cases.film.small_signal.impedance import SmallSignals
from mitmodels.cases.film.small_signal.modes import MODES, write_modes
from mitmodels.cases.film.steady_branch import Found, Target, continuation, follow
from mitmodels.cases.film.steady_config import Config, Prepared, check, prepare
from mitmodels.cases.film.switching import Switching, ended_early
from mitmodels.cases.registry import Case
from mitmodels.cases.runs.further_columns import further_columns
from mitmodels.cases.runs.record import KEPT as RECORDED
from mitmodels.cases.runs.record import Record
from mitmodels.drive.following import ENDED, FIELDS, expected
from mitmodels.film.observables import STEADY_FILM, OperatingPoint
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.checkpoint import BRANCH_LAYOUT, pack_branch, unpack_branch
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.fields import FilmFields
from mitmodels.solvers.film.interfaces import Rejection, State
from mitmodels.solvers.film.points import Point, StallError
from mitmodels.solvers.film.readout import steepest, temperatures_at
from mitmodels.solvers.film.small_signal.stability import slowest_rates
from mitmodels.solvers.petsc import SolverError
from mitmodels.solvers.runs.checkpoints import Checkpoints, Content
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.numbering import Numbering

_LOG = logging.getLogger(__name__)

IV = {**STEADY_FILM.units, "stable": ""}
READS = {"V": "V_device", "I": "I", "R": "R", "T_max": "T_max"}
_ROWS = 100  # of a film, within which the shape of a perturbation is taken as even
EVENTS = {"event": "", "s": "", "V_source": "V", "I": "A", "detail": ""}
KEPT = (*BRANCH_LAYOUT, *IV, *EVENTS, *RECORDED)


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Trace the branch and write tables, fields and summary into the run folder.

    Raises
    ------
    RunError
        If the branch cannot be followed at all. Where it cannot be followed to the end of the ramp,
        or a state on it is not solved for, warnings say so.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    reads = READS if prepared.protocol.reads else None
    waited = expected(prepared.protocol, STEADY_FILM, prepared.fields)
    columns, derived = further_columns(prepared.config.output, IV)
    record = Record(folder, columns, EVENTS, earlier, waited, reads, derived)
    if not earlier:
        record.warn(warnings(prepared), {})
    for sentence in checkpoints.passed_over:
        record.note("warning", {}, sentence)
    device, output = prepared.device, prepared.config.output
    capacity = prepared.config.heat_capacity if output.follows_heat else None
    newton = build_storing(device, capacity)[0] if capacity else build_solver(device)
    _LOG.info("substrate and film assembled after %.1f s", record.elapsed)
    numbering = Numbering(newton.film.space)
    trace = _Trace(prepared, continuation(prepared, newton), record, numbering)
    with checkpoints:
        branch = trace.follow(checkpoints, earlier, progress)
    _check_walls(branch, prepared, record)
    if prepared.config.output.check_stability:
        _check_stability(branch, prepared, record, progress)
    switching = Switching.read(branch, prepared.config)
    _write_switching(prepared, branch, switching, record)
    _write_fields(prepared, branch, switching, folder, record)
    record.warn_of_unmet({})
    if voltages := tuple(map(float, prepared.config.output.stability_at.V_source)):
        bin_length = prepared.config.geometry.length / _ROWS
        modes = folder.table("modes", MODES)
        try:
            write_modes(branch, prepared.load, voltages, bin_length, modes)
        except SolverError as error:
            record.warn([f"stability_at is not solved for to its end: {error}"], {})
    if capacity:
        SmallSignals(prepared, branch, record).write(folder, progress)
    summary = switching.summary(branch, prepared)
    summary["unknowns"] = (2 * prepared.device.nodes, "")
    summary["newton_iterations"] = (newton.iterations, "")
    summary["wall_time"] = (record.elapsed, "s")
    folder.write_summary(summary)


def _check_walls(branch: Branch, prepared: Prepared, record: Record) -> None:
    """Say if walls between cold and hot parts stand on single elements, which catch them."""
    newton, caught = branch.continuation.newton, []
    for number, point in enumerate(branch.points):
        newton.set_fields(point.state)
        if (found := steepest(newton.film)).catches:
            caught.append((found, number))
    if not caught:
        return
    found, number = max(caught)
    where = _where(prepared, branch.points[number].state, branch.points[number].s)
    record.warn([caught_wall(found, prepared.config, where["V_source"])], where)


def _where(prepared: Prepared, state: State, s: float | None = None) -> dict[str, Value]:
    source = OperatingPoint(state.reading, prepared.load).V_source
    return {"s": s, "V_source": source, "I": state.current}


def _shown(point: Point) -> str:
    reading = point.state.reading
    return f"I = {reading.I * 1e3:.3f} mA, T = {reading.T_max:.0f} K"


@dataclass(frozen=True, eq=False)
class _Trace:
    """Follows the branch, writing every point as it is found."""

    prepared: Prepared
    continuation: Continuation
    record: Record
    numbering: Numbering

    def follow(self, checkpoints: Checkpoints, earlier: Content, progress: Progress) -> Branch:
        """Follow the branch to the end of the ramp, from the beginning or from a checkpoint."""
        points, limit = self._points(earlier), self.prepared.limit
        with progress.stage("branch", total=limit, unit=self.prepared.protocol.unit) as stage:
            try:
                for found in follow(self.prepared, self.continuation, points):
                    self._take(found, points, checkpoints)
                    stage.update(points[-1].drive, _shown(points[-1]))
            except StallError as end:
                if len(points) == 1:
                    raise
                self._end(points[-1], str(end))
        checkpoints.save(lambda: self._content(points))
        return Branch(self.continuation, tuple(points))

    def _take(
        self, found: Found | Rejection, points: Sequence[Point], checkpoints: Checkpoints
    ) -> None:
        if isinstance(found, Rejection):
            self.record.note("rejected step", {"s": found.at}, found.reason)
            return
        self._write(found, points)
        if found.point.kind == "step":
            checkpoints.offer(lambda: self._content(points))

    def _end(self, last: Point, reason: str) -> None:
        """Say why the branch ends before the ramp; what was found is evaluated."""
        where = _where(self.prepared, last.state, last.s)
        self.record.warn([reason], where)
        self.record.note("ramp ended", where, reason)

    def _points(self, earlier: Content) -> list[Point]:
        if earlier:
            points = unpack_branch(earlier, self.continuation.newton, self.numbering)
            _LOG.info("going on from point %d of the branch", len(points))
            return list(points)
        start = self.continuation.start()
        self._write(Found(start), [start])
        return [start]

    def _write(self, found: Found, points: Sequence[Point]) -> None:
        point, fold = found.point, found.point.kind == "fold"
        where = _where(self.prepared, point.state, point.s)
        *before, now = ({"K": p.state.reading.T_max} for p in points)
        hottest = max(before, key=lambda largest: largest["K"], default={})
        self.record.warn(left_ranges(self.prepared.config, hottest, now), where)
        folds = sum(p.kind == "fold" for p in points)
        row = STEADY_FILM.row(OperatingPoint(point.state.reading, self.prepared.load))
        probed = self._probed(point.state)
        self.record.iv.append({**row, "stable": fold or folds % 2 == 0, **probed})
        if fold:
            self.record.note("fold", where)
        self.record.meet(found.events, row)
        for event in found.events:
            kind, _, detail = event.partition(": ")
            if kind == ENDED:
                self.record.note("ramp ended", where, detail)
                _LOG.warning("the ramp ends at %.6g V: %s", where["V_source"], detail)

    def _probed(self, state: State) -> dict[str, float]:
        """Return the temperatures at the places that are asked for."""
        newton, places = self.continuation.newton, self.prepared.config.output.probes
        if places:
            newton.set_fields(state)
        return temperatures_at(newton.film, places)

    def _content(self, points: Sequence[Point]) -> Content:
        """What a run needs to go on after the last of the points."""
        packed = pack_branch(points, self.continuation.newton, self.numbering)
        return {**packed, **self.record.content()}


def _check_stability(
    branch: Branch, prepared: Prepared, record: Record, progress: Progress
) -> None:
    """Compare what the folds say with the slowest perturbation in the middle of each segment."""
    newton, drive = branch.continuation.newton, branch.continuation.drive
    segments = tuple(branch.segments())
    with progress.stage("stability", total=len(segments)) as stage:
        for i, (stable, points) in enumerate(segments, 1):
            point = points[len(points) // 2]
            try:
                rates = slowest_rates(newton, point.state, drive)
            except SolverError as error:
                record.warn([f"stability at {point.drive:.4g} is not known: {error}"], {})
                continue
            growing = int(np.sum(rates.real < 0))
            slowest = f"rates {', '.join(f'{rate.real:.3g}' for rate in rates)} of the thermal rate"
            detail = f"{'stable' if stable else 'unstable'}: {growing} growing, {slowest}"
            agrees = (growing == 0) == stable
            if not agrees:
                said = "at %.4g V the folds and the eigenvalues disagree: %s"
                _LOG.warning(said, point.drive, detail)
            event = "stability" if agrees else "stability disagrees"
            record.note(event, _where(prepared, point.state, point.s), detail)
            stage.update(i, detail)


def _write_switching(
    prepared: Prepared, branch: Branch, switching: Switching, record: Record
) -> None:
    for name, point in (("maximum", switching.maximum), ("minimum", switching.minimum)):
        if point:
            record.note(f"{name} of I", _where(prepared, point.state, point.s))
    if switching.limited:
        record.note("compliance", _where(prepared, switching.limited))
    record.warn((f"{name}: {reason}" for name, reason in switching.failed.items()), {})
    stays = not any(jump.upward for jump in switching.jumps) and "jumps" not in switching.failed
    if branch.folds and stays:
        beyond = ended_early(branch, prepared) or "no stable state beyond within the ramp"
        record.note("runaway", _where(prepared, branch.folds[0].state), beyond)
    for jump in switching.jumps:
        name = f"jump of the {'up' if jump.upward else 'down'} sweep"
        record.note(name, _where(prepared, jump.before), "from")
        record.note(name, _where(prepared, jump.after), "to")


def _write_fields(
    prepared: Prepared, branch: Branch, switching: Switching, folder: RunFolder, record: Record
) -> None:
    """Store the states of the switching, and every stable state where fields were asked for."""
    named = {
        "metal": switching.maximum and switching.maximum.state,
        "up-fold": branch.folds[0].state if branch.folds else None,
        "nucleated": switching.nucleated,
        "half": switching.half,
        "full": switching.full,
        "limited": switching.limited,
    }
    states = {name: state for name, state in named.items() if state}
    metal = {"metal", "up-fold"}
    newton = branch.continuation.newton
    for begin, level in prepared.fields.items():
        target = Target(prepared, branch.continuation, level)
        try:
            points = branch.states(target.read, level.value, target.solve)
        except SolverError as error:
            record.warn([f"fields_at {begin} is not solved for: {error}"], {})
            continue
        for point in points:
            record.meet([f"{FIELDS}: {begin}"], {})
            width, hottest = point.state.reading.barrier_width, point.state.reading.T_max
            hot = hottest > newton.film.properties.barrier_temperature
            side = "barrier" if width > 0 or (math.isnan(width) and hot) else "metal"
            count = sum(known.startswith(f"{begin}-{side}") for known in states)
            name = f"{begin}-{side}-{count + 1}" if count else f"{begin}-{side}"
            states[name] = point.state
            metal |= {name} if side == "metal" else set()
    writer = FilmFields(newton.film, folder.fields)
    rows = {
        name: STEADY_FILM.row(OperatingPoint(state.reading, prepared.load))
        for name, state in states.items()
    }
    # Along the branch: the metal up to the fold, then what is beyond it.
    for name in sorted(rows, key=lambda name: (name not in metal, rows[name]["V_source"])):
        newton.set_fields(states[name])
        writer.write(name, rows[name])
        record.note("fields", {key: rows[name][key] for key in ("V_source", "I")}, name)


CASE = Case(Config, prepare, check, run, mesh)
