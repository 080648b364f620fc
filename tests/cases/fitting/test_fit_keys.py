"""Every key of a fit's TOML file changes what it leaves behind, or is refused."""

import json
import tomllib

import pytest
from ecm_cells import SHIPPED as SET
from films import SHEET
from key_trials import Trials, keys

from mitmodels.cases import api
from mitmodels.cases.fitting import cell_config, film_config
from mitmodels.cases.sweeps import running

pytestmark = pytest.mark.serial

QUICK = (
    "mesh.size=10 um",
    "mesh.degree=1",
    "output={ check_stability = false }",
    "protocol.0.to=3 V",
)
OF_A_FILM = f"""
case = "lsmo_fit"
output = {{ figures = false }}

[[experiment]]
name = "sheet"
file = "{SHEET}"
overrides = {json.dumps(QUICK)}
curve = {{ voltages = ["1 V", "2 V", "3 V"], currents = ["4 mA", "6 mA", "7 mA"], error = "1 %" }}
figures = [{{ quantity = "I_max", value = "7 mA", error = "1 mA" }}]

[[parameter]]
key = "film.cold"
min = "0.5e-6 ohm m"
max = "1e-4 ohm m"
"""
OF_A_CELL = f"""
case = "ecm_fit"
file = "{SET}"
output = {{ figures = false }}
measured = {{ currents = ["1 uA", "1 mA"], resistances = ["1.2 Mohm", "1.3 kohm"], error = "5 %" }}

[[parameter]]
key = "tunnel.prefactor"
min = 0.2
max = 3

[[parameter]]
key = "barrier.void_length"
min = "0.07 nm"
max = "0.1 nm"
"""
FILM = {
    "output.figures": "true",
    "experiment.curve.currents": '["4 mA", "6 mA", "8 mA"]',
    "experiment.curve.error": "2 %",
    "experiment.curve.voltages": '["1 V", "2 V", "2.9 V"]',
    "experiment.figures.at": "1 V",  # the largest current is not one at a voltage: refused
    "experiment.figures.error": "2 mA",
    "experiment.figures.quantity": "I_up",
    "experiment.figures.value": "8 mA",
    "experiment.name": "film",
    "experiment.overrides": json.dumps([*QUICK, "ambient.temperature=110 K"]),
    "overrides": '["ambient.temperature=110 K"]',
    "parameter.key": "film.hot",
    "parameter.max": "2.5e-6 ohm m",
    "parameter.min": "0.6e-6 ohm m",
    "parameter.vary": "false",  # the only one: refused
}
CELL = {
    "output.figures": "true",
    "measured.currents": '["2 uA", "1 mA"]',
    "measured.error": "10 %",
    "measured.resistances": '["1.5 Mohm", "1.3 kohm"]',
    "overrides": '["barrier.void_length=0.09 nm"]',
    "parameter.key": "tunnel.mass_ratio",
    "parameter.max": "2.5",
    "parameter.min": "0.3",
    "parameter.vary": "false",
}
# Files in place of what is tried here, and the case that is adjusted, which has tests of its own.
LATER = ("posterior.", "predict.")
ELSEWHERE = {
    *("case", "file", "cell", "measured.file"),
    *("experiment.file", "experiment.film", "experiment.curve.file"),
}


@pytest.fixture(scope="module")
def trials(tmp_path_factory):
    return Trials(tmp_path_factory.mktemp("fits"))


@pytest.fixture
def jobs(monkeypatch):
    """Runs of a closed form in place of SETs; return how many were asked for at a time."""
    asked = []

    def run_points(folder, jobs, _checkpoints, _say):
        asked.append(jobs)
        for state in folder.states():
            text = folder.input(state.name).read_text()
            config = tomllib.loads(text)
            I_CC = float(config["circuit"]["compliance"]["value"].split()[0])
            length = float(config["barrier"]["void_length"]["value"].split()[0]) / 8.34e-11
            numbers = (config["tunnel"][name]["value"] for name in ("prefactor", "mass_ratio"))
            prefactor, mass_ratio = numbers
            R = length * mass_ratio * prefactor**-0.2 / I_CC
            run = folder.path / state.name
            run.mkdir()
            (run / "config.resolved.toml").write_text(text)
            (run / "run.json").write_text('{"status": "completed", "error": ""}')
            summary = {"R_LRS": {"value": R, "unit": "ohm"}}
            (run / "summary.json").write_text(json.dumps(summary))

    monkeypatch.setattr(running, "run_points", run_points)
    return asked


def _file(trials, name, text):
    path = trials.folder / name
    path.write_text(text)
    return path


def test_every_key_is_tried():
    film, cell = (set(keys(module.Config)) for module in (film_config, cell_config))
    # Posterior and predictions on a closed form: test_posterior.py.
    film, cell = ({key for key in found if not key.startswith(LATER)} for found in (film, cell))
    assert film - ELSEWHERE == FILM.keys()
    assert cell - ELSEWHERE == {*CELL, "jobs"}


@pytest.mark.parametrize("key", FILM)
def test_key_of_a_fit_of_films(key, trials):
    trials.check(key, _file(trials, "film.toml", OF_A_FILM), (), FILM[key])


@pytest.mark.parametrize("key", CELL)
def test_key_of_a_fit_of_a_cell(key, trials, jobs):
    trials.check(key, _file(trials, "cell.toml", OF_A_CELL), (), CELL[key])


def test_jobs_are_those_of_the_file(trials, jobs):
    """They change how many SETs run at a time, and nothing of what is found."""
    file = _file(trials, "jobs.toml", OF_A_CELL)
    api.run(file, trials.folder / "jobs", overrides=("jobs=2",))
    assert set(jobs) == {2}
