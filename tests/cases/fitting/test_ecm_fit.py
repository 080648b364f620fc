"""The fit of a cell to its resistances: what is found again, kept, refused and gone on with."""

import json
import tomllib
from importlib.resources import files

from mpi4py import MPI

import matplotlib.image
import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.registry import examine
from mitmodels.cases.sweeps import running
from mitmodels.errors import InputError, RunError

pytestmark = pytest.mark.serial

SET = files("mitmodels.cases") / "ecm_set.toml"
CURRENTS = 1e-6, 1e-4, 1e-3  # [A]
TEXT = """\
case = "ecm_fit"
file = "{file}"
measured = {{ file = "lrs.csv", error = "5 %" }}

[[parameter]]
key = "barrier.void_length"
min = "0.07 nm"
max = "0.1 nm"

[[parameter]]
key = "tunnel.prefactor"
min = 0.2
max = 3
"""


def closed_form(config):
    """Resistance [ohm] that depends on two parameters in another way at each compliance."""
    current = float(config["circuit"]["compliance"]["value"].split()[0])
    length = float(config["barrier"]["void_length"]["value"].split()[0]) / 8.34e-11
    prefactor = config["tunnel"]["prefactor"]["value"]
    return float(1 / current * length ** (2 + 0.3 * np.log10(current)) * prefactor**-0.2)


@pytest.fixture
def solved(monkeypatch):
    """Runs of a closed form in place of SETs; return the folders of what was run."""
    done = []

    def run_points(folder, _jobs, _launch, _say):
        for state in folder.states():
            if state.state == "completed":
                continue
            config = folder.input(state.name).read_text()
            done.append(folder.path.name)
            R = closed_form(tomllib.loads(config))
            found = {"R_LRS": {"value": R if R < 1e7 else None, "unit": "ohm"}}
            found["t_set"] = {"value": 1e-3 * R**0.5 if R < 4e5 else None, "unit": "s"}
            run = folder.path / state.name
            run.mkdir()
            (run / "config.resolved.toml").write_text(config)
            (run / "run.json").write_text('{"status": "completed", "error": ""}')
            (run / "summary.json").write_text(json.dumps(found))

    monkeypatch.setattr(running, "run_points", run_points)
    return done


@pytest.fixture
def fit_file(tmp_path):
    """Write a fit to the closed form with a length of 0.09 nm and a prefactor of 1.5."""
    config = {
        "barrier": {"void_length": {"value": "9e-11 m"}},
        "tunnel": {"prefactor": {"value": 1.5}},
    }
    lines = ["# made", "I_CC [A],R_LRS [ohm]"]
    for current in CURRENTS:
        limit = {"compliance": {"value": f"{current} A"}}
        lines.append(f"{current},{closed_form({**config, 'circuit': limit})!r}")
    (tmp_path / "lrs.csv").write_text("\n".join(lines))
    path = tmp_path / "fit.toml"
    path.write_text(TEXT.format(file=SET))
    return path


def test_parameters_are_found_again(fit_file, solved, tmp_path, record):
    run = api.fit(fit_file, tmp_path / "fit", jobs=2)
    found = json.loads((run.path / "fit.json").read_text())
    values = [parameter["value"] for parameter in found["parameters"].values()]
    error = np.abs(np.array(values) / [9e-11, 1.5] - 1).max()
    record("fit of a cell to a closed form of its resistance: both parameters", 1e-3, error)
    assert error < 1e-3
    assert found["statements"] == []
    assert np.shape(found["covariance"]) == (2, 2)
    assert run.config["jobs"] == 2
    assert len(solved) == len(CURRENTS) * found["evaluations"]
    fitted = examine(read(run.path / "fitted.toml"), MPI.COMM_WORLD)
    assert fitted.barrier.void_length == values[0]
    assert fitted.barrier.void_length.status == "fitted"
    table = run.table("resistances")
    np.testing.assert_allclose(table["fit [ohm]"], table["measured [ohm]"], rtol=1e-2)
    assert np.abs(table["distance_start"]).max() > 1
    (figure,) = api.plot(run.path)
    assert matplotlib.image.imread(figure).std() > 0.05


def test_interrupted_fit_repeats_no_set(fit_file, solved, monkeypatch, tmp_path):
    """The first batch is the start alone, the second both differences of the first step."""
    whole = api.fit(fit_file, tmp_path / "whole")
    assert solved[:9] == ["000"] * 3 + ["001"] * 6
    complete = running.run_points

    def interrupted(folder, *rest):
        if folder.path.name == "002":
            raise KeyboardInterrupt
        complete(folder, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(running, "run_points", interrupted)
        with pytest.raises(KeyboardInterrupt):
            api.fit(fit_file, tmp_path / "fit")
    del solved[:]
    api.resume(tmp_path / "fit")
    assert "002" in solved
    assert not {"000", "001"} & set(solved)
    same = (tmp_path / "fit" / name for name in ("fit.json", "evaluations.csv"))
    assert [file.read_text() for file in same] == [
        (whole.path / name).read_text() for name in ("fit.json", "evaluations.csv")
    ]


def test_bands_of_a_cell_and_of_others_that_are_not_fitted(fit_file, solved, tmp_path):
    """Three resistances to 5 % for two numbers; every batch of SETs is run once.

    One of the others is between two of the compliances, one never sets and has no time of it.
    """
    predict = "".join(
        f'\n[[predict]]\nname = "{name}"\nfile = "{SET}"\n'
        f'overrides = ["circuit.compliance={current} A"]\n'
        for name, current in (("between", 1e-5), ("below", 2e-6))
    )
    fit_file.write_text(f"posterior = {{ draws = 1000 }}\n{fit_file.read_text()}{predict}")
    run = api.fit(fit_file, tmp_path / "fit")
    found = json.loads((run.path / "posterior.json").read_text())
    assert found["statements"] == []
    bands = run.table("bands").set_index(["device", "quantity"])
    measured, here = bands.iloc[:3], ("between", "R_LRS")
    assert [device for device, _ in measured.index] == ["1e-06 A", "0.0001 A", "0.001 A"]
    assert bands.index.tolist()[3:] == [("between", "t_set"), here, ("below", "R_LRS")]
    width = (measured["high"] / measured["low"] - 1) / (2 * 1.645)
    assert (width < 0.05).all()
    assert np.hypot.reduce(width) == pytest.approx(np.sqrt(2) * 0.05, rel=0.1)
    config = {
        "barrier": {"void_length": {"value": "9e-11 m"}},
        "tunnel": {"prefactor": {"value": 1.5}},
    }
    truth = closed_form({**config, "circuit": {"compliance": {"value": "1e-05 A"}}})
    assert bands["low"][here] < truth < bands["high"][here]
    assert (bands["high"] / bands["low"] - 1)[here] / (2 * 1.645) < width.max()
    assert bands["low"]["between", "t_set"] == pytest.approx(
        1e-3 * bands["low"][here] ** 0.5, rel=0.01
    )
    evaluations, samples = len(run.table("evaluations")), found["surrogate"]["solved"]
    assert len(solved) == len(CURRENTS) * evaluations + 2 * samples
    run.check_intact()
    fit_file.write_text(fit_file.read_text().replace('"below"', '"between"'))
    with pytest.raises(InputError, match="between is given twice: name it once"):
        api.check(fit_file)


def test_set_without_resistance_ends_a_fit_that_begins_with_it(fit_file, solved, tmp_path):
    text = (tmp_path / "lrs.csv").read_text()
    (tmp_path / "lrs.csv").write_text(f"{text}\n1e-8,1e8\n")
    with pytest.raises(RunError, match="with the start values: SET at 1e-08 A: no current"):
        api.fit(fit_file, tmp_path / "fit")


def test_not_identifiable_is_said(fit_file, solved, tmp_path):
    """Of a number that the closed form does not know."""
    fit_file.write_text(
        f'{fit_file.read_text()}\n[[parameter]]\nkey = "void.width"\nmin = "0.1 nm"\n'
        'max = "0.5 nm"\nvary = false\n'
    )
    found = api.fit(fit_file, tmp_path / "fit")
    statements = json.loads((found.path / "fit.json").read_text())["statements"]
    assert "of all parameters: void.width is not identifiable: the data hardly depend on it" in (
        statements
    )


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"barrier.void_length"',
            '"circuit.compliance"',
            r'"circuit.compliance" is not a number to',
        ),
        ('"0.1 nm"', '"0.1 K"', r'barrier.void_length: its bound "0.1 K" is not a length \[m\]'),
        ("max = 3", "max = 0.5", r"tunnel.prefactor: its start 1 is not between 0.2 and 0.5"),
        ("ecm_set.toml", "lsmo_iv.toml", r"file = .*lsmo_iv.toml is not a case ecm_set"),
        ("lrs.csv", "no.csv", r"measured: file = .*no.csv does not exist"),
        ('error = "5 %"', 'error = "5 K"', r'measured.error = "5 K" is not a pure number'),
        ("min = 0.2", "min = []", r"parameter.1.min"),
    ],
)
def test_mistakes_are_sentences(fit_file, old, new, message, tmp_path):
    fit_file.write_text(fit_file.read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        api.fit(fit_file, tmp_path / "fit")
    assert not (tmp_path / "fit").exists()


def test_current_that_is_given_twice_is_refused(fit_file, tmp_path):
    text = (tmp_path / "lrs.csv").read_text()
    (tmp_path / "lrs.csv").write_text(f"{text}\n1e-6,1\n")
    with pytest.raises(InputError, match="measured: has 1e-06 A twice: give one resistance"):
        api.fit(fit_file, tmp_path / "fit")


def test_jobs_are_for_cells_alone(tmp_path):
    with pytest.raises(InputError, match="--jobs 2: this fit runs on ranks"):
        api.fit(files("mitmodels.cases") / "lsmo_fit.toml", tmp_path / "fit", jobs=2)


QUICK = ("numerics.time=0.5", "numerics.mesh=0.7", "output={ figures = false }")


def made(tmp_path, compliance):
    """Low resistance of a small SET that was made with 1.5 times the prefactor."""
    numbers = (f"circuit.compliance={compliance}", "tunnel.prefactor=1.5")
    run = api.run(SET, tmp_path / f"made-{compliance}", overrides=(*QUICK, *numbers))
    return run.summary["R_LRS"]["value"]


def fit_to(tmp_path, R, error, more=""):
    """Fit the prefactor to a resistance after 1 uA, known within an error."""
    (tmp_path / "lrs.csv").write_text(f"I_CC [A],R_LRS [ohm]\n1e-6,{R!r}\n")
    path = tmp_path / "fit.toml"
    path.write_text(
        f'case = "ecm_fit"\nfile = "{SET}"\noverrides = {json.dumps(QUICK)}\n'
        f'measured = {{ file = "lrs.csv", error = "{error}" }}\n{more}'
        '[[parameter]]\nkey = "tunnel.prefactor"\nmin = 0.5\nmax = 2.5\n'
    )
    return path


@pytest.mark.slow
def test_twin_of_a_set_is_found_again(tmp_path, record):
    """The prefactor of Simmons' law from the resistance of a small SET that was made with 1.5."""
    path = fit_to(tmp_path, made(tmp_path, "1 uA"), "2 %")
    run = api.fit(path, tmp_path / "fit", jobs=2)
    found = run.summary["tunnel.prefactor"]["value"]
    error = abs(found / 1.5 - 1)
    record("fit to the resistance of a SET of the model: prefactor, from 33 % off", 0.01, error)
    assert error < 0.01


@pytest.mark.slow
def test_band_of_another_cell_holds_what_it_shows(tmp_path, record):
    """Fitted at 1 uA to 5 %; the truth of a SET at 3 uA is a run with the numbers of the data."""
    known_R, other_R = (made(tmp_path, current) for current in ("1 uA", "3 uA"))
    other = (
        f'[[predict]]\nname = "other"\nfile = "{SET}"\n'
        f"overrides = {json.dumps([*QUICK, 'circuit.compliance=3 uA'])}\n"
    )
    path = fit_to(tmp_path, known_R, "5 %", f"posterior = {{ points = 8 }}\n{other}")
    run = api.fit(path, tmp_path / "fit", jobs=2)
    bands = run.table("bands").set_index(["device", "quantity"])
    band = bands.loc["other", "R_LRS"]
    off = abs(band["median"] / other_R - 1)
    record("band of the low resistance of a cell that was not fitted: off the truth", 0.02, off)
    assert off < 0.02
    assert band["low"] < other_R < band["high"]
    wide, known = (np.log(b["high"] / b["low"]) for b in (band, bands.loc["1e-06 A", "R_LRS"]))
    assert wide == pytest.approx(known, rel=0.5)
