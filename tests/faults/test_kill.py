"""Two of the kills that `make faults` repeats at random moments."""

import random

import pytest
from jobs import (
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

pytestmark = [pytest.mark.serial, pytest.mark.slow]

SHORT = {
    "transient": (
        *TRANSIENT,
        "mesh.size=10 um",
        "mesh.edge_size=5 um",
        "mesh.cells_across=3",
        "geometry.far=250 um",
        "protocol.1.width=3 us",
        "protocol.2.duration=1 us",
        "output.fields_at.t=[]",
    ),
    "growth": (*GROWTH, "protocol.0.to=0.7 V", "protocol.1.to=0.65 V"),
}


@pytest.mark.parametrize(
    ("name", "victims", "ranks"), [("transient", "one rank", 2), ("growth", "all ranks", 1)]
)
def test_killed_run_goes_on_from_its_last_checkpoint(name, victims, ranks, tmp_path):
    case, whole, path, log = SHORT[name], tmp_path / "whole", tmp_path / "run", tmp_path / "log"
    assert run(case, whole, log, ranks).wait() == 0
    expected = load(whole)
    job = run(case, path, log, ranks, every="10 ms")
    wait_for_rows(job, path, 2 * len(expected.iv) // 3)
    kill(job, path, victims, random.Random(name))
    assert 0 < rows(path) < len(expected.iv)
    assert_whole_lines(path)
    again = resume(path, log, ranks)
    assert again.wait() == 0, again.said()
    assert "going on from" in again.said()
    assert_same(path, expected)
