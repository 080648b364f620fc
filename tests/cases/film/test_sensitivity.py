"""The command that derives what a run shows: its table, its files, and what it refuses."""

import json

import pandas as pd
import pytest
from films import SHEET

from mitmodels import run, sensitivity
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A run of the sheet with walls that few elements resolve."""
    overrides = (
        "substrate.loss=2e4 W/(m2 K)",
        "mesh.size=2.5 um",
        "protocol.0.to=4 V",
        "numerics.largest=0.5",
        "output={ figures = false, check_stability = false }",
    )
    return run(SHEET, tmp_path_factory.mktemp("sheet") / "run", overrides=overrides).path


def test_table_has_a_row_for_every_reading_and_number(folder):
    summary = json.loads((folder / "summary.json").read_text())
    files = sensitivity(folder, readings="V_up, I_max, T_max at 3.5 V")
    table = pd.read_csv(folder / "sensitivity" / "sensitivity.csv")
    assert list(table.columns) == ["reading", "key", "value", "unit", "derivative", "elasticity"]
    assert set(table["reading"]) == {"V_up", "I_max", "T_max at 3.5 V"}
    row = table[(table["reading"] == "V_up") & (table["key"] == "film.temperature")].iloc[0]
    assert (row["value"], row["unit"]) == (345.0, "K")
    found = row["derivative"] * row["value"] / summary["V_up"]["value"]
    assert row["elasticity"] == pytest.approx(found, rel=1e-6)
    names = {file.name for file in files}
    assert names == {"sensitivity.csv", "elasticities.png", "V_up.vtu", "V_up.png"}
    assert all(file.stat().st_size for file in files)
    with pytest.raises(InputError, match=r"sensitivity.* exists"):
        sensitivity(folder)


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ("V_full", "V_full is not found: T_edge does not reach film.barrier_temperature"),
        ("I_up", 'I_up has no derivatives: use "I at 20 V", or one of V_up'),
        ("I at 20 V", "the branch has no stable state at 20 V"),
        ("t at 3 V", "t has no derivatives: use one of V_source"),
    ],
)
def test_reading_that_is_not_found_is_a_sentence(folder, tmp_path, readings, words):
    with pytest.raises(InputError, match=words):
        sensitivity(folder, tmp_path / "out", readings=readings)
    assert not (tmp_path / "out").exists()


def test_run_without_a_branch_is_refused(folder, tmp_path, monkeypatch):
    """Interrupted, and of a film in time."""
    record = folder / "run.json"
    before = record.read_text()
    record.write_text(json.dumps({**json.loads(before), "status": "interrupted"}))
    try:
        with pytest.raises(InputError, match="is interrupted: go on with it by mitmodels resume"):
            sensitivity(folder, tmp_path / "out")
    finally:
        record.write_text(before)
    content = {"case": "film_transient"}
    monkeypatch.setattr("mitmodels.solvers.runs.reading.Run.config", content)
    with pytest.raises(InputError, match="is a run of film_transient: give one of film_iv"):
        sensitivity(folder, tmp_path / "out")
