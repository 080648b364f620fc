"""Which figures a sweep of a cell ends with, from tables that no run had to be made for."""

import json

import numpy as np
import pandas as pd
import pytest

from mitmodels.cases.cell.figures import sweep
from mitmodels.cases.cell.figures.distributions import OXIDE
from mitmodels.cases.cell.figures.sweep import HEIGHT, RATE, decade
from mitmodels.cases.papers import buttberg2025, schindler2009
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.runs.reading import Run

pytestmark = pytest.mark.serial  # no ranks take part

KINETICS = {
    "t_onset [s]": [8.5, 1.1, 0.14],
    "t_void [s]": [13.6, 1.67, np.nan],
    "t_set [s]": [13.6, 1.67, np.nan],
    "V_onset [V]": [0.85, 1.12, 1.4],
    "V_void [V]": [1.36, 1.67, np.nan],
    "left_the_model": ["no", "no", "half the barrier"],
}
RESET = {
    "R_before_reset [ohm]": [1e3, 1e4, 1e5],
    "V_reset [V]": [-0.5, -0.7, -0.9],
    "V_open [V]": [-0.9, -1.1, np.nan],
    "V_dissolved [V]": [-1.6, -1.5, -1.4],
}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({RATE: [0.1, 1.0, 10.0], **KINETICS}, ["kinetics.png"]),
        ({HEIGHT: [1.0, 1.2, 1.4], **KINETICS}, ["kinetics.png"]),
        (
            {OXIDE: [5e-9, 1e-8, 2e-8], HEIGHT: 1.0, "t_nucleation [s]": 0.1, **KINETICS},
            ["thickness.png"],
        ),
        (RESET, ["reset.png"]),
        ({"heat.ambient [K]": [300.0, 320.0, 340.0]}, []),
    ],
)
def test_sweep_ends_with_its_figure(columns, expected, tmp_path, monkeypatch) -> None:
    rows = pd.DataFrame({"state": ["completed"] * 3, "point": list("abc"), **columns})
    monkeypatch.setattr(sweep, "completed", lambda _: rows)
    monkeypatch.setattr(sweep, "load", Run)
    for paper in (buttberg2025, schindler2009):
        monkeypatch.setattr(paper, "is_device", lambda run: run.path.name == "a")
    folder = SweepFolder(
        tmp_path, {"axes": [{"keys": ["anything"]}], "points": [{"changes": ["anything"]}]}
    )
    files = sweep.plot(folder)
    assert [file.name for file in files] == expected
    assert all(file.stat().st_size > 10_000 for file in files)
    if expected == ["thickness.png"]:
        found = json.loads((tmp_path / "thickness.json").read_text())
        assert found["t_set at 1 V"]["value"] == pytest.approx(1.67 / 13.6)


def test_slope_per_decade() -> None:
    assert decade(np.array([1.0, 10.0, 100.0]), np.array([0.5, 0.8, 1.1])) == pytest.approx(0.3)
