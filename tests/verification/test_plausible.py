"""Random devices that a laboratory could have made: how many runs end, and that none ends wrong.

``make plausible`` runs others: ``SEED``, ``FILMS``, ``CELLS``, and of these ``FINER`` films with
steps four times finer and ``HALVED`` cells with half of the tolerance too; ``KEEP`` gets what ended
badly.
"""

import math
import os
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from judging import BAD, judge
from plausible import cell, film

import mitmodels

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


def completed(files, folder, numerics):
    """Run a device into a folder, with the lines on its numerics; return what is on disk."""
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text)
    file = folder / list(files)[-1]
    file.write_text(f"{file.read_text()}[numerics]\n{numerics}\n")
    assert judge(file, folder / "run", 3000).kind == "completed"
    return mitmodels.load(folder / "run")


@pytest.mark.timeout(0)
def test_half_the_tolerance_changes_little_of_a_cell(tmp_path, record):
    """Time of SET and largest charge, by 2 %, and the last gap, by 0.02 nm."""
    count, worst = int(os.environ.get("HALVED", "3")), np.full(3, np.nan)
    for number in range(count):
        found = []
        for factor in (1, math.sqrt(2)):  # of the steps, whose tolerances go with its square
            folder = tmp_path / f"{number}-{factor:.2g}"
            run = completed(cell(SEED, number), folder, f"time = {factor}")
            t_set = run.summary["t_set"]["value"]
            gap = run.summary["gap_final"]["value"] * 1e9
            found.append((t_set or math.nan, run.iv["charge [C]"].max(), gap))
        once, twice = np.array(found)
        off = np.abs(np.append(twice[:2] / once[:2] - 1, twice[2] - once[2]))
        sys.stdout.write(f"\ncell {number}: {off[0]:.2%}, {off[1]:.2%}, {off[2]:.4f} nm")
        sys.stdout.flush()
        worst = np.fmax(worst, off)
    record(
        f"{count} plausible cells of seed {SEED}, half the tolerance: t_SET, charge, gap at most",
        "2 %, 2 %, 0.02 nm",
        f"{worst[0]:.2%}, {worst[1]:.2%}, {worst[2]:.4f} nm",
    )
    assert not (worst > 0.02).any()


@pytest.mark.timeout(0)
def test_finer_steps_find_the_same_of_a_film(tmp_path, record):
    """The same folds and extrema, and where the film switches and its largest current, by 0.3 %."""
    kinds, keys = ("fold", "maximum of I", "minimum of I"), ("V_up", "V_down", "I_up", "I_down")
    count, worst, other = int(os.environ.get("FINER", "3")), 0.0, []
    for number in range(count):
        counts, found = [], []
        for largest in (1.0, 0.25):
            folder = tmp_path / f"{number}-{largest}"
            run = completed(film(SEED, number), folder, f"largest = {largest}")
            here = [run.summary[key]["value"] for key in (*keys, "I_max") if key in run.summary]
            found.append([math.nan if value is None else value for value in here])
            counts.append([int((run.events["event"] == kind).sum()) for kind in kinds])
            counts[-1] += np.isnan(found[-1]).tolist()
        off = float(np.nanmax(np.abs(np.divide(*found) - 1), initial=0.0))
        sys.stdout.write(f"\nfilm {number}: {counts[0][:3]}, {counts[1][:3]}, {off:.1e}")
        sys.stdout.flush()
        other += [number] if counts[0] != counts[1] else []
        worst = max(worst, off)
    listed = ", ".join(map(str, other)) or "none"
    record(
        f"{count} plausible films of seed {SEED}, steps four times finer: others", "none", listed
    )
    record("their switching and largest current", "0.3 %", worst)
    assert not other
    assert worst < 3e-3
