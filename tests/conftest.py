"""Fixtures for tests on several ranks, and the table of verified numbers."""

import gc
import importlib.util
import os
import subprocess
import tempfile
from pathlib import Path

import pytest

if importlib.util.find_spec("dolfinx"):
    from mpi4py import MPI

    import mitmodels.meshes.runtime  # noqa: F401

    if MPI.COMM_WORLD.size > 1:
        # Ranks that clear away the folders of earlier tests at once get in each other's way.
        root = Path(tempfile.gettempdir(), f"pytest-{os.getuid()}-rank-{MPI.COMM_WORLD.rank}")
        root.mkdir(exist_ok=True)
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(root)
else:
    # The physics needs no DOLFINx, and neither do its tests.
    MPI = None
    collect_ignore = ["fem", "verification", "papers", "cases", "benchmarks"]


def pytest_collection_finish():
    """Leave what was imported out of every collection of garbage: 0.2 s of each."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _collect_garbage():
    """Destroy PETSc objects at the same place on every rank: their destructors are collective."""
    yield
    if MPI and MPI.COMM_WORLD.size > 1:
        gc.collect()
        MPI.COMM_WORLD.barrier()


@pytest.fixture
def mpi_tmp_path(tmp_path) -> Path:
    """Return the temporary folder of rank 0 on every rank."""
    return MPI.COMM_WORLD.bcast(tmp_path)


@pytest.fixture
def record(request):
    """Return `record(check, tolerance, measured)`: a row of the table that `make verify` writes."""

    def add(check: str, tolerance: float | str, measured: float | str) -> None:
        numbers = (x if isinstance(x, str) else f"{x:.6g}" for x in (tolerance, measured))
        request.node.user_properties.append(("verification", (check, *numbers)))

    return add


def pytest_addoption(parser):
    parser.addoption("--write-verification", type=Path, help="file for the rows of `record`")


def pytest_terminal_summary(terminalreporter, config):
    path = config.getoption("--write-verification")
    if path is None or (MPI and MPI.COMM_WORLD.rank > 0):
        return
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty", "--exclude=*", "--abbrev=10"],
        cwd=config.rootpath,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.strip()
    reports = [
        report
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call"
    ]
    rows = {
        row[0]: (*row, "yes" if report.passed else "**no**", commit)
        for report in sorted(reports, key=lambda report: ("slow" in report.keywords, report.nodeid))
        for name, row in report.user_properties
        if name == "verification"
    }
    header = ("check", "tolerance", "measured", "holds", "commit")
    table = [header, ["---"] * len(header), *rows.values()]
    lines = ["# Verification", "", "Written by `make verify`.", ""]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join(lines + [f"| {' | '.join(row)} |" for row in table]) + "\n")
