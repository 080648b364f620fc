"""Processes of a sweep: each point is a run of its own, some at a time."""

import logging
import signal
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from select import select
from shlex import quote

from mpi4py import MPI

from mitmodels.cases.config.document import Document, read
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.console.journal import journal
from mitmodels.cases.console.launcher import check_crowd
from mitmodels.cases.console.options import Flag, Input, Overrides, new_path, seconds
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.registry import case_of, examine, find_case, plot_sweep
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.points import Point, expand
from mitmodels.cases.sweeps.slurm import Script, write_array
from mitmodels.cases.sweeps.table import collect
from mitmodels.cases.sweeps.worker import Worker
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.files import alone, writing
from mitmodels.solvers.runs.signals import answering

_LOG = logging.getLogger(__name__)
_POLL = 0.1  # seconds
_PATIENCE = 60.0  # seconds that a run has to write its last checkpoint
Say = Callable[[float, str], None]
# -P: modules in the working directory are not ours.
COMMAND = (sys.executable, "-P", "-m", "mitmodels")


def sweep(
    config: Input,
    /,
    out: Path | str | None = None,
    *,
    jobs: int | None = None,
    overrides: Overrides = (),
    checkpoint_every: str = "10 min",
    slurm: Flag = False,
) -> SweepFolder | Script:
    """Run all points of the [sweep] in a TOML file, or those that are left.

    Parameters
    ----------
    config
        TOML file, or the name of a shipped one. In Python also the content of such a file.
    out
        Folder of the sweep: a new one, or an earlier one of the same file to go on with.
        Default: runs/ and name of the file and time.
    jobs
        How many runs at a time. Default: 1, or what the cluster allows.
    overrides
        section.key=value to replace one of the file; section.key= takes it out. May be repeated.
    checkpoint_every
        Wall time between two checkpoints of a run.
    slurm
        Run nothing: make the folder, write and show a job array for sbatch.

    Returns
    -------
    SweepFolder or Script
        What is on disk at the end, or the script of the job array.

    Raises
    ------
    InputError
        If the input of any point cannot be used; nothing is run or written then.
    RunError
        If a point failed; all others were run.
    """
    opened = partial(_open_or_create, config, out, overrides)
    return _go_on(opened, checkpoint_every, jobs, slurm)


def resume(
    path: Path | str,
    *,
    jobs: int | None = None,
    checkpoint_every: str = "10 min",
    slurm: bool = False,
) -> SweepFolder | Script:
    """Go on with a sweep from its folder alone; the options are those of `sweep`.

    Raises
    ------
    InputError
        If it is not one, another process works on it, or nothing is left for a job array.
    RunError
        If a point failed; all others were run.
    """
    opened = partial(SweepFolder.open, Path(path))
    return _go_on(opened, checkpoint_every, jobs, slurm)


def _go_on(
    opened: Callable[[], SweepFolder], checkpoint_every: str, jobs: int | None, slurm: bool
) -> SweepFolder | Script:
    """Run what is not complete, or write the job array that does."""
    seconds(checkpoint_every)
    if MPI.COMM_WORLD.size > 1:
        raise InputError("a sweep starts its own processes: give --jobs instead of mpirun")
    if jobs is not None and jobs < 1:
        raise InputError(f"--jobs {jobs} is less than 1: give the number of runs at a time")
    if not slurm:
        check_crowd("--jobs", jobs or 1)
    with journal(MPI.COMM_WORLD):
        folder = opened()
        if slurm:
            return write_array(folder, COMMAND, checkpoint_every, jobs)
        return _work(folder, jobs or 1, checkpoint_every)


def _open_or_create(config: Input, out: Path | str | None, overrides: Sequence[str]) -> SweepFolder:
    """Return the folder of a sweep with the input of all points, checked."""
    document = read(config, overrides)
    case = find_case(document.data.get("case"), f"{document.path}: case")
    document = document.of_kinds(case.config)
    expanded = expand(document)
    path = new_path(out, document.path.stem)
    if path.exists():
        folder = SweepFolder.open(path)
        folder.compare(expanded, document.path)
        return folder
    settings = {
        point.name: _at_point(document, point, partial(examine, comm=MPI.COMM_WORLD))
        for point in expanded.points
    }
    return SweepFolder.create(path, document.reproduction(), expanded, settings)


def _at_point(
    document: Document, point: Point, examined: Callable[[Document], CaseConfig]
) -> CaseConfig:
    try:
        return examined(Document(document.path, "", point.data, document.overrides))
    except InputError as error:
        raise InputError(f"{error} (point {point.name} of the sweep)") from None


def first_point(document: Document) -> tuple[Document, dict[str, str]]:
    """Return the first point of a sweep, all of whose points are valid, and a line on them.

    Raises
    ------
    InputError
        If a point is not valid; its mesh is not made.
    """
    points = expand(document).points
    for point in points:
        _at_point(document, point, lambda it: it.validate(case_of(it)[0].config))
    names = " to ".join(dict.fromkeys((points[0].name, points[-1].name)))
    line = f"{len(points)} points, {names}; what follows is of the first"
    return replace(document, data=points[0].data), {"sweep": line}


def run_points(folder: SweepFolder, jobs: int, checkpoint_every: str, say: Say) -> bool:
    """Run the points that are not complete, some at a time; return whether there were any.

    A point that fails stops no other. The folder must be worked on by this process alone. How many
    are over, and which is the last of them, goes to ``say``.
    """
    states = folder.states()
    waiting = deque(s.name for s in states if s.state not in ("running", "completed"))
    elsewhere = {state.name for state in states if state.state == "running"}
    queue = _Queue(folder, jobs, checkpoint_every, say, waiting, elsewhere)
    begun = queue.left > 0
    say(len(states) - queue.left, "")
    try:
        while queue.left:
            queue.start()
            queue.collect()
    finally:
        queue.stop()
    return begun


@dataclass(eq=False)
class _Queue:
    """Points that are left, and the processes that run them.

    Those that a killed sweep left behind run elsewhere, and count as jobs.
    """

    folder: SweepFolder
    jobs: int
    checkpoint_every: str
    say: Say
    waiting: deque[str]
    elsewhere: set[str]
    idle: list[Worker] = field(default_factory=list)
    busy: dict[Worker, str] = field(default_factory=dict)

    @property
    def left(self) -> int:
        """Number of points that are not over."""
        return len(self.waiting) + len(self.busy) + len(self.elsewhere)

    def start(self) -> None:
        """Start points as long as there may be more at a time."""
        while self.waiting and len(self.busy) + len(self.elsewhere) < self.jobs:
            name = self.waiting.popleft()
            run, output = self.folder.path / name, self.folder.output(name)
            fresh = ["run", self.folder.input(name), "--out", run]
            verb = ["resume", run] if run.exists() else fresh
            with writing(output):
                output.write_bytes(b"")
                worker = self.idle.pop() if self.idle else Worker.start((*COMMAND, "work"), output)
            self.busy[worker] = name
            worker.ask(output, [*map(str, verb), "--checkpoint-every", self.checkpoint_every])

    def collect(self) -> None:
        """Wait a moment for points that are over."""
        for worker in select(self.busy, (), (), _POLL)[0]:
            name = self.busy.pop(worker)
            if worker.goes_on():
                self.idle.append(worker)
            self._settle(name)
        for name in [n for n in self.elsewhere if self.folder.state(n).state != "running"]:
            self.elsewhere.remove(name)
            self._settle(name, again=True)

    def _settle(self, name: str, again: bool = False) -> None:
        """Note how a point ended, or that it is run once more."""
        state = self.folder.state(name)
        if state.state == "running":  # a run that was left behind was faster
            self.elsewhere.add(name)
        elif state.state != "completed" and again:
            self.waiting.append(name)
        elif state.state != "completed":
            _LOG.warning("%s %s: %s", name, state.state, state.reason)
        self.say(len(self.folder.names) - self.left, f"{name} {state.state}")

    def stop(self) -> None:
        """Let processes end, those with a run after its last checkpoint."""
        for worker in self.busy:
            worker.interrupt()
        deadline = time.monotonic() + _PATIENCE
        for worker in (*self.idle, *self.busy):
            worker.end(deadline - time.monotonic())


def _work(folder: SweepFolder, jobs: int, checkpoint_every: str) -> SweepFolder:
    """Run what is not complete, gather and draw what was found, then say what failed."""
    bar = Progress(MPI.COMM_WORLD).stage("sweep", len(folder.names))
    # SIGTERM interrupts like Ctrl-C.
    terminable = answering({signal.SIGTERM: signal.default_int_handler})
    with alone(folder.path), terminable, bar as stage:
        try:
            begun = run_points(folder, jobs, checkpoint_every, stage.update)
        except KeyboardInterrupt:
            way_on = f"`mitmodels resume {quote(str(folder.path))}` goes on with what is left"
            raise KeyboardInterrupt(f"interrupted; {way_on}") from None
    if begun:
        collect(folder.path)
        plot_sweep(folder)
    failed = [state for state in folder.states() if state.state != "completed"]
    if failed:
        raise RunError(
            f"{folder.path}: {len(failed)} of {len(folder.names)} points did not end well, first "
            f"{failed[0].name} ({failed[0].reason}); `mitmodels status` lists them all"
        )
    return folder
