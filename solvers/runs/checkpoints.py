"""Checkpoints: numbers on disk from which a run goes on, on any number of ranks.

A file is a first line with the format's version, a checksum and what it was written for, then NumPy
arrays (``.npz``); data only, nothing in it is executed. It appears in one step, and the last two
are kept, so that a checkpoint is there whatever ended the run, even if the newest one was damaged.
"""

from __future__ import annotations

import hashlib
import io
import logging
import signal
import time
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import numpy.typing as npt

from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.files import replace
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.signals import Handler, answering

if TYPE_CHECKING:
    from mpi4py import MPI

Content = Mapping[str, npt.NDArray[Any]]

_LOG = logging.getLogger(__name__)
_MAGIC, _VERSION = "mitmodels-checkpoint", 2
_KEPT = 2
_FRACTION = 0.01  # of the wall time that writing may take at most
_ECHO = 1.0  # seconds; SLURM signals every process, and mpirun passes its own signal on to them


@dataclass(frozen=True)
class Origin:
    """What a checkpoint was written for; another run of the program must have the same to use it.

    Attributes
    ----------
    layout : str
        Hash of the names of all that the content consists of.
    config : str
        Hash of the resolved configuration.
    """

    layout: str
    config: str

    @classmethod
    def of(cls, layout: Iterable[str], config: str) -> Self:
        """Return the origin of a content from its names and the hash of the configuration."""
        return cls(_hash("\n".join(sorted(layout)).encode()), config)


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
    origin : Origin
        What is written into every checkpoint, and is demanded of those that are read.

    Attributes
    ----------
    passed_over : tuple of str
        Sentences on the checkpoints that `latest` did not use.
    """

    def __init__(self, comm: MPI.Comm, folder: Path, interval: float, origin: Origin) -> None:
        self.comm, self.folder, self.interval, self.origin = comm, folder, interval, origin
        self.passed_over: tuple[str, ...] = ()
        self._due = time.monotonic() + interval
        self._asked = False
        self._ended: float | None = None  # when it was asked for
        self._former: Mapping[int, Any] = {}
        self._answers = ExitStack()

    def __enter__(self) -> Checkpoints:
        handlers: dict[int, Handler] = {
            signal.SIGTERM: self._end,
            signal.SIGINT: self._end,
            signal.SIGUSR1: self._ask,
        }
        self._former = self._answers.enter_context(answering(handlers))
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()

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
            self.save(content)
        if ended:
            raise KeyboardInterrupt

    def save(self, content: Callable[[], Content]) -> None:
        """Write a checkpoint and remove all but the last two.

        ``content`` is called on every rank; what it returns counts on rank 0.

        Raises
        ------
        RunError
            If it cannot be written; the earlier ones are untouched then.
        """
        begin, gathered = time.monotonic(), content()
        on_root(self.comm, lambda: self._write(gathered))
        end = time.monotonic()
        self._due = end + max(self.interval, (end - begin) / _FRACTION)
        self._asked = False

    def _write(self, content: Content) -> None:
        files = self._files()
        number = int(files[0].stem) + 1 if files else 1
        replace(self.folder / f"{number:06d}.npz", pack(content, self.origin))
        for file in files[_KEPT - 1 :]:
            file.unlink(missing_ok=True)

    def latest(self) -> Content | None:
        """Return the content of the newest checkpoint that fits, None if there is no checkpoint.

        One that is damaged or was written for something else is passed over with a warning.

        Raises
        ------
        InputError
            If there are checkpoints and none of them fits: to begin again would overwrite what
            another version of the program could still go on from.
        """
        content, self.passed_over = on_root(self.comm, self._read)
        return content

    def _read(self) -> tuple[Content | None, tuple[str, ...]]:
        reasons: list[str] = []
        passed_over: list[str] = []
        for file in self._files():
            try:
                return unpack(file.read_bytes(), self.origin), tuple(passed_over)
            except (RunError, OSError) as error:
                reasons.append(str(error))
                passed_over.append(f"checkpoint {file} is passed over: {error}")
                _LOG.warning(passed_over[-1])
        if reasons:
            run = self.folder.parent
            raise InputError(
                f"{self.folder}: no checkpoint can be used, the newest because {reasons[0]}: go on "
                f"with the version of the program that {run / 'run.json'} names, or begin a new "
                f"run of {run / 'config.toml'}"
            )
        return None, ()

    def _files(self) -> list[Path]:
        return sorted(self.folder.glob("[0-9]*.npz"), reverse=True)


def pack(content: Content, origin: Origin) -> bytes:
    """Return the bytes of a checkpoint."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **content)
    data = stream.getvalue()
    line = f"{_MAGIC} {_VERSION} {_hash(data)} {origin.layout} {origin.config}\n"
    return line.encode() + data


def unpack(data: bytes, origin: Origin) -> dict[str, npt.NDArray[Any]]:
    """Return the content of a checkpoint from its bytes.

    Raises
    ------
    RunError
        If they are not a checkpoint, are damaged or were written for something else.
    """
    line, _, payload = data.partition(b"\n")
    magic, version, *hashes = (*line.decode("ascii", errors="replace").split(), "", "")
    if magic != _MAGIC:
        raise RunError("it is not a checkpoint or its beginning is lost")
    if version != str(_VERSION):
        raise RunError(f"it has version {version} of the format, this program reads {_VERSION}")
    if hashes[0] != _hash(payload):
        raise RunError("it is truncated or damaged")
    if hashes[1] != origin.layout:
        raise RunError("it was written by a version of the program that keeps other values")
    if hashes[2] != origin.config:
        raise RunError("it belongs to a run with another configuration")
    try:
        with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
            return dict(arrays)
    except (ValueError, OSError, zipfile.BadZipFile) as error:
        raise RunError(f"it cannot be read ({error})") from None


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
