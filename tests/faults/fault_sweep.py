"""A sweep whose process, and every second time its runs too, is killed: the table is the same."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
from films import SHIPPED
from jobs import TINY, runs_of

from mitmodels.cases.sweeps.folder import SweepFolder

KILLS, POINTS = 5, 20


def begin(verb, *arguments):
    command = [sys.executable, "-m", "mitmodels", verb, *map(str, arguments)]
    command += ["--jobs", "2", "--checkpoint-every", "1 s"]
    return subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)


def completed(folder):
    if not (folder / "sweep.json").exists():
        return -1
    return sum(state.state == "completed" for state in SweepFolder.open(folder).states())


def test_sweep_that_is_killed_five_times_ends_with_the_same_table(tmp_path):
    file, whole, killed = tmp_path / "my.toml", tmp_path / "whole", tmp_path / "killed"
    axis = (
        f'\n[sweep]\nambient.temperature = {{ from = "80 K", to = "120 K", points = {POINTS} }}\n'
    )
    file.write_text(Path(SHIPPED).read_text() + axis)
    options = [word for item in TINY for word in ("--set", item)]
    assert begin("sweep", file, "--out", whole, *options).wait() == 0
    draw = random.Random("sweep")
    for i, count in enumerate(sorted(draw.sample(range(POINTS - 1), KILLS))):
        process = (
            begin("sweep", file, "--out", killed, *options) if i == 0 else begin("resume", killed)
        )
        while completed(killed) < count:
            assert process.poll() is None
            time.sleep(0.05)
        time.sleep(draw.uniform(0, 1))
        for victim in [process.pid, *(runs_of(killed) if i % 2 else [])]:
            os.kill(victim, signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        sys.stdout.write(
            f"\nsweep killed when {completed(killed)} of {POINTS} points were complete"
        )
    assert begin("resume", killed).wait() == 0
    tables = [pd.read_csv(folder / "sweep.csv") for folder in (whole, killed)]
    assert list(tables[0]["state"]) == POINTS * ["completed"]
    first, second = (table.drop(columns="wall_time [s]") for table in tables)
    pd.testing.assert_frame_equal(first, second, check_exact=True)
