"""Ten thousand mistaken inputs: each passes the check or is refused in one sentence.

``make fuzz`` runs it. ``FUZZ`` is the number of inputs, ``SEED`` that of the generator.
"""

import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from checked_inputs import check, check_all, fault, meshed, shipped
from mutations import inputs

COUNT = int(os.environ.get("FUZZ", "10000"))
SEED = int(os.environ.get("SEED", "1"))
PROCESSES = 25  # inputs that go through a process of their own too
_HANGS = 300.0  # seconds


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    (tmp_path / "checked").mkdir()
    (tmp_path / "meshes").mkdir()
    monkeypatch.chdir(tmp_path / "checked")


def drawn(tmp_path, count):
    return islice(inputs(shipped(), meshed(tmp_path / "meshes"), SEED), count)


def test_mistaken_inputs_end_well_or_with_one_sentence(tmp_path):
    sys.stdout.write(f"\nthe input in hand: {Path.cwd() / 'input.toml'}\n")
    tally = check_all(drawn(tmp_path, COUNT), _HANGS)
    counts = tally.counts
    sys.stdout.write(
        f"{counts['inputs']} inputs of seed {SEED}: {counts['meshes']} with a mistaken mesh, "
        f"{counts['parsed']} are TOML, {counts['passed']} passed, "
        f"{len(tally.failed)} ended badly\n"
    )
    for number, (wrong, item) in enumerate(tally.failed):
        kept = tmp_path / f"failed{number}.toml"
        kept.write_bytes(item.text)
        if item.mesh:
            kept.with_name(f"failed{number}-{item.mesh.name}").write_bytes(item.mesh.content)
        sys.stdout.write(f"{wrong}: {kept} {item.overrides}\n")
    assert not tally.failed
    assert counts["parsed"] >= COUNT / 2
    assert counts["passed"] >= COUNT / 10


def test_processes_end_like_the_function(tmp_path):
    """The command line of the installed program, on a sample of the same inputs."""
    for item in drawn(tmp_path, PROCESSES):
        code, out, _ = check(item)
        overrides = [word for text in item.overrides for word in ("--set", text)]
        ended = subprocess.run(
            [sys.executable, "-m", "mitmodels", "check", "input.toml", *overrides],
            capture_output=True,
            text=True,
            check=False,
            timeout=_HANGS,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert (ended.returncode, ended.stdout) == (code, out)
        assert fault(code, out, ended.stderr) == ""
