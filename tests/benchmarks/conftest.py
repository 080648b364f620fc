"""Tables of the benchmarks, printed and, with ``--write-performance``, kept as a page."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from petsc4py import PETSc

import dolfinx

import bench_history
import pytest
from matplotlib.figure import Figure
from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Measured:
    """A table of results and what it needs to be understood."""

    title: str
    note: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def show(self) -> None:
        """Print the table."""
        table = Table(*self.columns, title=self.title)
        for row in self.rows:
            table.add_row(*row)
        Console(width=120).print(table)

    def section(self) -> list[str]:
        """Lines of Markdown."""
        rows = [self.columns, ["---"] * len(self.columns), *self.rows]
        table = [f"| {' | '.join(row)} |" for row in rows]
        return [f"## {self.title}", "", self.note, "", *table, ""]


@pytest.fixture
def tabulate(request):
    """Return `tabulate(title, note, columns, rows)`."""

    def add(*parts) -> None:
        measured = Measured(*parts)
        measured.show()
        request.node.user_properties.append(("measured", measured))

    return add


@pytest.fixture
def timed(request):
    """Return `timed(name, seconds)`: a line of the history of this machine."""

    def add(name: str, seconds: float) -> float:
        ratio = seconds / bench_history.reference()
        request.node.user_properties.append(("timed", (name, seconds, ratio)))
        return ratio

    return add


@pytest.fixture
def picture(request, tmp_path):
    """Return `picture(figure, name, text)`, which keeps a figure for the page."""

    def add(figure: Figure, name: str, text: str) -> None:
        path = request.config.getoption("--write-performance")
        folder = path.parent / "figures" if path else tmp_path
        folder.mkdir(exist_ok=True)
        figure.savefig(folder / name, dpi=150)
        request.node.user_properties.append(("picture", f"![{text}](figures/{name})"))

    return add


def pytest_addoption(parser):
    parser.addoption("--write-performance", type=Path, help="page for tables and pictures")


def pytest_configure(config):
    _commit(config.rootpath)  # before the benchmarks write their results


def pytest_terminal_summary(terminalreporter, exitstatus, config):
    path = config.getoption("--write-performance")
    if path is None:
        return
    passed = [r for r in terminalreporter.getreports("passed") if r.when == "call"]
    kept = [found for report in passed for found in report.user_properties]
    times = {each[0]: each[1:] for name, each in kept if name == "timed"}
    if times:
        kept.append(("picture", _history(terminalreporter, path, times, config.rootpath)))
    if exitstatus != pytest.ExitCode.OK:
        terminalreporter.write_line(f"not everything was measured: {path} stays as it is")
        return
    pictures = [line for name, text in kept if name == "picture" for line in (text, "")]
    tables = [line for name, each in kept if name == "measured" for line in each.section()]
    written = f"Measured {_machine(config.rootpath)}."
    path.write_text("\n".join([f"# {path.stem.title()}", "", written, "", *pictures, *tables]))


def _history(reporter, page: Path, times: dict[str, tuple[float, float]], root: Path) -> str:
    """Add a run to the history, say what became slower, and draw it."""
    path = page.with_suffix("") / "history.csv"
    for sentence in bench_history.append(path, _run(root), times):
        reporter.write_line(f"regression: {sentence}", red=True)
    (figures := page.parent / "figures").mkdir(exist_ok=True)
    bench_history.draw(path).savefig(figures / "history.png", dpi=150)
    return (
        f"Every run so far, from [history.csv]({path.relative_to(page.parent)}):\n\n"
        "![Times of the benchmarks over the runs](figures/history.png)"
    )


def _run(root: Path) -> dict[str, str]:
    """Date, commit and machine."""
    cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    name = next(line for line in cpu.splitlines() if line.startswith("model name"))
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _commit(root),
        "machine": f"{os.cpu_count()} cores of {name.partition(': ')[2]}",
    }


@cache
def _commit(root: Path) -> str:
    words = ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"]
    return subprocess.run(
        words, cwd=root, capture_output=True, text=True, check=False
    ).stdout.strip()


def _machine(root: Path) -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    petsc, run = ".".join(map(str, PETSc.Sys.getVersion())), _run(root)
    return (
        f"{run['date']}, commit {run['commit']}, {run['machine']}, {memory:.0f} GiB, "
        f"load {os.getloadavg()[1]:.1f}; "
        f"Python {platform.python_version()}, DOLFINx {dolfinx.__version__}, PETSc {petsc}"
    )
