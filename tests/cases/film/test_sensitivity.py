"""The command that derives what a run shows: its table, its files, and what it refuses."""

import json
import tomllib

import pandas as pd
import pytest
from films import SHEET, SHIPPED

from mitmodels import run, sensitivity
from mitmodels.cases.config.document import load_config
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.sensitivity.derivatives import chosen
from mitmodels.cases.film.sensitivity.numbers import sorted_numbers
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
    maps = {"V_up.vtu", "V_up.png"}
    assert names == {"sensitivity.csv", "left_out.csv", "elasticities.png", *maps}
    assert all(file.stat().st_size for file in files)
    with pytest.raises(InputError, match=r"sensitivity.* exists"):
        sensitivity(folder)


def test_every_number_of_the_file_is_derived_or_says_why_not():
    """Of every shipped steady film, whatever it is made of."""
    for path in sorted(SHIPPED.parent.glob("*.toml")):
        content = tomllib.loads(path.read_text())
        if content.get("case") not in ("lsmo_iv", "film_iv") or "sweep" in content:
            continue
        config = load_config(path, (), SteadyConfig)
        derived, others = sorted_numbers(config)
        assert not derived.keys() & others.keys()
        given = {
            f"{name}.{key}"
            for name, section in content.items()
            if isinstance(section, dict) and name != "output"
            for key in section
            if isinstance(getattr(getattr(config, name), key, None), Quantity)
        }
        assert given <= derived.keys() | others.keys(), path.name
        assert {"geometry.length", "geometry.width", "geometry.thickness"} <= derived.keys()
        assert "geometry.far" in others or not config.geometry.far


@pytest.mark.parametrize(
    ("overrides", "key", "words"),
    [
        ((), "mesh.size", "mesh.size has no derivative, it is of the finite elements"),
        ((), "geometry.far", "how much of the substrate is meshed"),
        (("contact.resistivity=0 ohm m2",), "contact.resistivity", "an ideal contact has no term"),
        ((), "film.colour", "it is not a number of the file: use geometry.length"),
    ],
)
def test_number_without_derivative_is_a_sentence(overrides, key, words):
    with pytest.raises(InputError, match=words):
        chosen(load_config(SHIPPED, overrides, SteadyConfig), (key,))


@pytest.mark.parametrize(
    ("readings", "words"),
    [
        ("V_full", "V_full is not found: T_edge does not reach film.barrier_temperature"),
        ("I_up", "I_up is not found: the source controls the voltage"),
        ("T_up", 'T_up has no derivatives: use "I at 20 V", or one of V_up'),
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
