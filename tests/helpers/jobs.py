"""Runs as jobs of their own, to be killed: how they begin, how far they got, what they found."""

import os
import signal
import subprocess
import sys
import time
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.solvers.runs.reading import load

_MPIRUN = Path(sys.executable).with_name("mpirun")
MPIRUN = str(_MPIRUN) if _MPIRUN.exists() else "mpirun"
_SHIPPED = files("mitmodels.cases")
BRANCH = (
    _SHIPPED / "lsmo_iv.toml",
    "mesh.size=2.5 um",
    "mesh.edge_size=1 um",
    "mesh.cells_across=6",
    "output.figures=false",
    "output.fields_at.V_source=[]",
)
# Of the same file: over in a second.
TINY = (
    "mesh.size=5 um",
    "mesh.edge_size=4 um",
    "mesh.cells_across=3",
    "protocol.0.to=20 V",
    "output.figures=false",
    "output.fields_at.V_source=[]",
)
TRANSIENT = (
    _SHIPPED / "lsmo_pulse.toml",
    "mesh.size=2.5 um",
    "mesh.edge_size=1 um",
    "mesh.cells_across=6",
    "protocol.1.value=32 V",
    "protocol.1.width=60 us",
    "protocol.2.duration=30 us",
    "output.figures=false",
    'output.fields_at.t=["52 us"]',
)
GROWTH = (
    _SHIPPED / "ecm_set.toml",
    "protocol.0.to=1.5 V",
    "protocol.1.to=1.49 V",
    'output.fields_at.I=["1e-83 A", "1e-77 A"]',
    "output.figures=false",
)


def said_by(script, ranks, *arguments):
    """What a script says that runs on ranks and uses these helpers."""
    command = [MPIRUN, "-n", ranks, sys.executable, "-m", "mpi4py", script, *arguments]
    helpers = {"PYTHONPATH": str(Path(__file__).parent)}
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, env=os.environ | helpers
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


class Job:
    """A command of `mitmodels`, with what it said."""

    def __init__(self, log, ranks, *arguments):
        self.log = log
        command = [MPIRUN, "-n", ranks, sys.executable, "-m", "mitmodels", *arguments]
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(word) for word in command],
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def wait(self, seconds=900):
        return self.process.wait(seconds)

    def said(self):
        return self.log.read_text()


def run(case, path, log, ranks=2, every="1 s"):
    options = [word for item in case[1:] for word in ("--set", item)]
    return Job(log, ranks, "run", case[0], "--out", path, "--checkpoint-every", every, *options)


def resume(path, log, ranks=2):
    return Job(log, ranks, "resume", path)


def ranks_of(path):
    """Process ids of the ranks that work on a run folder."""
    return _working(lambda word: word == str(path))


def runs_of(folder):
    """Process ids of the runs of a sweep."""
    return _working(lambda word: word.startswith(f"{folder}/"))


def _working(named):
    """Process ids of this Python's processes with a word of a kind on their command line."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[0] == sys.executable and any(map(named, words)):
            found.append(int(entry.name))
    return sorted(found)


def rows(path):
    """Whole lines of ``iv.csv`` below its header."""
    try:
        return (path / "iv.csv").read_bytes().count(b"\n") - 1
    except FileNotFoundError:
        return -1


def wait_for_rows(job, path, count):
    while rows(path) < count and job.process.poll() is None:
        time.sleep(0.02)


def kill(job, path, victims, draw):
    """Send SIGKILL to one rank or to all; the job must end with it."""
    ranks = ranks_of(path)
    for rank in ranks if victims == "all ranks" else [draw.choice(ranks)]:
        os.kill(rank, signal.SIGKILL)
    assert job.wait() != 0


# At the instant when the hot zone begins to spread across a flat maximum, its extent is as badly
# conditioned as the maximum is flat: 5e-10 was seen where the temperature differs by 5e-12.
TOLERANCES = {"hot_across [m]": 1e-9}


def assert_same(path, expected):
    """Every column to 1e-10 of its largest value, the extent across to 1e-9, and all events."""
    iv, other = load(path).iv, expected.iv
    for name in other.columns:
        if other[name].dtype == bool:
            pd.testing.assert_series_equal(iv[name], other[name])
            continue
        scale = np.abs(other[name]).max()
        tolerance = TOLERANCES.get(name, 1e-10) * scale
        np.testing.assert_allclose(iv[name], other[name], rtol=0, atol=tolerance, err_msg=name)
    assert list(load(path).events["event"]) == list(expected.events["event"])


def assert_whole_lines(path):
    text = (path / "iv.csv").read_text()
    assert text.endswith("\n")
    assert {line.count(",") for line in text.splitlines()} == {text.splitlines()[0].count(",")}
