"""Steady I-V curve of a metal-to-insulator film under a source of voltage or current.

The branch of steady states is traced once by arclength; both sweep directions, their jumps and the
states asked for are readings of it.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.film.device import build_solver, mesh
from mitmodels.cases.film.modes import MODES, write_modes
from mitmodels.cases.film.sections import wall_warning
from mitmodels.cases.film.steady_branch import condition_met, continuation, follow
from mitmodels.cases.film.steady_config import READINGS, Config, Prepared, check, prepare
from mitmodels.cases.film.switching import Switching
from mitmodels.cases.registry import Case
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.film.branch import Branch
from mitmodels.solvers.film.checkpoint import BRANCH_LAYOUT, pack_branch, unpack_branch
from mitmodels.solvers.film.continuation import Continuation, Point, Rejection
from mitmodels.solvers.film.fields import FilmFields
from mitmodels.solvers.film.interfaces import State
from mitmodels.solvers.film.stability import slowest_rates
from mitmodels.solvers.runs.checkpoints import Checkpoints, Content
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import RunFolder, Table
from mitmodels.solvers.runs.numbering import Numbering
from mitmodels.solvers.runs.reading import Run

_LOG = logging.getLogger(__name__)

IV = {**READINGS, "stable": ""}
_ROWS = 100  # of a film, within which the shape of a perturbation is taken as even
EVENTS = {"event": "", "s": "", "V_source": "V", "I": "A", "detail": ""}
KEPT = (*BRANCH_LAYOUT, *IV, *EVENTS, "iv_size", "events_size", "elapsed")


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Trace the branch and write tables, fields and summary into the run folder.

    Raises
    ------
    RunError
        If the branch cannot be followed to its end; what was found so far is on disk.
    """
    checkpoints = folder.open_checkpoints(KEPT)
    earlier = checkpoints.latest() or {}
    begin = time.perf_counter() - float(earlier.get("elapsed", 0.0))
    iv = folder.table("iv", IV, int(earlier.get("iv_size", 0)))
    events = folder.table("events", EVENTS, int(earlier.get("events_size", 0)))
    warning = wall_warning(prepared.config)
    if warning and not earlier:
        _LOG.warning(warning)
        events.append(_event("warning", detail=warning))
    for sentence in checkpoints.passed_over:
        events.append(_event("warning", detail=sentence))
    newton = build_solver(prepared.device)
    _LOG.info("substrate and film assembled after %.1f s", time.perf_counter() - begin)
    numbering = Numbering(newton.film.space)
    trace = _Trace(prepared, continuation(prepared, newton), iv, events, numbering, begin)
    with checkpoints:
        branch = trace.follow(checkpoints, earlier, progress)
    if prepared.config.output.check_stability:
        _check_stability(branch, prepared.load, events, progress)
    switching = Switching.read(branch, prepared.config)
    _write_switching(prepared, branch, switching, events)
    _write_fields(prepared, branch, switching, folder, events)
    _write_modes(prepared, branch, folder)
    summary = switching.summary(branch, prepared.load)
    summary["unknowns"] = (2 * prepared.device.nodes, "")
    summary["newton_iterations"] = (newton.iterations, "")
    summary["wall_time"] = (time.perf_counter() - begin, "s")
    folder.write_summary(summary)


def _event(
    event: str,
    s: float | None = None,
    V_source: float | None = None,
    current: float | None = None,
    detail: str = "",
) -> dict[str, Value]:
    return {"event": event, "s": s, "V_source": V_source, "I": current, "detail": detail}


def _state_event(
    event: str, state: State, load: float, detail: str = "", s: float | None = None
) -> dict[str, Value]:
    source = state.reading.V_device + load * state.current
    return _event(event, s, source, state.current, detail)


@dataclass(frozen=True, eq=False)
class _Trace:
    """Follows the branch, writing every point as it is found."""

    prepared: Prepared
    continuation: Continuation
    iv: Table
    events: Table
    numbering: Numbering
    begin: float

    def follow(self, checkpoints: Checkpoints, earlier: Content, progress: Progress) -> Branch:
        """Follow the branch to the end of the ramp, from the beginning or from a checkpoint."""
        points, limit = self._points(earlier), self.prepared.limit
        with progress.stage("branch", total=limit, unit=self.prepared.unit) as stage:
            for found in follow(self.prepared, self.continuation, points):
                if isinstance(found, Rejection):
                    self.events.append(_event("rejected step", s=found.s, detail=found.reason))
                    continue
                self._write(found, points)
                if found.kind == "step":
                    checkpoints.offer(lambda: self._content(points))
                reading = found.state.reading
                detail = f"I = {reading.I * 1e3:.3f} mA, T = {reading.T_max:.0f} K"
                stage.update(found.drive, detail)
        checkpoints.save(self._content(points))
        return Branch(self.continuation, tuple(points))

    def _points(self, earlier: Content) -> list[Point]:
        if earlier:
            points = unpack_branch(earlier, self.continuation.newton, self.numbering)
            _LOG.info("going on from point %d of the branch", len(points))
            return list(points)
        start = self.continuation.start()
        self._write(start, [start])
        return [start]

    def _write(self, found: Point, points: Sequence[Point]) -> None:
        load, fold = self.prepared.load, found.kind == "fold"
        hottest = max((point.state.reading.T_max for point in points[:-1]), default=None)
        before = {} if hottest is None else {"K": hottest}
        now = {"K": found.state.reading.T_max}
        for sentence in left_ranges(self.prepared.config, before, now):
            _LOG.warning(sentence)
            self.events.append(_state_event("warning", found.state, load, sentence, found.s))
        folds = sum(point.kind == "fold" for point in points)
        self.iv.append(_row(found, load, fold or folds % 2 == 0))
        if fold:
            self.events.append(_state_event("fold", found.state, load, s=found.s))
        met = condition_met(self.prepared, points)
        if met:
            reason = f"{met.quantity} {met.relation} {met.limit:g}"
            self.events.append(_state_event("ramp ended", found.state, load, reason, found.s))

    def _content(self, points: Sequence[Point]) -> Content:
        """What a run needs to go on after the last of the points."""
        return {
            **pack_branch(points, self.continuation.newton, self.numbering),
            "iv_size": np.array(self.iv.sync()),
            "events_size": np.array(self.events.sync()),
            "elapsed": np.array(time.perf_counter() - self.begin),
        }


def _row(point: Point, load: float, stable: bool) -> dict[str, Value]:
    reading = point.state.reading
    return {"V_source": reading.V_device + load * reading.I, **asdict(reading), "stable": stable}


def _check_stability(branch: Branch, load: float, events: Table, progress: Progress) -> None:
    """Compare what the folds say with the slowest perturbation in the middle of each segment."""
    newton, drive = branch.continuation.newton, branch.continuation.drive
    segments = tuple(branch.segments())
    with progress.stage("stability", total=len(segments)) as stage:
        for i, (stable, points) in enumerate(segments, 1):
            point = points[len(points) // 2]
            rates = slowest_rates(newton, point.state, drive)
            growing = int(np.sum(rates.real < 0))
            slowest = f"rates {', '.join(f'{rate.real:.3g}' for rate in rates)} of the thermal rate"
            detail = f"{'stable' if stable else 'unstable'}: {growing} growing, {slowest}"
            agrees = (growing == 0) == stable
            if not agrees:
                said = "at %.4g V the folds and the eigenvalues disagree: %s"
                _LOG.warning(said, point.drive, detail)
            event = "stability" if agrees else "stability disagrees"
            events.append(_state_event(event, point.state, load, detail, point.s))
            stage.update(i, detail)


def _write_switching(
    prepared: Prepared, branch: Branch, switching: Switching, events: Table
) -> None:
    load = prepared.load
    extrema = (("maximum of I", switching.peak), ("minimum of I", switching.valley))
    for name, point in extrema:
        if point:
            events.append(_state_event(name, point.state, load, s=point.s))
    if switching.limited:
        events.append(_state_event("compliance", switching.limited, load))
    if branch.folds and not any(jump.upward for jump in switching.jumps):
        beyond = "no stable state beyond within the ramp"
        events.append(_state_event("runaway", branch.folds[0].state, load, beyond))
    for jump in switching.jumps:
        way = "up" if jump.upward else "down"
        events.append(_state_event(f"jump of the {way} sweep", jump.before, load, "from"))
        events.append(_state_event(f"jump of the {way} sweep", jump.after, load, "to"))


def _write_modes(prepared: Prepared, branch: Branch, folder: RunFolder) -> None:
    """Write gains of perturbations where they were asked for."""
    config = prepared.config
    voltages = tuple(map(float, config.output.stability_at.V_source))
    if voltages:
        table = folder.table("modes", MODES)
        write_modes(branch, prepared.load, voltages, config.geometry.length / _ROWS, table)


def _write_fields(
    prepared: Prepared, branch: Branch, switching: Switching, folder: RunFolder, events: Table
) -> None:
    """Store the states of the switching, and every stable state where fields were asked for."""
    states = {
        "metal": switching.peak and switching.peak.state,
        "up-fold": branch.folds[0].state if branch.folds else None,
        "nucleated": switching.nucleated,
        "half": switching.half,
        "full": switching.full,
        "limited": switching.limited,
    }
    for voltage in prepared.config.output.fields_at.V_source:
        for point in branch.land(voltage):
            side = "barrier" if point.state.reading.barrier_width > 0 else "metal"
            states[f"{voltage:g}V-{side}"] = point.state
    newton = branch.continuation.newton
    writer = FilmFields(newton.film, folder.fields)
    for name, state in states.items():
        if state:
            newton.set_fields(state)
            writer.write(name)
            events.append(_state_event("fields", state, prepared.load, name))


def plot(run: Run) -> list[Path]:
    """Draw a run; imports the figures only then."""
    from mitmodels.cases.film.figures.steady import plot

    return plot(run)


def plot_sweep(folder: SweepFolder) -> list[Path]:
    """Draw the completed points of a sweep; imports the figures only then."""
    from mitmodels.cases.film.figures.family import plot

    return plot(folder)


CASE = Case(Config, prepare, check, run, plot, mesh=mesh, plot_sweep=plot_sweep)
