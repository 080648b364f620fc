"""Record of a run: its tables, what has happened, and what a checkpoint keeps of both."""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from mitmodels.cases.runs.derived import Derived, ExtendedTable
from mitmodels.drive.following import READ
from mitmodels.solvers.runs.checkpoints import Content
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import RunFolder

_LOG = logging.getLogger(__name__)

# What a checkpoint holds for a record.
KEPT = ("iv_size", "events_size", "reads_size", "elapsed", "met")


class Record:
    """Tables of a run. Methods are collective.

    Parameters
    ----------
    folder : RunFolder
    columns, events : mapping
        Columns of ``iv.csv`` and ``events.csv`` with their units; events have the columns
        ``event`` and ``detail``.
    earlier : mapping
        What `content` returned at the last checkpoint, empty if there is none.
    waited : mapping
        What the protocol waits for: names of events, and words for each, as of `expected`.
    reads : mapping
        Columns of ``reads.csv`` and which of ``iv.csv`` they are, empty if nothing is read.
    derived : Derived, optional
        Further columns of ``iv.csv``.

    Attributes
    ----------
    iv : ExtendedTable
    """

    def __init__(
        self,
        folder: RunFolder,
        columns: Mapping[str, str],
        events: Mapping[str, str],
        earlier: Content,
        waited: Mapping[str, str],
        reads: Mapping[str, str] | None = None,
        derived: Derived | None = None,
    ) -> None:
        self._begin = time.perf_counter() - float(earlier.get("elapsed", 0.0))
        derived = derived or Derived()
        table = folder.table("iv", {**columns, **derived.units}, int(earlier.get("iv_size", 0)))
        self.iv = ExtendedTable(table, derived)
        self._events = folder.table("events", events, int(earlier.get("events_size", 0)))
        self._waited = waited
        self._reads, self._shown = None, reads or {}
        if reads:
            units = {name: columns[column] for name, column in reads.items()}
            size = int(earlier.get("reads_size", 0))
            self._reads = folder.table("reads", {**units, "read_at": ""}, size)
        self._met = {str(name) for name in earlier.get("met", ())}

    @property
    def elapsed(self) -> float:
        """Wall time of the run, what went before a checkpoint included [s]."""
        return time.perf_counter() - self._begin

    def note(self, event: str, where: Mapping[str, Value], detail: str = "") -> None:
        """Write an event; ``where`` holds the other columns."""
        blank = dict.fromkeys(self._events.columns)
        self._events.append({**blank, **where, "event": event, "detail": detail})

    def warn(self, sentences: Iterable[str], where: Mapping[str, Value]) -> None:
        """Write warnings, to the log as well."""
        for sentence in sentences:
            _LOG.warning(sentence)
            self.note("warning", where, sentence)

    def meet(self, names: Sequence[str], row: Mapping[str, float]) -> None:
        """Take note of conditions and values that are met at a row of ``iv.csv``."""
        self._met.update(names)
        for name in names:
            if name.startswith(f"{READ}: ") and self._reads:
                shown = {name: row[column] for name, column in self._shown.items()}
                value = self._waited[name].removeprefix("read_at ")
                self._reads.append({**shown, "read_at": value})

    def warn_of_unmet(self, where: Mapping[str, Value]) -> None:
        """Say which conditions and values were never met."""
        unmet = (words for name, words in self._waited.items() if name not in self._met)
        self.warn((f"{words} is never reached" for words in unmet), where)

    def content(self) -> Content:
        """Return what another record needs to go on."""
        return {
            "iv_size": np.array(self.iv.sync()),
            "events_size": np.array(self._events.sync()),
            "reads_size": np.array(self._reads.sync() if self._reads else 0),
            "elapsed": np.array(self.elapsed),
            "met": np.array(sorted(self._met), dtype=str),
        }
