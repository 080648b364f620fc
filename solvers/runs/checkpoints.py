"""Checkpoints: numbers on disk from which a run goes on, on any number of ranks.

A file is a first line with the format's version and a checksum, then NumPy arrays (``.npz``); data
only, nothing in it is executed. It appears in one step, and the last two are kept, so that a
checkpoint is there whatever ended the run, even if the newest one was damaged.
"""

import hashlib
import io
import logging
import signal
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from mitmodels.errors import RunError
from mitmodels.solvers.runs.files import replace
from mitmodels.solvers.runs.parallel import on_root

Content = Mapping[str, npt.NDArray[Any]]

_LOG = logging.getLogger(__name__)
_MAGIC, _VERSION = "mitmodels-checkpoint", 1
_KEPT = 2
_SHARE = 0.01  # of the wall time that writing may take at most
_ECHO = 1.0  # seconds; SLURM signals every process, and mpirun passes its own signal on to them


class Checkpoints:
    """Writes and reads the checkpoints of a run. Methods are collective.

    As a context manager it makes SIGTERM and Ctrl-C wait for the next `offer`, which writes a
    checkpoint and then ends the run; one more, a second later or more, ends it at once. SIGUSR1
    asks for a checkpoint.

    Parameters
    ----------
    comm : MPI.Comm
        The ranks of the run.
    folder : Path
        Where the files are.
    interval : float
        Wall time between two checkpoints [s]; longer where gathering and writing one takes more
        than a hundredth of it.
    """

    def __init__(self, comm: MPI.Comm, folder: Path, interval: float) -> None:
        self.comm, self.folder, self.interval = comm, folder, interval
        self._due = time.monotonic() + interval
        self._asked = False
        self._ended: float | None = None  # when it was asked for
        self._former: dict[int, Any] = {}

    def __enter__(self) -> "Checkpoints":
        handlers = {
            signal.SIGTERM: self._end,
            signal.SIGINT: self._end,
            signal.SIGUSR1: self._ask,
        }
        self._former = {number: signal.signal(number, call) for number, call in handlers.items()}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._former.items():
            signal.signal(number, handler)

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self._asked = True

    def _end(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self._ended is not None and now - self._ended < _ECHO:
            return
        if self._ended is not None:
            former = self._former[number]
            if callable(former):
                former(number, frame)
            raise KeyboardInterrupt
        self._asked, self._ended = True, now

    def offer(self, content: Callable[[], Content]) -> None:
        """Write a checkpoint if it is time or was asked for, and end the run if that was asked.

        ``content`` is called on every rank; what it returns counts on rank 0.

        Raises
        ------
        KeyboardInterrupt
            If the run was asked to end.
        RunError
            If the checkpoint cannot be written.
        """
        asked = self._asked or (self.comm.rank == 0 and time.monotonic() >= self._due)
        wishes = self.comm.allgather((asked, self._ended is not None))
        asked, ended = map(any, zip(*wishes, strict=True))
        if asked:
            begin = time.monotonic()
            self._save(content(), begin)
        if ended:
            raise KeyboardInterrupt

    def save(self, content: Content) -> None:
        """Write a checkpoint and remove all but the last two.

        Raises
        ------
        RunError
            If it cannot be written; the earlier ones are untouched then.
        """
        self._save(content, time.monotonic())

    def _save(self, content: Content, begin: float) -> None:
        on_root(self.comm, lambda: self._write(content))
        end = time.monotonic()
        self._due = end + max(self.interval, (end - begin) / _SHARE)
        self._asked = False

    def _write(self, content: Content) -> None:
        files = self._files()
        number = int(files[0].stem) + 1 if files else 1
        replace(self.folder / f"{number:06d}.npz", pack(content))
        for file in files[_KEPT - 1 :]:
            file.unlink(missing_ok=True)

    def latest(self) -> Content | None:
        """Return the content of the newest sound checkpoint on every rank, None if there is none.

        A damaged one is passed over with a warning.
        """
        return on_root(self.comm, self._read)

    def _read(self) -> Content | None:
        for file in self._files():
            try:
                return unpack(file.read_bytes())
            except (RunError, OSError) as error:
                _LOG.warning("checkpoint %s is passed over: %s", file, error)
        return None

    def _files(self) -> list[Path]:
        """Checkpoints, the newest first."""
        return sorted(self.folder.glob("[0-9]*.npz"), reverse=True)


def pack(content: Content) -> bytes:
    """Return the bytes of a checkpoint."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **content)
    data = stream.getvalue()
    return f"{_MAGIC} {_VERSION} {hashlib.sha256(data).hexdigest()}\n".encode() + data


def unpack(data: bytes) -> dict[str, npt.NDArray[Any]]:
    """Return the content of a checkpoint from its bytes.

    Raises
    ------
    RunError
        If they are no checkpoint, of another version or damaged.
    """
    line, _, payload = data.partition(b"\n")
    words = line.decode("ascii", errors="replace").split()
    if len(words) != 3 or words[0] != _MAGIC:
        raise RunError("it is no checkpoint or its beginning is lost")
    if words[1] != str(_VERSION):
        raise RunError(f"it has version {words[1]} of the format, this program reads {_VERSION}")
    if hashlib.sha256(payload).hexdigest() != words[2]:
        raise RunError("it is truncated or damaged")
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunError(f"it cannot be read ({error})") from None
