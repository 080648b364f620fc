"""The job array of a sweep: which tasks it has, and what a task does, by bash without a cluster."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from mitmodels.cases.registry import CASES
from mitmodels.cases.sweeps import running
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

CASE = Path(__file__).parents[2] / "helpers" / "patient_resistor.py"
TEXT = """\
case = "patient_resistor"
resistance = "1 ohm"
voltage = "1 V"
pause = "1 ms"

[sweep]
resistance = { from = "1 ohm", to = "6 ohm", points = 6 }
"""


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in an empty folder, with a `scontrol` that says what it was asked."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(CASE.parent)
    monkeypatch.setitem(CASES, CASE.stem, "patient_resistor:CASE")
    monkeypatch.setattr(running, "COMMAND", (sys.executable, str(CASE)))
    Path("my.toml").write_text(TEXT)
    scontrol = tmp_path / "bin/scontrol"
    scontrol.parent.mkdir()
    scontrol.write_text('#!/bin/sh\necho "$@" >asked.txt\n')
    scontrol.chmod(0o755)
    monkeypatch.setenv("PATH", f"{scontrol.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))


def submission(*overrides, jobs=None):
    return running.sweep("my.toml", "a sweep", overrides=overrides, jobs=jobs, slurm=True).path


def array(script):
    return re.search(r"^#SBATCH --array=(.*)$", script.read_text(), re.MULTILINE).group(1)


def states():
    return [state.state for state in SweepFolder.open(Path("a sweep")).states()]


def task(script, number):
    """Start one task of the array as slurmd does."""
    environment = {"SLURM_ARRAY_TASK_ID": str(number), "SLURM_ARRAY_JOB_ID": "7"}
    environment |= {"SLURM_JOB_ID": "8", "SLURM_NTASKS": "1", "TMPDIR": str(Path.cwd())}
    command = ["bash", script.resolve()]
    return subprocess.Popen(command, cwd=script.parent, env=os.environ | environment)


def complete(number):
    """Leave what a complete run of a point would."""
    folder = Path("a sweep", SweepFolder.open(Path("a sweep")).names[number])
    folder.mkdir()
    (folder / "run.json").write_text('{"status": "completed", "error": ""}')
    (folder / "config.resolved.toml").touch()


def test_array_has_a_task_for_every_point_that_is_left():
    assert array(submission(jobs=2)) == "0-5%2"
    for number in (0, 2, 5):
        complete(number)
    assert array(running.resume("a sweep", slurm=True).path) == "1,3-4"


def test_complete_sweep_is_not_submitted():
    submission()
    for number in range(6):
        complete(number)
    with pytest.raises(InputError, match="a sweep: all points are complete; there is nothing"):
        running.resume("a sweep", slurm=True)


def test_fault_in_the_input_writes_no_script():
    with pytest.raises(InputError, match=r"voltage = -1 V"):
        submission("voltage=-1 V")
    assert not Path("a sweep").exists()


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash")
def test_task_before_its_limit_saves_queues_again_and_goes_on():
    """SIGUSR1 ends the run with a checkpoint; the same task, started again, completes it."""
    script = submission("pause=300 ms")
    job = task(script, 1)
    table = Path("a sweep/resistance=2ohm/iv.csv")
    while not (table.exists() and table.read_text().count("\n") > 1):
        assert job.poll() is None
        time.sleep(0.02)
    (table.parent / "checkpoints/000001.npz").touch()  # the resistor writes none
    job.send_signal(signal.SIGUSR1)
    assert job.wait(60) == 130
    assert states() == ["waiting", "interrupted", *4 * ["waiting"]]
    assert Path("a sweep/asked.txt").read_text() == "requeue 7_1\n"
    assert task(script, 1).wait(60) == 0
    assert states() == ["waiting", "completed", *4 * ["waiting"]]
    assert not list(Path.cwd().glob("mitmodels-*"))
