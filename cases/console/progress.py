"""Progress of a run: a bar on a terminal, else a line every few seconds, and always the log."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from html import escape
from typing import IO, TYPE_CHECKING, Any, cast

from rich.console import Console
from rich.progress import (
    BarColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

if TYPE_CHECKING:
    from mpi4py import MPI

_LOG = logging.getLogger(__name__)
_REDRAWN = 0.2  # seconds between two bars in a notebook
_PACE = 120.0  # seconds whose pace tells how long the rest takes


class _Screen:
    """The standard error, from which a terminal or a pipe may go away while a run goes on."""

    def __init__(self) -> None:
        self._file = sys.stderr

    def write(self, text: str) -> int:
        with suppress(OSError):
            self._file.write(text)
        return len(text)

    def flush(self) -> None:
        with suppress(OSError):
            self._file.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class NotebookBar:
    """A bar in the output of a cell of a notebook, which needs no widgets there."""

    def __init__(self, name: str) -> None:
        from IPython.display import HTML, display  # only here: it is there in notebooks alone

        self._name, self._html = escape(name), HTML
        self._handle = display(HTML(self._name), display_id=True)
        self._shown = 0.0

    def show(self, fraction: float, detail: str) -> None:
        """Draw how far a stage is, a few times per second."""
        if time.monotonic() - self._shown > _REDRAWN or fraction >= 1.0:
            self._shown = time.monotonic()
            bar = f'<progress value="{fraction:.4f}"></progress>'
            text = f"{self._name} {bar} {100 * fraction:.0f} % {escape(detail)}"
            self._handle.update(self._html(text))


class Stage:
    """One part of a run, such as the trace of a branch."""

    def __init__(
        self, bars: Bars, name: str, total: float, unit: str, interval: float, in_notebook: bool
    ) -> None:
        self._bars, self._name, self._interval = bars, name, interval
        self._total, self._bar = total, NotebookBar(name) if in_notebook else None
        self._of = f"of {total:.4g} {unit}".rstrip()
        self._has_pace = unit == "s"  # time goes one way, a branch turns back
        self._task = bars.add_task(name, total=total, detail="")
        self._said = time.monotonic()

    def update(self, done: float, detail: str = "") -> None:
        """Say that ``done`` of the total is reached and, in ``detail``, in which state."""
        self._bars.update(self._task, completed=done, detail=detail)
        if self._bar:
            self._bar.show(min(done / self._total, 1.0) if self._total else 1.0, detail)
        if time.monotonic() - self._said >= self._interval:
            self._said = time.monotonic()
            left = self._bars.tasks[0].time_remaining if self._has_pace else None
            ahead = f"; about {timedelta(seconds=left)} left" if left else ""
            _LOG.info("%s: %.4g %s, %s%s", self._name, done, self._of, detail, ahead)


class Progress:
    """Progress of a run, shown by rank 0; the other ranks may call it and show nothing.

    Parameters
    ----------
    comm
        The ranks of the run.
    console
        Where the bar is drawn if it is a terminal.
    interval
        Least time between two lines in the log [s].
    """

    def __init__(
        self, comm: MPI.Comm, console: Console | None = None, interval: float = 5.0
    ) -> None:
        # What rich draws in notebooks needs widgets.
        self._console = console or Console(file=cast("IO[str]", _Screen()), force_jupyter=False)
        self._in_notebook = comm.rank == 0 and "ipykernel" in sys.modules
        # A kernel asks for colours, which rich takes for those of a terminal.
        self._drawn = comm.rank == 0 and self._console.is_terminal and not self._in_notebook
        self._interval = interval if comm.rank == 0 else float("inf")

    @contextmanager
    def stage(self, name: str, total: float, unit: str = "") -> Iterator[Stage]:
        """Follow one part of the run, from zero to ``total`` in ``unit``.

        >>> with progress.stage("branch", total=55.0, unit="V") as stage:  # doctest: +SKIP
        ...     stage.update(16.6, "I = 16.9 mA, T_max = 401 K")
        """
        begin = time.monotonic()
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            *([TextColumn("left:"), TimeRemainingColumn()] if unit == "s" else []),
            TextColumn("{task.fields[detail]}"),
        )
        with Bars(
            *columns,
            console=self._console,
            disable=not self._drawn,
            speed_estimate_period=_PACE,
        ) as bars:
            yield Stage(bars, name, total, unit, self._interval, self._in_notebook)
        _LOG.info("%s: done in %.1f s", name, time.monotonic() - begin)
