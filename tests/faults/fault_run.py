"""Faults done to real runs: killed ranks, full and read-only disks, deleted folders.

``make faults`` runs them. Every run is that of a coarse channel on two ranks; ``FAULTS`` is the
number of kills of each kind, 20 by default.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import cases
from cases.runs import load

KILLS = int(os.environ.get("FAULTS", "20"))
CASE = Path(cases.__file__).with_name("lsmo_iv.toml")
COARSE = (
    "mesh.size=2.5 um",
    "mesh.edge_size=1 um",
    "mesh.cells_across=6",
    "output.figures=false",
    "output.fields_at.V_source=[]",
)
_MPIRUN = Path(sys.executable).with_name("mpirun")
MPIRUN = str(_MPIRUN) if _MPIRUN.exists() else "mpirun"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a disk: run it as root")


class Job:
    """A command of `mitmodels` on two ranks, with what it said."""

    def __init__(self, log, *arguments):
        self.log = log
        with log.open("ab") as out:
            command = [MPIRUN, "-n", "2", sys.executable, "-m", "cases", *map(str, arguments)]
            self.process = subprocess.Popen(
                command, stdout=out, stderr=subprocess.STDOUT, start_new_session=True
            )

    def wait(self, seconds=300):
        return self.process.wait(seconds)

    def said(self):
        return self.log.read_text()


def ranks_of(path):
    """Process ids of the ranks that work on a run folder."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if words[0] == sys.executable and str(path) in words:
            found.append(int(entry.name))
    return sorted(found)


def run(path, log):
    options = [word for item in COARSE for word in ("--set", item)]
    return Job(log, "run", CASE, "--out", path, "--checkpoint-every", "1 s", *options)


def resume(path, log):
    return Job(log, "resume", path, "--checkpoint-every", "1 s")


def rows(path):
    """Whole lines of ``iv.csv`` below its header."""
    try:
        return (path / "iv.csv").read_bytes().count(b"\n") - 1
    except FileNotFoundError:
        return -1


def wait_for_rows(job, path, count):
    while rows(path) < count and job.process.poll() is None:
        time.sleep(0.02)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    folder = tmp_path_factory.mktemp("expected")
    assert run(folder / "run", folder / "log").wait() == 0
    return load(folder / "run")


def assert_same(path, expected):
    iv, other = load(path).iv, expected.iv
    pd.testing.assert_series_equal(iv["stable"], other["stable"])
    for name in iv.columns.drop("stable"):
        scale = np.abs(other[name]).max()
        np.testing.assert_allclose(iv[name], other[name], rtol=0, atol=1e-10 * scale)
    assert list(load(path).events["event"]) == list(expected.events["event"])


def assert_whole_lines(path):
    text = (path / "iv.csv").read_text()
    assert text.endswith("\n")
    assert {line.count(",") for line in text.splitlines()} == {text.splitlines()[0].count(",")}


@pytest.mark.parametrize("victims", ["one rank", "all ranks"])
def test_killed_run_goes_on_from_a_checkpoint(victims, expected, tmp_path):
    """At least three of four kills cost less than the whole run."""
    later, draw = 0, random.Random(victims)
    for i in range(KILLS):
        path, log = tmp_path / f"run{i}", tmp_path / f"log{i}"
        job = run(path, log)
        wait_for_rows(job, path, draw.randrange(1, len(expected.iv)))
        time.sleep(draw.uniform(0, 0.2))
        ranks = ranks_of(path)
        for rank in ranks if victims == "all ranks" else [draw.choice(ranks)]:
            os.kill(rank, signal.SIGKILL)
        assert job.wait() != 0
        assert_whole_lines(path)
        again = resume(path, log)
        assert again.wait() == 0, again.said()
        assert_same(path, expected)
        later += "going on from point" in again.said()
        shutil.rmtree(path)
    sys.stdout.write(f"\n{victims}: {later} of {KILLS} went on from a checkpoint, all ended well\n")
    assert later >= 3 * KILLS // 4


def test_deleted_folder_is_one_sentence(tmp_path):
    path, log = tmp_path / "run", tmp_path / "log"
    job = run(path, log)
    wait_for_rows(job, path, 10)
    shutil.rmtree(path)
    assert job.wait() == 1
    last = job.said().strip().splitlines()[-1]
    assert last.startswith("mitmodels: ")
    assert "the run folder was moved or deleted while the run wrote to it" in last
    assert "Traceback" not in job.said()


@pytest.fixture
def disk(tmp_path):
    """Mount a disk of 1 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", place], check=True)
    yield place
    subprocess.run(["umount", "-l", place], check=True)


def remount(disk, option):
    subprocess.run(["mount", "-o", f"remount,{option}", disk], check=True)


@as_root
def test_full_disk_is_one_sentence_and_the_run_goes_on_when_there_is_space(
    expected, disk, tmp_path
):
    earlier, path, log = disk / "earlier", disk / "run", tmp_path / "log"
    shutil.copytree(expected.path, earlier, ignore=shutil.ignore_patterns("checkpoints", "fields"))
    job = run(path, log)
    assert job.wait() == 1
    last = job.said().strip().splitlines()[-1]
    assert last.startswith("mitmodels: ")
    assert last.endswith(
        "cannot be written (No space left on device); free some space on that disk"
    )
    assert "Traceback" not in job.said()
    assert_same(earlier, expected)
    assert_whole_lines(path)
    remount(disk, "size=100m")
    assert resume(path, log).wait() == 0
    assert_same(path, expected)


@as_root
def test_read_only_disk_is_one_sentence(disk, tmp_path):
    remount(disk, "ro")
    job = run(disk / "run", tmp_path / "log")
    assert job.wait() == 1
    last = job.said().strip().splitlines()[-1]
    assert "run: cannot be written (Read-only file system); choose a folder that you may" in last
    assert "Traceback" not in job.said()
    assert list(disk.iterdir()) == []
