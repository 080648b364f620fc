"""Exported films: their steady states in ngspice, what the files say, and what is refused."""

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

import mitmodels
from mitmodels.cases.compact import comparison, ngspice
from mitmodels.cases.compact.export import export
from mitmodels.cases.compact.film import checks
from mitmodels.cases.compact.film.model import build
from mitmodels.cases.compact.film.runs import compare_run
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.reading import load

pytestmark = pytest.mark.serial
needs_ngspice = pytest.mark.skipif(not ngspice.is_there(), reason=ngspice.MISSING)

SHIPPED = Path(str(files("mitmodels.cases") / "lsmo_iv.toml"))
ELEMENT = Path(__file__).parents[2] / "helpers" / "vo2_element.toml"
COARSE = ("mesh.size=5 um", "mesh.edge_size=2.5 um", "mesh.cells_across=3")
FAST = ("output.check_stability=false", "output.figures=false", "output.fields_at={}")


@pytest.fixture(scope="module")
def half_space(tmp_path_factory):
    """The smallest LSMO film with both folds."""
    out = tmp_path_factory.mktemp("compact") / "lsmo"
    return mitmodels.run(SHIPPED, out, overrides=(*COARSE, *FAST))


@pytest.fixture(scope="module")
def element(tmp_path_factory):
    """A film with one temperature."""
    return mitmodels.run(ELEMENT, tmp_path_factory.mktemp("compact") / "vo2")


@needs_ngspice
def test_film_on_a_half_space_switches_in_ngspice_as_its_branch(half_space, tmp_path, monkeypatch):
    """Currents, jumps, another load, the pin and a few random circuits; files that say so."""
    monkeypatch.setattr(comparison, "_CIRCUITS", 5)
    out = tmp_path / "model"
    written = {path.name for path in export(half_space.path, out, verify=True)}
    benches = {"bench.cir", "bench.sim"}
    texts = benches | {"model.lib", "model.va", "film.csv", "model.json", "errors.csv"}
    assert written == texts | {"volatile.csv", "presets.json", "errors.png"}
    record = json.loads((out / "model.json").read_text())
    assert record["run"] == "lsmo"
    assert record["sha256 of config.resolved.toml"] in half_space.record["sha256"].values()
    errors = {check["name"]: check for check in record["errors"]}
    assert all(check["holds"] for check in errors.values())
    assert errors["jump of the up sweep"]["field"] == pytest.approx(
        half_space.summary["V_up"]["value"], rel=1e-6
    )
    assert abs(errors["jump of the up sweep"]["error"]) < 2e-3
    assert sum("behind" in name for name in errors) == 2
    (ladder,) = (words for words in record["limits"] if "ladder of 8 stages" in words)
    assert float(re.search(r"up to (\S+) of", ladder)[1]) < 0.05
    header = (out / "model.lib").read_text().partition(".subckt film p n heat")[0]
    assert "* - one heat pattern belongs to each hottest temperature" in header
    assert "* jump of the up sweep: " in header
    table = np.loadtxt(out / "film.csv", delimiter=",", skiprows=1)
    assert len(table) < 90
    assert (np.diff(table[:, 0]) > 0).all()
    done = subprocess.run(["ngspice", "-b", "bench.cir"], cwd=out, check=True, capture_output=True)
    assert b"rror" not in done.stderr
    sweep = np.loadtxt(out / "bench.data", skiprows=1)
    jump = np.argmax(np.abs(np.diff(sweep[: len(sweep) // 2, 2])))
    assert sweep[jump, 1] == pytest.approx(half_space.summary["V_up"]["value"], rel=5e-3)


@needs_ngspice
def test_film_on_a_sheet_has_one_time(element, tmp_path, monkeypatch):
    """c t/g = 0.12 us; its voltage at imposed currents through the region of negative slope."""
    monkeypatch.setattr(comparison, "_CIRCUITS", 5)
    out = tmp_path / "model"
    export(element.path, out, verify=True)
    record = json.loads((out / "model.json").read_text())
    found = record["errors"]
    assert record["ranges"]["times of the ladder [s]"] == pytest.approx([3e6 * 20e-9 / 5e5] * 2)
    voltages = [check for check in found if check["name"].startswith("voltage")]
    assert len(voltages) == 2
    assert all(abs(check["error"]) < 0.01 for check in voltages)
    assert all(check["holds"] for check in found)


@needs_ngspice
@pytest.mark.parametrize(
    "overrides",
    [
        ("circuit.compliance=4 mA",),
        (
            "circuit.load=5 kohm",
            "circuit.series_capacitance=4 nF",
            "numerics.circuit_error=1e-4",
            "protocol.0.to=25.4 V",
            "protocol.0.duration=25.4 us",
            "protocol.1.to=25.3 V",  # before the even state is lost
            "protocol.1.duration=0.05 us",
        ),
    ],
    ids=["compliance", "capacitance in series"],
)
def test_ramp_in_a_circuit_that_no_table_knows(element, tmp_path, overrides):
    """Where it gets hot, and cold if it does, and its resistance at the top, 1 % of each."""
    text = ELEMENT.read_text().replace("film_iv", "film_transient")
    text = text.replace("check_stability = false\n", "")
    text = text.replace('to = "5 mA"', 'to = "40 V"\nduration = "40 us"')
    text += '[[protocol]]\nstep = "ramp"\nto = "0 V"\nduration = "40 us"\n'
    file = tmp_path / "ramp.toml"
    file.write_text(text)
    ramp = mitmodels.run(file, tmp_path / "ramp", overrides=overrides)
    exported = build(element, ())
    found = compare_run(exported.model, ramp, exported.hot).checks
    names = ["gets hot", "cold again", "largest source"]
    if len(overrides) > 1:
        names.remove("cold again")
    assert [" ".join(check.name.split()[-2:]) for check in found] == names
    assert all(abs(check.error) < 0.01 for check in found)


def test_what_ngspice_cannot_solve_is_a_check_that_fails(element, monkeypatch):
    """The model is written all the same, with the reason."""

    def fails(*_, **__):
        raise RunError("ngspice stops at 1 s of 2 s: timestep too small")

    monkeypatch.setattr(checks, "driven", fails)
    monkeypatch.setattr(comparison, "_CIRCUITS", 2)
    found = build(element, ()).verify(())
    assert not found.figures
    assert [check.holds for check in found.checks] == [False, False, False]
    assert "timestep too small" in found.checks[0].words


def test_what_has_no_model_is_refused_in_one_sentence(element, tmp_path):
    out = tmp_path / "model"
    with pytest.raises(InputError, match="--against: names a run to compare with: give --verify"):
        export(element.path, out, against=[element.path])
    with pytest.raises(InputError, match="heat_capacity is missing, without which a model has no"):
        export(element.path, out, overrides=("heat_capacity=",))
    with pytest.raises(InputError, match="exists already"):
        export(element.path, tmp_path)
    other = _copy(element, tmp_path / "interrupted", status="interrupted")
    with pytest.raises(InputError, match=r"is interrupted: go on with it by mitmodels resume"):
        export(other, out)
    empty = _copy(element, tmp_path / "empty")
    with pytest.raises(InputError, match="has no checkpoint, which holds the states of its branch"):
        export(empty, out)
    assert not out.exists()


def _copy(run, path, **record):
    """A folder with what a run says of itself, and nothing else."""
    (path / "checkpoints").mkdir(parents=True)
    for name in ("config.toml", "config.resolved.toml"):
        (path / name).write_bytes((run.path / name).read_bytes())
    (path / "run.json").write_text(json.dumps(run.record | record))
    return path


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("chip_iv", "is a run of several devices"),
        ("film_transient", "of which there is no compact"),
    ],
)
def test_runs_of_other_cases_are_refused(element, tmp_path, case, said):
    path = _copy(element, tmp_path / "run")
    text = (path / "config.resolved.toml").read_text().replace('"film_iv"', f'"{case}"')
    text += '\n[[device]]\nname = "a"\n' if case == "chip_iv" else ""
    (path / "config.resolved.toml").write_text(text)
    record = load(path).record
    record["sha256"].pop("config.resolved.toml")
    (path / "run.json").write_text(json.dumps(record))
    with pytest.raises(InputError, match=said):
        export(path, tmp_path / "model")
