"""The run folder: what was asked, done and found, on disk.

It is never reused and never overwritten. Files are written by rank 0; a file that is replaced is
replaced in one step, a table grows by whole lines, so whatever ends a run leaves a readable folder.
What reads or writes raises a `RunError` if the disk refuses.
"""

from __future__ import annotations

import csv
import io
import logging
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mitmodels.errors import RunError
from mitmodels.solvers.runs.checkpoints import Checkpoints, Origin
from mitmodels.solvers.runs.files import (
    Entry,
    Value,
    alone,
    append,
    create_folder,
    json_text,
    replace,
    write_results,
    writing,
)
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.provenance import now, provenance
from mitmodels.solvers.runs.reading import Run

if TYPE_CHECKING:
    from mpi4py import MPI

_LOG = logging.getLogger(__name__)

Status = Literal["running", "completed", "failed", "interrupted"]

_RESULTS = (".csv", ".json", ".npz")
_SUBFOLDERS = ("checkpoints", "fields", "figures", "mesh")


@dataclass(frozen=True)
class RunFolder:
    """Folder of one run. Methods are collective unless they say otherwise.

    Attributes
    ----------
    path : Path
        The folder.
    comm : MPI.Comm
        The ranks of the run.
    checkpoint_every : float
        Wall time between two checkpoints [s].
    """

    path: Path
    comm: MPI.Comm
    checkpoint_every: float = 600.0

    @classmethod
    def create(
        cls,
        comm: MPI.Comm,
        path: Path | str,
        texts: Mapping[str, str],
        overrides: Sequence[str],
        checkpoint_every: float = 600.0,
        copies: Mapping[str, str] | None = None,
    ) -> RunFolder:
        """Make the folder with the configuration and ``run.json``, all of it or nothing.

        Parameters
        ----------
        comm
            The ranks of the run.
        path
            Folder that must not exist; its parents are made.
        texts
            Content of files by their names: ``config.toml``, which reproduces the run,
            ``config.resolved.toml``, the configuration in SI, and others.
        overrides
            ``section.key=value`` items that changed the file's values.
        checkpoint_every
            Wall time between two checkpoints [s].
        copies
            Files to copy, by the names that the configuration gives to the copies.

        Raises
        ------
        InputError
            If the folder exists.
        """
        folder = cls(Path(path), comm, checkpoint_every)
        files = {name: Path(file) for name, file in (copies or {}).items()}
        on_root(comm, lambda: folder._create({**texts, "log.txt": ""}, files, overrides))
        return folder

    def _create(
        self, texts: Mapping[str, str], files: Mapping[str, Path], overrides: Sequence[str]
    ) -> None:
        contents = {name: text.encode() for name, text in texts.items() if text}
        with writing(self.path):
            contents |= {name: file.read_bytes() for name, file in files.items()}
        hashes = {name: sha256(content).hexdigest() for name, content in contents.items()}
        record = provenance(self.comm, overrides) | {"sha256": hashes}
        create_folder(self.path, _SUBFOLDERS, {**texts, **files, "run.json": json_text(record)})

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from working on the folder.

        Raises
        ------
        InputError
            If one does already.
        """
        with ExitStack() as stack:
            on_root(self.comm, lambda: stack.enter_context(alone(self.path)))
            yield

    def reopen(self) -> None:
        """Say in ``run.json`` that a run goes on that ended early."""
        on_root(self.comm, self._record_resumption)

    def _record_resumption(self) -> None:
        record = self._record()
        again = {"time": now(), "ranks": self.comm.size, "host": platform.node()}
        again |= {"after": {key: record.get(key) for key in ("status", "error", "end")}}
        record["resumed"] = [*record.get("resumed", []), again]
        self._write_record({**record, "status": "running", "error": "", "end": None})

    def _record(self) -> dict[str, Any]:
        path = self.path / "run.json"
        with writing(path):
            path.stat()  # while a run writes, a file that is gone says that the folder is
        return Run(self.path).record

    def _write_record(self, record: Mapping[str, Any]) -> None:
        replace(self.path / "run.json", json_text(record))

    @property
    def fields(self) -> Path:
        """Folder of the fields for ParaView."""
        return self.path / "fields"

    @property
    def figures(self) -> Path:
        """Folder of the figures."""
        return self.path / "figures"

    @property
    def mesh(self) -> Path:
        """Folder of the meshes."""
        return self.path / "mesh"

    @property
    def checkpoints(self) -> Path:
        """Folder of the checkpoints."""
        return self.path / "checkpoints"

    def open_checkpoints(self, layout: Iterable[str]) -> Checkpoints:
        """Return the store of the checkpoints of this run.

        Parameters
        ----------
        layout
            Names of all that a checkpoint consists of: its arrays, what is unpacked from them by
            name, the columns of the tables. A checkpoint with others is not used.
        """
        hashes = on_root(self.comm, self._record)["sha256"]
        origin = Origin.of(layout, hashes["config.resolved.toml"])
        return Checkpoints(self.comm, self.checkpoints, self.checkpoint_every, origin)

    def table(self, name: str, units: Mapping[str, str], size: int = 0) -> Table:
        """Begin ``name.csv`` with one column per entry of ``units``: its name and unit, or ``""``.

        With a ``size`` [byte] the table that is there is cut to it and goes on; without, one that
        is there is kept as ``name.earlier.csv``.

        Raises
        ------
        RunError
            If it cannot be written, or has no line that ends at ``size``.
        """
        path = self.path / f"{name}.csv"
        header = [f"{column} [{unit}]" if unit else column for column, unit in units.items()]
        on_root(self.comm, lambda: _cut(path, size) if size else _begin(path, header))
        return Table(path, tuple(units), self.comm)

    def write_summary(self, results: Mapping[str, Entry]) -> None:
        """Write ``summary.json`` from ``{name: (value, unit)}``, or ``(None, unit, reason)``.

        Raises
        ------
        ValueError
            If a value is infinite or not a number.
        """
        on_root(self.comm, lambda: write_results(self.path / "summary.json", results))

    def finish(self, status: Status, error: str = "") -> None:
        """Put end, status and error into ``run.json``. Not collective: any rank may call it.

        Of a complete run, so are the hashes of its results: what reads them notices damage.
        """
        record = {**self._record(), "status": status, "error": error, "end": now()}
        if status == "completed":
            record["sha256"] |= self._hashes()
        self._write_record(record)

    def _hashes(self) -> dict[str, str]:
        with writing(self.path):
            top = [file for file in self.path.iterdir() if file.suffix in _RESULTS]
            parts = [file for file in (self.path / "devices").rglob("*") if file.is_file()]
            found = (*top, *self.fields.iterdir(), *parts)
            files = [file for file in found if file.name != "run.json"]
            return {
                str(file.relative_to(self.path)): sha256(file.read_bytes()).hexdigest()
                for file in sorted(files)
            }


@dataclass(frozen=True)
class Table:
    """A CSV file that grows by whole lines.

    Attributes
    ----------
    path : Path
        The file.
    columns : tuple of str
        Names of the columns without their units.
    comm : MPI.Comm
        The ranks of the run.
    """

    path: Path
    columns: tuple[str, ...]
    comm: MPI.Comm

    def append(self, row: Mapping[str, Value]) -> None:
        """Append one line, a value for every column (None or NaN: empty). Collective.

        Raises
        ------
        ValueError
            If the row has other columns than the table.
        """
        if row.keys() != set(self.columns):
            wrong = ", ".join(sorted(row.keys() ^ set(self.columns)))
            raise ValueError(f"{self.path.name}: a row has too many or too few columns: {wrong}")
        line = _line([row[column] for column in self.columns])
        on_root(self.comm, lambda: append(self.path, line))

    def sync(self) -> int:
        """Return the size [byte] once everything is on the disk itself. Collective."""
        return on_root(self.comm, self._sync)

    def _sync(self) -> int:
        with writing(self.path), self.path.open("rb") as file:
            os.fsync(file.fileno())
            return os.fstat(file.fileno()).st_size


def _begin(path: Path, header: Sequence[str]) -> None:
    if path.exists():
        kept = path.with_name(f"{path.stem}.earlier.csv")
        _LOG.warning("%s begins again, without a checkpoint: it is kept as %s", path, kept.name)
        with writing(path):
            path.replace(kept)
    replace(path, _line(header))


def _cut(path: Path, size: int) -> None:
    with writing(path):
        with path.open("rb") as file:
            file.seek(size - 1)
            if file.read(1) != b"\n":
                raise RunError(f"{path}: is not what it was at the checkpoint: restore the file")
        os.truncate(path, size)


def _line(values: Sequence[Value]) -> str:
    text = io.StringIO()
    # What is not a number differs from itself.
    csv.writer(text, lineterminator="\n").writerow(v if v == v else None for v in values)
    return text.getvalue()
