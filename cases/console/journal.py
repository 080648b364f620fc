"""Messages of a run, on the terminal and in its log, and its end."""

from __future__ import annotations

import logging
import shlex
import signal
import sys
import time
import traceback
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from logging.handlers import MemoryHandler
from typing import TYPE_CHECKING

from mitmodels.cases.console.launcher import check_launcher
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.files import append
from mitmodels.solvers.runs.folder import RunFolder, Status
from mitmodels.solvers.runs.signals import Handler, answering

if TYPE_CHECKING:
    from mpi4py import MPI

_INTERRUPTING = (signal.SIGINT, signal.SIGTERM)
_LOG = logging.getLogger(__name__)
_PATIENCE = 0.5  # seconds a failed rank waits for the others to fail too
_FORWARDING = 0.2  # seconds in which mpirun passes on what a rank has printed
_TAG = 32767  # of the messages in which a rank tells the others that it failed


class _Terminal(logging.Handler):
    """Prints to the present ``sys.stderr``: a progress bar replaces it to stay below the lines."""

    def emit(self, record: logging.LogRecord) -> None:
        with suppress(OSError):  # nobody reads it any more
            print(self.format(record), file=sys.stderr, flush=True)


class LogFile(logging.Handler):
    """Appends records to ``log.txt``. For rank 0."""

    def __init__(self, folder: RunFolder) -> None:
        super().__init__()
        self.path = folder.path / "log.txt"
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Append one record."""
        append(self.path, self.format(record) + "\n")


@contextmanager
def journal(comm: MPI.Comm) -> Iterator[Callable[[RunFolder], None]]:
    """Show messages and warnings of the project on rank 0.

    Yields
    ------
    Callable
        Call it with the run folder to write all messages, the earlier ones too, to ``log.txt``.

    Raises
    ------
    InputError
        If the processes of a launcher do not see one another.
    """
    check_launcher(comm.size)
    log = MemoryHandler(capacity=10_000, flushOnClose=False)
    terminal = _Terminal()
    # On a terminal and in a notebook a progress bar stands for the lines.
    has_bar = sys.stderr.isatty() or "ipykernel" in sys.modules
    terminal.setLevel(logging.WARNING if has_bar else logging.INFO)
    handlers = (terminal, log) if comm.rank == 0 else (logging.NullHandler(),)
    logger = logging.getLogger("mitmodels")

    def write_to(folder: RunFolder) -> None:
        if comm.rank == 0:
            log.setTarget(LogFile(folder))
            log.flushLevel = logging.NOTSET  # from now on at once
            log.flush()

    with warnings.catch_warnings():
        warnings.showwarning = lambda message, *_: _LOG.warning("%s", message)
        logger.setLevel(logging.INFO)
        for handler in handlers:
            logger.addHandler(handler)
        try:
            yield write_to
        finally:
            logger.setLevel(logging.NOTSET)
            for handler in handlers:
                logger.removeHandler(handler)


@contextmanager
def ending(folder: RunFolder) -> Iterator[None]:
    """Write into ``run.json`` how the run ends; Ctrl-C and SIGTERM interrupt it.

    A rank that fails alone writes itself and ends the job: the others may wait for it for ever.
    """
    comm = folder.comm
    with _signals() as received:
        try:
            comm.barrier()  # from here on every rank can tell how it ends
            yield
            if comm.rank == 0:
                folder.finish("completed")
            comm.barrier()
        except BaseException as raised:
            # PETSc turns what is raised inside one of its callbacks into an error of its own.
            interrupted = received or isinstance(raised, KeyboardInterrupt)
            error = KeyboardInterrupt(_way_on(folder)) if interrupted else raised
            together = _all_arrive(comm)
            if comm.rank == 0 or not together:
                _record(folder, error, raised)
            if not together:
                _abort(comm, error)
            comm.barrier()  # the others wait for the record, however slow the disk is
            if error is raised:
                raise
            raise error from raised


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Raise KeyboardInterrupt at Ctrl-C and SIGTERM; the list says which of them came."""
    received: list[int] = []

    def interrupt(number: int, _frame: object) -> None:
        received.append(number)
        raise KeyboardInterrupt

    from petsc4py import PETSc  # only here: the program starts without it

    PETSc.Options()  # its first use installs handlers of its own, so now
    # SIGUSR1 asks for a checkpoint; here there is nothing to save.
    answers: dict[int, Handler] = {signal.SIGUSR1: signal.SIG_IGN}
    with answering(answers | dict.fromkeys(_INTERRUPTING, interrupt)):
        yield received


def _way_on(folder: RunFolder) -> str:
    left = sorted(folder.checkpoints.glob("[0-9]*.npz"))
    resume = f"`mitmodels resume {shlex.quote(str(folder.path))}`"
    if left:
        return f"interrupted; {resume} goes on from the checkpoint {left[-1].name}"
    return f"interrupted before its first checkpoint; {resume} begins again"


def _record(folder: RunFolder, error: BaseException, raised: BaseException) -> None:
    """Write into the folder how and, in the log, where the run ended."""
    status: Status = "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
    with suppress(RunError):  # of a full disk, the first error counts
        folder.finish(status, status if status == "interrupted" else _sentence(error))
        append(folder.path / "log.txt", "".join(traceback.format_exception(raised)))


def leave(comm: MPI.Comm, error: BaseException) -> int:
    """Report an error once and return the exit code; end the whole job if only this rank failed.

    Returns
    -------
    int
        2 for bad input, 1 for a run that failed, 130 if it was interrupted.
    """
    if not _all_arrive(comm):
        _abort(comm, error)
    return report(error) if comm.rank == 0 else exit_code(error)


def _abort(comm: MPI.Comm, error: BaseException) -> None:
    code = report(error, f"rank {comm.rank}: ")
    time.sleep(_FORWARDING)
    comm.Abort(code)


def report(error: BaseException, rank: str = "") -> int:
    """Print an error, beginning with the rank, and return the exit code."""
    expected = isinstance(error, InputError | RunError | KeyboardInterrupt)
    trace = "" if expected else "".join(traceback.format_exception(error))
    print(f"{trace}mitmodels: {rank}{_sentence(error)}", file=sys.stderr, flush=True)
    return exit_code(error)


def exit_code(error: BaseException) -> int:
    """Return the exit code: 2 for bad input, 1 for a run that failed, 130 if interrupted."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    return 2 if isinstance(error, InputError) else 1


def _sentence(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return str(error) or "interrupted"
    if isinstance(error, InputError | RunError):
        # It may repeat what stands in a file.
        return "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(error))
    return f"{type(error).__name__}: {error}".partition("\n")[0]


def _all_arrive(comm: MPI.Comm) -> bool:
    """Whether all ranks call this within a moment: the error is everybody's.

    Of those that do, the lowest alone gives up, and ends the job: it is said once.
    """
    missing = set(range(comm.size)) - {comm.rank}
    sent = [comm.isend(None, rank, _TAG) for rank in missing]
    deadline = time.monotonic() + _PATIENCE
    while missing:
        here = {rank for rank in missing if comm.iprobe(rank, _TAG)}
        for rank in here:
            comm.recv(source=rank, tag=_TAG)
        missing -= here
        if time.monotonic() > deadline and missing.issuperset(range(comm.rank)):
            return False
        time.sleep(0.005)
    for request in sent:
        request.wait()
    return True
