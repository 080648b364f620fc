"""Magnetic maps of a film run: widths against those of the branch, and what is refused."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from mitmodels.cases import api
from mitmodels.cases.figures.stored_states import upward_sweep
from mitmodels.cases.magnetism.kerr import _states, moke
from mitmodels.cases.papers import salev2021
from mitmodels.errors import InputError
from mitmodels.magnetism.kerr_state import SPACING, KerrState, findings

pytestmark = pytest.mark.serial
COARSE = (
    "mesh.size=2.5 um",
    "mesh.edge_size=2 um",
    "mesh.cells_across=4",
    "protocol.0.to=54 V",
    "output.figures=false",
    "output.kerr_spot=5 um",
    'output.fields_at.V_source=["5 V", "30 V", "53 V"]',
)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    toml = api.__file__.replace("api.py", "lsmo_iv.toml")
    return api.run(toml, tmp_path_factory.mktemp("film") / "run", overrides=COARSE)


def test_spot_blurs_a_wide_barrier_little_and_shows_the_whole_film_when_it_is_full(film):
    files = moke(film.path, equilibrium="100 K, 400 K")
    assert [file.name for file in files[:2]] == ["widths.csv", "findings.json"]
    assert files[-1].name == "equilibrium.png"
    assert all(file.stat().st_size > 10_000 for file in files[2:])
    widths = pd.read_csv(files[0])
    assert list(widths["V_source [V]"]) == [5.0, 30.0, 53.0]
    above, half_depth, dark = widths.iloc[:, 1], widths.iloc[:, 2], widths.iloc[:, 3]
    expected = salev2021.results(film)["d_at_30V"][0]
    assert above[1] == pytest.approx(expected, abs=1e-6)
    assert expected < half_depth[1] < dark[1] < 1.3 * expected
    assert above[0] == half_depth[0] == 0.0
    assert above[2] == half_depth[2] == pytest.approx(100e-6, abs=1e-6)
    assert widths["least amplitude"][2] == widths["largest amplitude across"][1] == 0.0
    found = json.loads(files[1].read_text())
    assert found["d_moke"]["value"] > film.summary["d_nucleated"]["value"]
    assert 30.0 < found["V_full_moke_50"]["value"] < found["V_full_moke_10"]["value"] < 53.0


def test_summary_has_what_the_maps_show(film):
    """The same reading from the branch, whose states are closer than the three that are stored."""
    files = moke(film.path, film.path / "again")
    stored = {name: entry["value"] for name, entry in json.loads(files[1].read_text()).items()}
    found = {name: film.summary[name]["value"] for name in stored}
    for name in ("d_moke", "largest_nucleated", "gradient_nucleated"):
        assert found[name] == pytest.approx(stored[name], rel=1e-6)
    assert 40 < found["V_full_moke_50"] < 46
    assert 46 < found["V_full_moke_10"] < 53


def test_film_under_the_pads_is_seen_through_the_substrate(film):
    """Pads of 50 um at both ends of a channel of 100 um."""
    lines = [_states(film, under_pads)[0][0].line for under_pads in (False, True)]
    assert [len(line) * SPACING for line in lines] == pytest.approx([100e-6, 200e-6], rel=0.01)
    assert lines[1].min() < lines[0].min()


def test_findings_of_a_wall_of_known_slope():
    """Film of 40 x 20 um2, 100 K with 440 K in the middle 10 um, walls of 34 K/um between."""
    x = np.arange(-30e-6, 30e-6 + SPACING / 2, SPACING)
    profile = np.clip(100 + 34e6 * (15e-6 - np.abs(x)), 100, 440)
    T = np.where(np.abs(x)[:, None] <= 20e-6, profile[:, None], np.nan)
    T = np.where(np.abs(x)[None, :] <= 10e-6, T, np.nan)
    state = KerrState("17 V", 17.0, 100.0, T)
    full = state.at(440.0)
    found = findings([state.at(100.0), state, full], state, 1e-6)
    assert found["gradient_nucleated"][0] == pytest.approx(34e6, rel=1e-6)
    assert 17e-6 < found["d_moke"][0] < 20e-6
    assert state.extremes(0.0) == pytest.approx((0.0, 1.0, 0.0, 0.0))
    assert full.extremes(5e-6) == (0.0, 0.0, 0.0, 0.0)
    assert full.gradient == 0.0


def test_upward_sweep_of_a_current_has_the_metal_below_the_jump():
    names = ["up-fold", "I=0.006A-metal", "I=0.006A-barrier", "I=0.009A-barrier"]
    voltages = [10.3, 5.5, 19.0, 49.5]
    events = pd.DataFrame({"event": "fields", "V_source [V]": voltages, "detail": names})
    run = SimpleNamespace(events=events, path="run")
    assert upward_sweep(run) == {5.5: "I=0.006A-metal", 49.5: "I=0.009A-barrier"}


@pytest.mark.parametrize(
    ("spot", "message"),
    [
        ("5 V", '--spot "5 V"'),
        ("-1 um", '--spot "-1 um"'),
        ("0.1 um", "--spot 0.1 um: is finer"),
    ],
)
def test_spot_that_is_none(film, spot, message):
    with pytest.raises(InputError) as refusal:
        moke(film.path, film.path / "other", spot=spot)
    assert str(refusal.value).startswith(message)
    assert not (film.path / "other").exists()
