"""From temperature fields to the spectra, lines and inferred temperatures of the measurement."""

import json
from dataclasses import replace

import meshio
import numpy as np
import pytest

from mitmodels.cases.magnetism import fmr, fmr_figures, fmr_run, kerr
from mitmodels.cases.magnetism.fmr import (
    FilmState,
    Measurement,
    calibrate,
    mirrored,
    predict,
    weights,
)
from mitmodels.cases.magnetism.fmr_run import film_states
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import load

pytestmark = pytest.mark.serial  # no ranks take part

MEASUREMENT = Measurement(length=10e-6, thickness=20e-9)
X = np.abs((np.arange(3000) + 0.5) / 1500 - 1)


def state(profile, voltage=11.0):
    """Film whose temperature varies along the current only, cold film under the pads."""
    T = np.concatenate([profile(X), np.full(900, 100.0)])
    pad = np.arange(T.size) >= X.size
    return FilmState(
        voltage=voltage,
        temperature=T,
        area=np.full(T.size, 1e-13),
        current_density=np.where(pad, 0.0, 7.0),
        sheet_resistance=65 + 4.1e-3 * T**2,
        under_pad=pad,
        midline=profile(np.abs((np.arange(128) + 0.5) / 64 - 1)),
    )


def uniform(x):
    return np.full_like(x, 100.0)


def hill(x):
    return 250 - 90 * x**2


def barrier(x):
    return 200 + 230 / (1 + np.exp((x - 0.3) / 0.02))


def test_weights_add_up_to_the_sheet_resistance():
    film = state(uniform)
    assert weights(film, 0.0).sum() == pytest.approx(65 + 41, rel=1e-12)
    pad = weights(film, 0.5)[film.under_pad].sum()
    assert pad == pytest.approx(0.5 * 0.3 * 106, rel=1e-12)
    scaled = replace(film, current_density=3 * film.current_density)
    np.testing.assert_allclose(weights(scaled, 0.5), weights(film, 0.5), rtol=1e-12)


def test_film_under_the_pads_counts_with_the_current_of_the_fields():
    film = state(uniform)
    film = replace(film, current_density=np.where(film.under_pad, 3.5, 7.0))
    assert weights(film, None)[film.under_pad].sum() == pytest.approx(0.25 * 0.3 * 106, rel=1e-12)


def test_uniform_film_gives_its_parameters_back():
    """The fits at 4 to 8 GHz return what went in, to 1e-5."""
    found = calibrate(MEASUREMENT, state(uniform, 0.0))
    assert found.kittel.M_eff == pytest.approx(0.96, rel=1e-5)
    assert found.kittel.H_a == pytest.approx(13.8e-3, rel=1e-5)
    assert found.linewidth.damping == pytest.approx(0.0045, rel=1e-5)
    assert found.linewidth.inhomogeneous == pytest.approx(0.47e-3, rel=1e-5)
    point = predict(MEASUREMENT, state(uniform, 0.0))
    assert point.inferred == pytest.approx([100.0], abs=1e-3)
    assert point.one_line_residual < 1e-3
    assert point.silent == 0


def test_hottest_line_of_a_hill_reads_the_hottest_film():
    """Within 4 K; one line no longer fits, and every reading lies within the film's range."""
    point = predict(MEASUREMENT, state(hill))
    assert point.true_range == pytest.approx((160, 250), abs=0.1)
    assert point.one_line_residual > fmr.DISTORTED
    assert len(point.lines.lines) > 1
    assert point.inferred[-1] == pytest.approx(250, abs=4)
    assert ((point.inferred > 155) & (point.inferred < 255)).all()


def test_film_under_the_pads_adds_a_cold_line():
    cold = predict(replace(MEASUREMENT, pad_weight=0.9), state(hill))
    assert len(cold.maxima) == len(predict(MEASUREMENT, state(hill)).maxima) + 1
    assert cold.maxima[0] == pytest.approx(31.9e-3, abs=0.2e-3)


def test_barrier_is_silent():
    """The barrier holds most of the resistance; what still resonates is below T_c."""
    point = predict(MEASUREMENT, state(barrier))
    assert point.silent > 0.4
    assert np.nanmax(point.inferred) < 340
    assert point.maxima[0] == pytest.approx(38.2e-3, abs=0.2e-3)
    # The wall is too steep for the cells of the midline: no coupled modes are given.
    assert point.coupled == ((), (), ())


def test_both_signs_of_the_bias():
    points = [predict(MEASUREMENT, state(uniform, V)) for V in (0.0, 2.0)]
    assert [point.voltage for point in mirrored(points)] == [-2.0, 0.0, 2.0]


def test_figures():
    calibration = calibrate(MEASUREMENT, state(uniform, 0.0))
    points = [predict(MEASUREMENT, s) for s in (state(uniform, 0.0), state(hill, 11.0))]
    drawn = fmr_figures.lines(MEASUREMENT, points, quoted=True).axes[0]
    fitted = next(line for line in drawn.lines if line.get_label() == "local, fitted")
    expected = 1 + 2 * len(points[1].lines.lines)
    assert len(fitted.get_xdata()) == expected
    assert len(fmr_figures.bias_signals(MEASUREMENT, points, quoted=True).axes[0].lines) == 3 + 2
    for figure in (fmr_figures.zero_bias_signals, fmr_figures.widths, fmr_figures.kittel):
        assert figure(MEASUREMENT, calibration).axes[0].lines
    assert fmr_figures.field_against_temperature(MEASUREMENT, points, quoted=True).axes[0].lines


RESOLVED = """case = "lsmo_iv"
[geometry]
length = { value = "1e-05 m" }
thickness = { value = "2e-08 m" }
[film]
law = "switching"
cold = { value = "1.3e-06 ohm m" }
cold_quadratic = { value = "8.2e-11 ohm m/K2" }
hot = { value = "5.3e-05 ohm m" }
temperature = { value = "345.0 K" }
width = { value = "8.0 K" }
thermal_conductivity = { value = "2.0 W/(m K)" }
barrier_temperature = { value = "340.0 K" }
[ambient]
temperature = { value = "100.0 K" }
"""


@pytest.fixture
def folder(tmp_path):
    """Run folder with fields at 5 and 11 V: a hill along x between pads at 100 K."""
    path = tmp_path / "run"
    (path / "fields").mkdir(parents=True)
    (path / "run.json").write_text("{}")
    (path / "config.resolved.toml").write_text(RESOLVED)
    rows = ["event,s,V_source [V],I [A],detail", "fields,,12.1,0.01,metal"]
    for voltage, top, name in ((5.0, 120, "5V-metal"), (11.0, 240, "11V-metal")):
        rows.append(f"fields,,{voltage},0.01,{name}")
        _write_fields(path / "fields" / f"{name}.vtu", top)
    _write_fields(path / "fields" / "11V-barrier.vtu", 400)
    rows.append("fields,,11.0,0.01,11V-barrier")
    (path / "events.csv").write_text("\n".join(rows) + "\n")
    return path


def _write_fields(path, top):
    x, y = np.meshgrid(np.linspace(-8e-6, 8e-6, 65), np.linspace(-5e-6, 5e-6, 5), indexing="ij")
    number = np.arange(x.size).reshape(x.shape)
    square = [number[:-1, :-1], number[1:, :-1], number[1:, 1:], number[:-1, 1:]]
    corner = [corners.ravel() for corners in square]
    triangles = np.concatenate(
        [np.stack([corner[i] for i in t], 1) for t in ((0, 1, 2), (0, 2, 3))]
    )
    centre = x.ravel()[triangles].mean(axis=1)
    pad = (np.abs(centre) > 5e-6).astype(float)
    T = 100 + (top - 100) * np.maximum(1 - (x.ravel() / 5e-6) ** 2, 0)
    current = np.stack([1e9 * (1 - pad), 0 * pad, 0 * pad], 1)
    meshio.Mesh(
        np.column_stack([x.ravel(), y.ravel(), np.zeros(x.size)]),
        [("triangle", triangles)],
        point_data={"temperature [K]": T},
        cell_data={"current density [A/m2]": [current], "region": [pad]},
    ).write(path)


def test_states_come_from_the_run_folder(folder):
    """An upward sweep: the unbiased film, then the metal states; cells are cut into 64."""
    states = film_states(load(folder))
    assert [film.voltage for film in states] == [0.0, 5.0, 11.0]
    hot = states[2]
    channel = ~hot.under_pad
    assert hot.area.sum() == pytest.approx(160e-12, rel=1e-12)
    assert hot.area[channel].sum() == pytest.approx(100e-12, rel=1e-12)
    mean = np.average(hot.temperature[channel], weights=hot.area[channel])
    # Linear interpolation of the parabola lies h^2/6 of its curvature below it.
    assert mean == pytest.approx(100 + 140 * (2 / 3 - (0.25 / 5) ** 2 / 6), rel=1e-9)
    assert hot.temperature.max() < 240
    assert hot.midline.max() == pytest.approx(240, abs=0.3)
    assert hot.current_density[channel].max() == pytest.approx(20.0)
    cold = 1.3e-6 + 8.2e-11 * 100**2
    assert states[0].sheet_resistance[0] == pytest.approx(cold / 20e-9, rel=1e-9)
    assert (states[0].temperature == 100).all()


def test_analysis_writes_tables_and_figures(folder, tmp_path):
    files = fmr_run.fmr(folder, tmp_path / "fmr")
    assert len(files) == 8
    assert all(file.exists() for file in files)
    findings = json.loads((tmp_path / "fmr" / "findings.json").read_text())
    assert findings["voltage [V]"] == 11
    assert findings["lines fitted"]["0 V"] == 1
    assert findings["film, highest temperature [K]"] == pytest.approx(240, abs=1)
    assert findings["verdict"] == "modes of one thermal well"
    header = (tmp_path / "fmr" / "lines.csv").read_text().splitlines()[0]
    assert header.startswith("V [V],line,field [T],half width [T],inferred T [K]")
    with pytest.raises(InputError, match="exists already: name another with --out"):
        fmr_run.fmr(folder, tmp_path / "fmr")


def test_contact_as_a_region_leaves_no_weight_to_choose(folder):
    region = '[contact]\nresistivity = { value = "1e-07 ohm m2" }\n'
    (folder / "config.resolved.toml").write_text(RESOLVED + region)
    unbiased, weakest, _ = film_states(load(folder))
    np.testing.assert_array_equal(unbiased.current_density, weakest.current_density)
    with pytest.raises(InputError, match="its fields show the current under the pads: leave"):
        fmr_run.fmr(folder, pad_weight=0.1)


@pytest.mark.parametrize("read", [fmr_run.fmr, kerr.moke])
def test_run_of_another_case_is_refused(read, folder):
    text = RESOLVED.replace("lsmo_iv", "ecm_set")
    (folder / "config.resolved.toml").write_text(text)
    with pytest.raises(InputError, match="is a run of ecm_set: give one of film_iv"):
        read(folder)


def test_run_without_fields_is_refused(folder):
    events = (folder / "events.csv").read_text().splitlines()
    (folder / "events.csv").write_text("\n".join(events[:3]) + "\n")
    with pytest.raises(InputError, match="has fields at 1 source voltages, two or more are needed"):
        film_states(load(folder))
