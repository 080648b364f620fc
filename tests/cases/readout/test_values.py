"""Stored fields along lines and at places, and runs as datasets."""

import shutil

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from scipy.io import loadmat

import mitmodels
from mitmodels.cases import cli
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial


def test_profile_of_a_film_is_symmetric_and_agrees_with_probes(film, tmp_path, capsys):
    path = tmp_path / "profile.csv"
    cli.app(["profile", str(film.path), "--at", "5V-metal", "9V-metal", "--out", str(path)])
    profile = pd.read_csv(path)
    assert list(profile["state"].unique()) == ["5V-metal", "9V-metal"]
    one = profile[profile["state"] == "9V-metal"]
    x, T, V = (one[name].to_numpy() for name in ("x [m]", "temperature [K]", "potential [V]"))
    assert np.abs(T - T[::-1]).max() < 1e-6
    assert np.abs(V + V[::-1]).max() < 1e-6
    capsys.readouterr()
    cli.app(["probe", str(film.path), "-20 um", "0 um"])
    printed = capsys.readouterr().out
    table = mitmodels.probe(film.path, "-20 um", "0 um").set_index("state")
    assert printed.splitlines()[0].startswith("state,potential [V],temperature [K]")
    assert len(printed.splitlines()) == 1 + len(table)
    assert table["temperature [K]"]["9V-metal"] == pytest.approx(np.interp(-20e-6, x, T), abs=0.05)


def test_axis_of_a_cell_has_its_voltage(cell, tmp_path):
    profile = pd.read_csv(mitmodels.profile(cell.path, along="axis", out=tmp_path / "axis.csv"))
    state = profile[profile["state"] == "0.3 s"]
    (row,) = np.flatnonzero(np.isclose(cell.iv["t [s]"], 0.3))
    ends = state["potential [V]"].iloc[[0, -1]].to_numpy()
    assert ends[1] - ends[0] == pytest.approx(cell.iv["V_cell [V]"][row], rel=1e-6)
    assert "current density r [A/m2]" in state


def test_both_halves_of_a_cell_mirror_one_another(cell):
    right, left = (mitmodels.probe(cell.path, x, "-5 nm") for x in ("3 nm", "-3 nm"))
    for name in right.columns[1:]:
        sign = -1 if name == "current density r [A/m2]" else 1
        assert np.allclose(right[name], sign * left[name], rtol=1e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["probe", "FILM", "1 mm", "0 um"], r"1 mm, 0 um: is not in the device, which goes from"),
        (["probe", "FILM", "3", "0 um"], r'X "3" cannot be read as a position'),
        (["profile", "FILM", "--along", "axis"], "--along axis: .* is of a film: give midline"),
        (["profile", "FILM", "--at", "16V"], r"has no fields at '16V': give --at one of"),
        (["profile", "FILM", "--out", "FILM"], "exists already: name another with --out"),
    ],
)
def test_place_or_line_that_is_not_there(arguments, message, film):
    with pytest.raises(InputError, match=message):
        cli.app([str(film.path) if text == "FILM" else text for text in arguments])


def test_dataset_of_a_run_has_tables_and_units(film):
    tree = film.to_xarray()
    assert tree["iv"]["I"].attrs["units"] == "A"
    assert np.array_equal(tree["iv"]["I"], film.iv["I [A]"])
    assert tree["summary"]["I_max"].item() == film.summary["I_max"]["value"]
    lacking = next(name for name, entry in film.summary.items() if entry["value"] is None)
    assert tree["summary"][lacking].attrs["reason"] == film.summary[lacking]["reason"]


def test_files_of_a_run_for_netcdf_and_matlab(film):
    netcdf, mat = mitmodels.collect(film.path, mat=True)
    with xr.open_datatree(netcdf) as tree:
        assert tree["iv"]["V_source"].attrs == {"units": "V"}
        assert tree["events"]["event"].dtype.kind in "OUT"
        assert tree.attrs["commit"] == film.record["commit"]
    found = loadmat(mat, simplify_cells=True)
    assert np.array_equal(found["iv"]["I"], film.iv["I [A]"])
    assert found["units"]["summary"]["I_max"] == "A"
    assert list(found["events"]["event"]) == list(film.events["event"])


def test_notebooks_show_runs_and_sweeps(film, sweep, tmp_path):
    shown = film._repr_html_()
    value = film.summary["I_max"]["value"]
    assert f"<tr><td>I_max</td><td>{value:.6g} A</td><td></td></tr>" in shown
    assert "lsmo_iv, completed" in shown
    table = sweep._repr_html_()
    assert "2 of 2 points completed" in table
    assert "<td>temperature=120K</td><td>completed</td><td>120 K</td>" in table
    (tmp_path / "run.json").write_text("[]")
    assert "it is not a JSON object" in type(film)(tmp_path)._repr_html_()


def test_main_figure_is_shown_with_a_run(film, monkeypatch, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(film.path, copy)
    (copy / "figures" / "iv.png").write_bytes(b"picture")
    assert 'src="data:image/png;base64,cGljdHVyZQ=="' in type(film)(copy)._repr_html_()
