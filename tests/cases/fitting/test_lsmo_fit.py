"""Fits of a film to curves that it made itself: what is found again, and what cannot be."""

import json
from importlib.resources import files

from mpi4py import MPI

import matplotlib.image
import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.film import steady_config
from mitmodels.cases.film.figures.steady import segments
from mitmodels.cases.fitting.film import Trial, evaluate
from mitmodels.cases.fitting.film_config import Experiment, prepare
from mitmodels.cases.registry import examine
from mitmodels.errors import InputError, RunError

pytestmark = pytest.mark.serial
FILM = files("mitmodels.cases") / "lsmo_iv.toml"
COARSE = (
    "mesh.size=5 um",
    "mesh.edge_size=4 um",
    "mesh.cells_across=3",
    "output={ figures = false }",
)
WARM, COLD = "ambient.temperature=250 K", "ambient.temperature=100 K"
BOUNDS = {
    "substrate.conductivity": ("4 W/(m K)", "16 W/(m K)"),
    "contact.resistance_width": ("2 kohm um", "30 kohm um"),
    "film.cold": ("0.5e-6 ohm m", "3e-6 ohm m"),
    "film.hot": ("3e-5 ohm m", "8e-5 ohm m"),
}


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """What a sweep of the shipped film up to 18 V and back shows: source voltage and current."""
    folder = tmp_path_factory.mktemp("measured") / "run"
    run = api.run(FILM, folder, overrides=(*COARSE, "protocol.0.to=18 V"))
    (_, metal), _, (_, barrier) = segments(run.iv)
    metal, barrier = (part[["V_source [V]", "I [A]"]].to_numpy() for part in (metal, barrier))
    up, down = (run.summary[name]["value"] for name in ("V_up", "V_down"))
    parts = (metal, barrier[barrier[:, 0] > up], barrier[::-1], metal[metal[:, 0] < down][::-1])
    return np.concatenate(parts)


@pytest.fixture(scope="module")
def smooth():
    """Path of the model itself at 250 K up to 9 V, where nothing jumps."""
    figure = {"quantity": "V_up", "value": "1 V", "error": "1 V"}
    overrides = [*COARSE, "protocol.0.to=9 V", WARM]
    entry = {"name": "a", "file": str(FILM), "overrides": overrides, "figures": [figure]}
    experiment = Experiment.model_validate(entry)
    film = steady_config.prepare(experiment.film, MPI.COMM_SELF)
    return Trial(experiment, film).solve({}).up[::4]


@pytest.fixture
def fit_file(tmp_path):
    """Write a fit of some parameters to the points of a curve up to a voltage."""

    def write(keys, curve, up_to, *overrides):
        rows = curve[(curve[:, 0] > 0.3) & (curve[:, 0] < up_to)]
        lines = [f"{V},{1e3 * current}" for V, current in rows]
        (tmp_path / "iv.csv").write_text("\n".join(["# made", "V [V],I [mA]", *lines]))
        text = [
            'case = "lsmo_fit"',
            f"overrides = {json.dumps([*COARSE, f'protocol.0.to={up_to} V', *overrides])}",
            "[[experiment]]",
            'name = "film"',
            f"file = {json.dumps(str(FILM))}",
            'curve = { file = "iv.csv", error = "1 %" }',
        ]
        for key in keys:
            low, high = BOUNDS[key]
            text += ["[[parameter]]", f'key = "{key}"', f'min = "{low}"', f'max = "{high}"']
        path = tmp_path / "fit.toml"
        path.write_text("\n".join(text))
        return path

    return write


def findings(run):
    return json.loads((run.path / "fit.json").read_text())


@pytest.mark.parametrize(
    ("curve", "up_to", "temperature"),
    [("smooth", 9, WARM), pytest.param("measured", 18, COLD, marks=pytest.mark.slow)],
)
def test_parameters_are_found_again(curve, up_to, temperature, fit_file, request, tmp_path, record):
    """From 20 and 40 % off; the cold curve has both sweeps with their jumps."""
    keys = ("substrate.conductivity", "contact.resistance_width")
    start = ("substrate.conductivity=9.6 W/(m K)", "contact.resistance_width=6 kohm um")
    points = request.getfixturevalue(curve)
    path = fit_file(keys, points, up_to, temperature, *start)
    run = api.fit(path, tmp_path / "fit")
    found = findings(run)
    values = [found["parameters"][key]["value"] for key in keys]
    errors = np.abs(np.array(values) / [8.0, 1e-2] - 1)
    record(f"fit to a {curve} curve of the model: conductivity, from 20 % off", 1e-3, errors[0])
    record(f"fit to a {curve} curve: contact resistance, from 40 % off", 1e-3, errors[1])
    assert (errors < 1e-3).all()
    assert found["statements"] == []
    assert found["chi_square"] < 1e-3 * found["chi_square_start"]
    assert np.shape(found["covariance"]) == (2, 2)
    assert all(
        0 < found["parameters"][key]["standard_error"] < 0.2 * value
        for key, value in zip(keys, values, strict=True)
    )
    fitted = examine(read(run.path / "fitted-film.toml"), MPI.COMM_WORLD)
    assert fitted.substrate.conductivity == values[0]
    assert fitted.substrate.conductivity.status == "fitted"
    (figure,) = api.plot(run.path)
    assert matplotlib.image.imread(figure).std() > 0.05
    again = examine(read(run.path / "config.resolved.toml"), MPI.COMM_WORLD)
    assert again.experiment[0].curve.currents[1].source == "iv.csv"


@pytest.mark.slow
def test_derivatives_save_branches(fit_file, smooth, tmp_path, monkeypatch, record):
    """Same optimum and errors as by differences, in at most a third of the branches."""
    start = ("substrate.conductivity=9.6 W/(m K)", "contact.resistance_width=6 kohm um")
    path = fit_file(tuple(BOUNDS), smooth, 9, WARM, *start)
    head, *others = path.read_text().split("[[parameter]]")
    judged = [f"{text.rstrip()}\nvary = false\n" for text in others[2:]]
    path.write_text("[[parameter]]".join([head, *others[:2], *judged]))
    found = findings(api.fit(path, tmp_path / "fit"))
    monkeypatch.setattr("mitmodels.cases.fitting.film.has_gradients", lambda *_: False)
    expected = findings(api.fit(path, tmp_path / "differences"))
    ratio = found["evaluations"] / expected["evaluations"]
    pairs = zip(found["parameters"].values(), expected["parameters"].values(), strict=True)
    off = max(abs(one["value"] / other["value"] - 1) for one, other in pairs)
    record("fit of a film by derivatives: branches over those by differences", 0.33, ratio)
    record("fit of a film by derivatives: optimum off that by differences", 1e-4, off)
    assert ratio < 0.33
    assert off < 1e-4


def test_what_a_cold_film_does_not_tell_is_said(fit_file, smooth, tmp_path):
    """Below 2 V the film is cold: a series resistance is seen, and nothing of the hot phase."""
    keys = ("film.cold", "contact.resistance_width", "film.hot")
    found = findings(api.fit(fit_file(keys, smooth, 2, WARM), tmp_path / "fit"))
    alone, together = found["statements"][:2]
    assert alone == "film.hot is not identifiable: the data hardly depend on it"
    assert together.startswith("not identifiable together: film.cold ")
    assert "contact.resistance_width" in together
    determined = found["identifiability"]["fitted"]["parameters"]
    assert not any(entry["determined"] for entry in determined.values())
    assert determined["film.cold"]["error_if_others_known"] < 0.1


def test_a_branch_that_fails_is_a_penalty(fit_file, smooth, monkeypatch, tmp_path):
    """Every point is off by the whole range; at the start it ends the fit in one sentence."""
    path = fit_file(("film.cold",), smooth, 3)

    def fail(*_):
        raise RunError("stuck")
        yield

    monkeypatch.setattr("mitmodels.cases.fitting.film.follow", fail)
    with pytest.raises(RunError, match="no solution with the start values: experiment film: stuck"):
        api.fit(path, tmp_path / "fit")
    settings = examine(read(path), MPI.COMM_WORLD)
    trial = Trial(settings.experiment[0], prepare(settings, MPI.COMM_SELF).films[0])
    solution = trial.solve({"film.cold": 1e-6})
    assert solution.fault == "stuck"
    np.testing.assert_allclose(trial.residuals(solution), 100.0)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            '"film.cold"',
            '"film.thickness"',
            r'key = "film.thickness" is not a number to fit: use one',
        ),
        (
            '"3e-6 ohm m"',
            '"3 K"',
            r'film.cold: its bound "3 K" is not a resistivity \[ohm m\]',
        ),
        (
            '"3e-6 ohm m"',
            '"1e-6 ohm m"',
            r"start 1.3e-6 ohm m is not between 0.5e-6",
        ),
        ('"iv.csv"', '"no.csv"', r"experiment.0.curve: file = .*no.csv does not exist"),
        ("curve", "curves", r"experiment.0.curves = .* is not a known key: did you mean curve"),
        ("lsmo_iv.toml", "lsmo_pulse.toml", r"experiment.0: file = .* is not a case lsmo_iv"),
        (
            "protocol.0.to=3 V",
            "protocol.0.to=1 V",
            r"experiment film: the curve reaches 2.* ends at 1 V: give it a longer",
        ),
        ("[[parameter]]", "[[parameters]]", r"parameters = .* did you mean parameter"),
        ('name = "film"', 'name = "a film"', r"experiment.0.name = .* should match pattern"),
        ("mesh.size=5 um", "mesh.size=5", r"experiment.0: .*mesh.size = 5 is a number without"),
    ],
)
def test_mistakes_are_sentences(fit_file, smooth, old, new, message, tmp_path):
    path = fit_file(("film.cold",), smooth, 3)
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=message):
        api.fit(path, tmp_path / "fit")
    assert not (tmp_path / "fit").exists()


def test_another_case_is_no_fit(tmp_path):
    with pytest.raises(InputError, match='is the case "lsmo_iv": give a fit'):
        api.fit(FILM, tmp_path / "fit")


def test_figures_of_a_file_need_their_units(tmp_path):
    table = tmp_path / "figures.csv"
    entry = {"name": "a", "file": str(FILM), "figures": {"file": str(table)}}
    for line, message in (
        ("V_up,16 mA,1 mA", "V_up is in V, and so must be its value and error"),
        ("V_on,16 V,1 V", "V_on is not one of V_up"),
        ("V_up,16 V", "V_up,16 V are not 3 values"),
    ):
        table.write_text(f"quantity,value,error\n{line}\n")
        with pytest.raises(ValueError, match=message):
            Experiment.model_validate(entry)


def test_figure_at_a_voltage_is_read_on_the_way_up(smooth):
    V, current = smooth[len(smooth) // 2]
    figure = {"quantity": "R", "at": f"{V} V", "value": "500 ohm", "error": "50 ohm"}
    overrides = [*COARSE, "protocol.0.to=9 V", WARM]
    entry = {"name": "a", "file": str(FILM), "overrides": overrides, "figures": [figure]}
    experiment = Experiment.model_validate(entry)
    found = Trial(experiment, steady_config.prepare(experiment.film, MPI.COMM_SELF)).solve({})
    assert found.figures[experiment.figures[0].name] == pytest.approx(V / current, rel=1e-6)


def test_what_a_laser_sees_needs_its_spot():
    figure = {"quantity": "d_moke", "value": "5 um", "error": "2 um"}
    entry = {"name": "a", "file": str(FILM), "figures": [figure]}
    with pytest.raises(ValueError, match="d_moke is read through a laser spot"):
        Experiment.model_validate(entry)


def test_derivatives_of_residuals_are_those_of_differences(smooth):
    """Of a key figure within 1e-4; of a curve within 2 %, to which differences of it are good."""
    rows = smooth[(smooth[:, 0] > 1) & (smooth[:, 0] < 8)]
    given = {
        "curve": {
            "voltages": [f"{V} V" for V in rows[:, 0]],
            "currents": [f"{1.02 * current} A" for current in rows[:, 1]],
            "error": "1 %",
        },
        "figures": [{"quantity": "I", "at": "8 V", "value": "9 mA", "error": "0.1 mA"}],
    }
    overrides = [*COARSE, "protocol.0.to=9 V", WARM]
    experiment = Experiment.model_validate(
        {"name": "a", "file": str(FILM), "overrides": overrides, **given}
    )
    trial = Trial(experiment, steady_config.prepare(experiment.film, MPI.COMM_SELF))
    start = {"substrate.conductivity": 8.0, "film.cold": 1.3e-6}
    found = evaluate((trial,), MPI.COMM_SELF, start).derive()
    for column, (key, value) in enumerate(start.items()):
        ends = [
            evaluate((trial,), MPI.COMM_SELF, {**start, key: value * (1 + step)}).residuals
            for step in (-1e-3, 1e-3)
        ]
        slope = (ends[1] - ends[0]) / (2e-3 * value)
        assert found[-1, column] == pytest.approx(slope[-1], rel=1e-4)
        assert np.linalg.norm(found[:-1, column] - slope[:-1]) < 0.02 * np.linalg.norm(slope)
