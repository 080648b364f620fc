"""Random devices that a laboratory could have made: how many runs end, and that none ends wrong.

``make plausible`` runs others: ``SEED``, ``FILMS``, ``CELLS``; ``KEEP`` gets what ended badly.
"""

import math
import os
import sys
from collections import Counter
from pathlib import Path

import pytest
from judging import BAD, judge
from plausible import cell, film

pytestmark = [pytest.mark.serial, pytest.mark.slow]

SEED = int(os.environ.get("SEED", "1"))
KEEP = Path(os.environ.get("KEEP", "runs/plausible"))


@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("make", "kind", "count", "fraction"),
    [
        (film, "films", int(os.environ.get("FILMS", "20")), 0.97),
        (cell, "cells", int(os.environ.get("CELLS", "10")), 0.95),
    ],
)
def test_plausible_devices_end_well(make, kind, count, fraction, tmp_path, record):
    found = Counter()
    for number in range(count):
        files = make(SEED, number)
        for name, text in files.items():
            (tmp_path / name).write_text(text)
        file = tmp_path / list(files)[-1]
        verdict = judge(file, tmp_path / file.stem)
        found[verdict.kind] += 1
        said = f"{verdict.kind:10} {verdict.seconds:6.1f} s  {verdict.why}"
        sys.stdout.write(f"\n{file.name} {said}")
        sys.stdout.flush()
        if verdict.kind != "completed":
            (KEEP / f"seed{SEED}").mkdir(parents=True, exist_ok=True)
            for name, text in files.items():
                (KEEP / f"seed{SEED}" / name).write_text(text)
    outcomes = ", ".join(f"{number} {name}" for name, number in found.most_common())
    sys.stdout.write(f"\n{count} {kind} of seed {SEED}: {outcomes}\n")
    record(
        f"plausible {kind}, {count} of seed {SEED}: how their runs end",
        f"{fraction:.0%} completed, no {', '.join(BAD)}",
        outcomes,
    )
    assert not any(found[name] for name in BAD)
    assert found["completed"] >= math.floor(fraction * count)
