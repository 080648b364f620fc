"""Faults done to real runs: killed ranks, full and read-only disks, deleted folders.

``make faults`` runs them, on two ranks; ``FAULTS`` is the number of kills of each kind, 20 by
default.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time

import pytest
from jobs import (
    BRANCH,
    GROWTH,
    TRANSIENT,
    assert_same,
    assert_whole_lines,
    kill,
    resume,
    rows,
    run,
    wait_for_rows,
)

from mitmodels.solvers.runs.reading import load

KILLS = int(os.environ.get("FAULTS", "20"))
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounts a disk: run it as root")


def completed(case, folder):
    assert run(case, folder / "run", folder / "log").wait() == 0
    return load(folder / "run")


@pytest.fixture(scope="module", params=[TRANSIENT, GROWTH], ids=["LSMO transient", "ECM SET"])
def mechanism(request, tmp_path_factory):
    return request.param, completed(request.param, tmp_path_factory.mktemp("expected"))


@pytest.mark.parametrize("victims", ["one rank", "all ranks"])
def test_killed_run_goes_on_from_a_checkpoint(victims, mechanism, tmp_path, request):
    """At least three of four kills cost less than the whole run."""
    case, expected = mechanism
    later, name = 0, request.node.callspec.id
    draw = random.Random(name)
    for i in range(KILLS):
        path, log = tmp_path / f"run{i}", tmp_path / f"log{i}"
        job = run(case, path, log)
        # Not among the very last points: the run would be faster than its end.
        wait_for_rows(job, path, draw.randrange(1, 9 * len(expected.iv) // 10))
        time.sleep(draw.uniform(0, 0.2))
        kill(job, path, victims, draw)
        assert_whole_lines(path)
        found, again = rows(path), resume(path, log)
        assert again.wait() == 0, again.said()
        assert_same(path, expected)
        place = re.search(r"going on from (.*)", again.said())
        later += place is not None
        sys.stdout.write(
            f"\n{name}: killed at {found} of {len(expected.iv)}, resumed from "
            f"{place[1] if place else 'the start'}"
        )
        sys.stdout.flush()
        shutil.rmtree(path)
    sys.stdout.write(f"\n{name}: {later} of {KILLS} from a checkpoint, all ended well\n")
    assert later >= 3 * KILLS // 4


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return completed(BRANCH, tmp_path_factory.mktemp("expected"))


def test_deleted_folder_is_one_sentence(tmp_path):
    path, log = tmp_path / "run", tmp_path / "log"
    job = run(BRANCH, path, log)
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


def assert_full(job):
    last = job.said().strip().splitlines()[-1]
    assert last.startswith("mitmodels: ")
    assert last.endswith(
        "cannot be written (No space left on device): free some space on that disk"
    )
    assert "Traceback" not in job.said()


@as_root
def test_full_disk_is_one_sentence_and_the_run_goes_on_when_there_is_space(
    expected, disk, tmp_path
):
    earlier, path, log = disk / "earlier", disk / "run", tmp_path / "log"
    shutil.copytree(expected.path, earlier, ignore=shutil.ignore_patterns("checkpoints", "fields"))
    job = run(BRANCH, path, log)
    assert job.wait() == 1
    assert_full(job)
    assert_same(earlier, expected)
    assert_whole_lines(path)
    remount(disk, "size=100m")
    assert resume(path, log).wait() == 0
    assert_same(path, expected)


@as_root
def test_disk_that_fields_fill_is_one_sentence(disk, tmp_path):
    """VTK says nothing of a full disk, or crashes: its files are text that we write."""
    path, log = disk / "run", tmp_path / "log"
    remount(disk, "size=212k")  # room for checkpoints, not for what ParaView reads
    job = run((*GROWTH, "protocol.0.to=1.25 V", "protocol.1.to=1.24 V"), path, log, every="10 min")
    assert job.wait() == 1
    assert_full(job)
    assert ".vtu" in job.said().strip().splitlines()[-1]
    assert_whole_lines(path)
    remount(disk, "size=100m")
    assert resume(path, log).wait() == 0
    assert (path / "fields" / "cell.pvd").read_text().count("<DataSet") == 2


@as_root
def test_read_only_disk_is_one_sentence(disk, tmp_path):
    remount(disk, "ro")
    job = run(BRANCH, disk / "run", tmp_path / "log")
    assert job.wait() == 1
    last = job.said().strip().splitlines()[-1]
    assert "run: cannot be written (Read-only file system): choose a folder that you may" in last
    assert "Traceback" not in job.said()
    assert list(disk.iterdir()) == []
