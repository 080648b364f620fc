"""The script of the how-to on solvers and laws of one's own, as its page shows it."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).resolve().parents[2] / "docs" / "howto" / "own_solver.md"


@pytest.mark.serial
def test_script_of_the_page_finds_both_folds(tmp_path):
    script = re.search(r"```{file} (\S+)\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / script[1]).write_text(script[2])
    command = [sys.executable, "-W", "error", script[1]]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    folds = [float(volts) for volts in re.findall(r"fold at (\S+) V", done.stdout)]
    assert folds == pytest.approx([0.5407, 0.5381], abs=1e-4)
    assert (tmp_path / "constriction.png").stat().st_size > 5_000
