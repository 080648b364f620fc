"""Batch scripts in a real SLURM on this machine: one controller, one node of two cores, munge."""

import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from jobs import TINY, rows

from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.runs.reading import load

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
SHIPPED = ROOT / "cases"
SCRIPT = ROOT / "containers/slurm/one-node.sbatch"
SLOW = Path(__file__).with_name("slow.py")
TOOLS = (
    *("munged", "slurmctld", "slurmd", "sbatch", "scancel", "scontrol", "sinfo", "squeue"),
    "apt install --no-install-recommends slurmctld slurmd slurm-client munge",
)
# About 130 points, after each of which it waits.
PULSE = (
    *TINY[:3],
    "protocol.1.value=1 V",
    "protocol.1.width=1 us",
    "protocol.2.duration=1 us",
    "output.figures=false",
    'output.fields_at.t=["1 us"]',
)
TINY_OPTIONS = [word for item in TINY for word in ("--set", item)]
# Processes are found without control groups; what is requeued starts again after ten seconds
# instead of 120.
CONFIGURATION = """\
ClusterName=trial
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={work}/munge.socket,cred_expire=10
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmctldPort=16817
SlurmdPort=16818
StateSaveLocation={work}/state
SlurmdSpoolDir={work}/spool
SlurmctldPidFile={work}/slurmctld.pid
SlurmdPidFile={work}/slurmd.pid
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=60
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def wait_for(condition, what, seconds=600):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"{what}: not within {seconds} s"
        time.sleep(0.2)


def said(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def start(work, name, *options):
    with (work / f"{name}.log").open("wb") as log:
        return subprocess.Popen([name, *options], stdout=log, stderr=subprocess.STDOUT)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    """Daemons of a cluster with one node; its clients find it by SLURM_CONF."""
    missing = [tool for tool in TOOLS[:-1] if shutil.which(tool) is None]
    if missing:
        pytest.exit(f"error: {', '.join(missing)} missing. Remedy: sudo {TOOLS[-1]} (Debian)", 2)
    if os.geteuid():
        pytest.exit("error: slurmd needs root. Remedy: sudo make test-slurm", 2)
    work, host = tmp_path_factory.mktemp("slurm"), platform.node().partition(".")[0]
    for name in ("state", "spool"):
        (work / name).mkdir()
    (work / "key").write_bytes(os.urandom(128))
    (work / "key").chmod(0o600)
    (work / "slurm.conf").write_text(CONFIGURATION.format(host=host, work=work))
    os.environ["SLURM_CONF"] = str(work / "slurm.conf")
    os.environ["PATH"] = f"{BIN}:{os.environ['PATH']}"
    options = [f"--{name}-file={work}/munge.{name}" for name in ("pid", "log", "seed")]
    options += [f"--key-file={work}/key", f"--socket={work}/munge.socket"]
    daemons = [start(work, "munged", "--foreground", "--force", *options)]
    try:
        wait_for((work / "munge.socket").exists, "munged")
        daemons += [start(work, "slurmctld", "-D", "-c"), start(work, "slurmd", "-D")]
        wait_for(lambda: "idle" in subprocess.getoutput("sinfo -h -o %t"), "the node", 60)
        yield work
    finally:
        subprocess.run(["scancel", "--user=root"], check=False, timeout=60)
        wait_for(lambda: not squeue(), "the end of all jobs", 120)
        for daemon in reversed(daemons):
            daemon.terminate()
            daemon.wait(60)


def mitmodels(*arguments):
    return said(BIN / "mitmodels", *arguments)


def submitted(*command):
    return said("sbatch", "--parsable", *command).strip()


def squeue():
    """Numbers of the jobs and arrays that are not at their end."""
    return said("squeue", "-h", "-o", "%A %F").split()


def sweep_file(folder, temperatures):
    file = folder / "family.toml"
    head = (SHIPPED / "lsmo_iv.toml").read_text()
    file.write_text(f"{head}\n[sweep]\nambient.temperature = {temperatures}\n")
    return ["sweep", file, "--out", folder / "family", "--slurm", *TINY_OPTIONS]


def states(folder):
    return [point.state for point in SweepFolder.open(folder).states()]


def test_array_runs_every_point(cluster, tmp_path):
    """Two tasks at a time; `status` and `collect` know what they found."""
    shown = mitmodels(*sweep_file(tmp_path, '["90 K", "100 K", "110 K"]'))
    script = tmp_path / "family/array.sbatch"
    assert shown.startswith(script.read_text())
    job = submitted(script)
    wait_for(lambda: job not in squeue(), "the array")
    assert "3 completed" in mitmodels("status", tmp_path / "family")
    mitmodels("collect", tmp_path / "family")
    table = pd.read_csv(tmp_path / "family/sweep.csv")
    assert list(table["ambient.temperature [K]"]) == [90, 100, 110]
    assert table["I_max [A]"].notna().all()
    sys.stdout.write(f"\narray of 3 points, job {job}: all completed")


def test_array_that_is_cancelled_goes_on(cluster, tmp_path):
    """What scancel ends has its checkpoint; `resume --slurm` submits only what is left."""
    mitmodels(*sweep_file(tmp_path, '["90 K", "100 K"]'))
    folder = tmp_path / "family"
    job = submitted("--array=1", folder / "array.sbatch")
    run = folder / SweepFolder.open(folder).names[1]
    wait_for(lambda: rows(run) > 2, "points of the run")
    said("scancel", job)
    wait_for(lambda: job not in squeue(), "the end of the job")
    assert states(folder) == ["waiting", "interrupted"]
    assert list((run / "checkpoints").iterdir())
    mitmodels("resume", folder, "--slurm")
    job = submitted(folder / "array.sbatch")
    wait_for(lambda: job not in squeue(), "the array")
    assert states(folder) == ["completed", "completed"]
    sys.stdout.write(f"\nscancel and resume: {len(load(run).record['resumed'])} resumption")


def test_run_at_its_limit_queues_again_and_goes_on(cluster, tmp_path):
    """A limit of three minutes, and two ranks that need longer.

    SLURM looks at its limits every 30 s: the signal comes 90 to 120 s after the start.
    """
    config, run = tmp_path / "pulse.toml", tmp_path / "run"
    mitmodels("new", "lsmo_pulse", config)
    program = tmp_path / "bin/mitmodels"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} {SLOW} "$@"\n')
    program.chmod(0o755)
    path = f"--export=ALL,IMAGE=,PATH={program.parent}:{os.environ['PATH']}"
    options = [word for item in PULSE for word in ("--set", item)]
    limit = ("--time=3", "--signal=B:USR1@60", "--ntasks=2", f"--chdir={tmp_path}")
    job = submitted(*limit, path, SCRIPT, config, run, *options)
    wait_for(lambda: job not in squeue(), "the end of the run", 1800)
    record = load(run).record
    assert record["status"] == "completed"
    assert {again["after"]["status"] for again in record["resumed"]} == {"interrupted"}
    sys.stdout.write(f"\nlimit of 3 minutes: queued again {len(record['resumed'])} times")


def test_run_without_a_checkpoint_at_its_limit_does_not_queue_again(cluster, tmp_path):
    """It would end there again and again."""
    config, run = tmp_path / "iv.toml", tmp_path / "run"
    mitmodels("new", "lsmo_iv", config)
    options = ("--ntasks=1", f"--chdir={tmp_path}", "--export=ALL,IMAGE=")
    job = submitted(*options, SCRIPT, config, run, *TINY_OPTIONS)
    log = tmp_path / f"mitmodels-{job}.log"
    wait_for(lambda: (run / "run.json").exists(), "the run folder")
    said("scancel", "--signal=USR1", "--batch", job)
    wait_for(lambda: job not in squeue(), "the end of the job")
    assert "no checkpoint: give a longer --time" in log.read_text()


def test_ranks_that_srun_starts_are_one_job(cluster):
    """The MPICH of the wheel talks PMI-2, which a container on several nodes relies on."""
    program = "import mitmodels.meshes.runtime; from mpi4py import MPI; print(MPI.COMM_WORLD.size)"
    command = ("srun", "--mpi=pmi2", "--ntasks=2", sys.executable, "-c", program)
    assert said(*command).split() == ["2", "2"]
