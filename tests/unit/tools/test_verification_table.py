"""`record` and `--write-verification` write what was measured, failures included."""

import shutil
import subprocess
import sys
from pathlib import Path

EXAMPLE = """
import pytest

@pytest.mark.parametrize("mesh", ["small", pytest.param("fine", marks=pytest.mark.slow)])
def test_current(record, mesh):
    record("current", "0.1 %", "0.05 %" if mesh == "small" else "0.02 %")

def test_power(record):
    record("power", 1e-9, 3e-7)
    assert 3e-7 < 1e-9
"""


def words_of_make_verify() -> list[str]:
    makefile = (Path(__file__).parents[3] / "Makefile").read_text()
    (line,) = [line for line in makefile.splitlines() if "--write-verification" in line]
    return line.split()[1:]


def test_table_shows_the_production_mesh_and_the_failure(tmp_path):
    """By the words of `make verify`, where there is a table already."""
    tests, table = tmp_path / "tests", tmp_path / "docs/verification.md"
    tests.mkdir()
    table.parent.mkdir()
    table.touch()
    shutil.copy(Path(__file__).parents[2] / "conftest.py", tests)
    (tests / "test_example.py").write_text(EXAMPLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow\ntestpaths = tests")
    command = [sys.executable, "-m", "pytest", *words_of_make_verify()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    rows = table.read_text()
    assert "| current | 0.1 % | 0.02 % | yes |" in rows
    assert "| power | 1e-09 | 3e-07 | **no** |" in rows
    assert "0.05 %" not in rows
