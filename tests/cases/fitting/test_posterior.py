"""The posterior of a fit: its files, its bands, what it keeps, and what it says."""

import json
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest

from mitmodels.cases import api
from mitmodels.cases.fitting.film import Solution, Trial
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

FILM = files("mitmodels.cases") / "lsmo_iv.toml"
TEXT = f"""\
case = "lsmo_fit"
overrides = [
    "mesh.size=5 um",
    "mesh.edge_size=4 um",
    "mesh.cells_across=3",
    "protocol.0.to=20 V",
    "output.fields_at.V_source=[]",
]
output = {{ figures = false }}
posterior = {{ points = 12, draws = 1000 }}

[[experiment]]
name = "mine"
file = {json.dumps(str(FILM))}
figures = [
    {{ quantity = "V_up", value = "16 V", error = "0.2 V" }},
    {{ quantity = "V_down", value = "15 V", error = "0.2 V" }},
]

[[parameter]]
key = "substrate.conductivity"
min = "4 W/(m K)"
max = "16 W/(m K)"

[[parameter]]
key = "contact.resistance_width"
min = "2 kohm um"
max = "30 kohm um"

[[predict]]
name = "warm"
file = {json.dumps(str(FILM))}
overrides = ["ambient.temperature=200 K"]
figures = [{{ quantity = "V_up", value = "12.5 V", error = "1 V" }}]
"""


def closed_form(config):
    """Voltages of both jumps [V] and resistance [ohm]."""
    rise = (340.0 - config.ambient.temperature) / 240.0
    R = 500.0 + 1e4 * config.contact.resistance_width
    V = 16.0 * np.sqrt(config.substrate.conductivity / 8.0 * rise)
    return V * (0.9 + 10 * config.contact.resistance_width), V * 0.94, R


@pytest.fixture
def solved(monkeypatch):
    """A closed form in place of films; return what was solved."""
    done = []

    def solve(trial, values):
        done.append(trial.experiment.name)
        V_up, V_down, R = closed_form(trial.film(values))
        low, high = np.array([[0, 0], [1, 1 / R]]), np.array([[1, 0.8 / R], [20, 10 / R]])
        below, above = low * [V_up, V_up], np.array([[V_up, 0.8 * V_up / R], high[1]])
        back = np.array([[20.0, 10 / R], [V_down, 0.8 * V_down / R]])
        rest = np.array([[V_down, V_down / R], [0.0, 0.0]])
        ways = ((below, above), (back, rest))
        up, down = map(np.concatenate, ways)
        return Solution(up, down, {"V_up": V_up, "V_down": V_down}, "", ways)

    monkeypatch.setattr(Trial, "solve", solve)
    monkeypatch.setattr("mitmodels.cases.fitting.film.has_gradients", lambda *_: False)
    return done


@pytest.fixture
def fit_file(tmp_path):
    path = tmp_path / "fit.toml"
    path.write_text(TEXT)
    return path


def test_bands_of_fitted_and_other_devices(fit_file, solved, tmp_path):
    """V_up and V_down are known to 0.2 V where they are measured, and to as much elsewhere."""
    run = api.fit(fit_file, tmp_path / "fit")
    found = json.loads((run.path / "posterior.json").read_text())
    assert found["statements"] == []
    assert found["surrogate"]["error"] < 0.1
    parameters = found["parameters"]
    assert all(entry["low"] < entry["median"] < entry["high"] for entry in parameters.values())
    draws = pd.read_csv(run.path / "posterior.csv")
    assert draws.columns.tolist() == [
        "substrate.conductivity [W/(m K)]",
        "contact.resistance_width [ohm m]",
    ]
    assert len(draws) == 1000
    bands = pd.read_csv(run.path / "bands.csv").set_index(["device", "quantity"])
    widths = bands["high"] - bands["low"]
    assert widths["mine", "V_down"] == pytest.approx(2 * 1.645 * 0.2, rel=0.1)
    colder = np.sqrt(140 / 240)
    assert widths["warm", "V_down"] == pytest.approx(colder * 2 * 1.645 * 0.2, rel=0.1)
    laplace = bands["laplace_high"] - bands["laplace_low"]
    np.testing.assert_allclose(laplace, widths, rtol=0.1)
    assert bands["measured"]["warm", "V_up"] == 12.5
    assert (bands["fraction"] == 1).all()
    curve = pd.read_csv(run.path / "band-warm.csv")
    assert (curve["low [A]"] <= curve["high [A]"] + 1e-12).all()
    up = curve[curve["sweep"] == "up"]
    jump = up["V [V]"].between(bands["low"]["warm", "V_up"], bands["high"]["warm", "V_up"])
    width = up["high [A]"] / up["low [A]"].clip(lower=1e-9)
    assert width[jump].median() > 1.15
    assert {file.name for file in api.plot(run.path)} >= {
        "corner.png",
        "bands.png",
        "band-mine.png",
        "band-warm.png",
    }


def test_film_without_a_measured_jump_is_left_out(fit_file, solved, monkeypatch, tmp_path):
    """It counts as off by the whole value: what is beside it is as well known as before."""
    solve = Trial.solve

    def flat(trial, values):
        found = solve(trial, values)
        if values["substrate.conductivity"] > 8.1:
            del found.figures["V_down"]
        return found

    fit_file.write_text(TEXT.partition("[[predict]]")[0])
    monkeypatch.setattr(Trial, "solve", flat)
    run = api.fit(fit_file, tmp_path / "fit")
    found = json.loads((run.path / "posterior.json").read_text())
    assert found["surrogate"]["failed"] > 0
    assert found["surrogate"]["error"] < 0.1
    assert "not all that was measured: left out" in found["statements"][-1]


def test_fit_that_goes_on_repeats_no_sample(fit_file, solved, monkeypatch, tmp_path):
    whole = api.fit(fit_file, tmp_path / "whole")
    count = solved.count("warm")
    solve = Trial.solve

    def interrupted(trial, values):
        if solved.count("warm") == count + 6:
            raise KeyboardInterrupt
        return solve(trial, values)

    with monkeypatch.context() as patch:
        patch.setattr(Trial, "solve", interrupted)
        with pytest.raises(KeyboardInterrupt):
            api.fit(fit_file, tmp_path / "fit")
    begun = solved.count("warm")
    api.resume(tmp_path / "fit")
    assert solved.count("warm") - begun == count - 5  # five samples are there
    for name in ("posterior.json", "bands.csv", "band-warm.csv"):
        assert (tmp_path / "fit" / name).read_text() == (whole.path / name).read_text()


def test_fit_without_posterior_solves_no_more_than_before(fit_file, solved, tmp_path):
    text = TEXT.partition("[[predict]]")[0].replace("posterior =", "#")
    fit_file.write_text(text)
    plain = api.fit(fit_file, tmp_path / "plain")
    assert not (plain.path / "posterior.json").exists()
    count = len(solved)
    assert count == json.loads((plain.path / "fit.json").read_text())["evaluations"]
    asked = api.fit(fit_file, tmp_path / "asked", posterior=True)
    assert (asked.path / "posterior.json").exists()
    assert asked.config["posterior"]["points"] == 24


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("points = 12", "points = 4", "posterior.points = 4 should be greater than or equal to 8"),
        ("draws = 1000", "seed = -1", "posterior.seed = -1 should be greater than or equal to 0"),
        ("draws = 1000", "level = 1", "posterior.level = 1 should be less than 1"),
        ('name = "warm"', 'name = "mine"', "mine is given twice: name it once"),
        (
            '"ambient.temperature=200 K"',
            '\'substrate={ model = "sheet", loss = "5e5 W/(m2 K)" }\'',
            "predict warm: has no substrate.conductivity, which is a parameter",
        ),
    ],
)
def test_mistakes_are_sentences(fit_file, old, new, message, tmp_path):
    fit_file.write_text(TEXT.replace(old, new))
    with pytest.raises(InputError, match=message):
        api.fit(fit_file, tmp_path / "fit")
    assert not (tmp_path / "fit").exists()
