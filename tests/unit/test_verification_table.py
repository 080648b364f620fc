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


def test_table_shows_the_production_mesh_and_the_failure(tmp_path):
    shutil.copy(Path(__file__).parents[1] / "conftest.py", tmp_path)
    (tmp_path / "test_example.py").write_text(EXAMPLE)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow")
    command = [sys.executable, "-m", "pytest", "-q", "--write-verification=table.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 1
    table = (tmp_path / "table.md").read_text()
    assert "| current | 0.1 % | 0.02 % | yes |" in table
    assert "| power | 1e-09 | 3e-07 | **no** |" in table
    assert "0.05 %" not in table
