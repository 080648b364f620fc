"""Figures of several runs: what is drawn, and which runs are refused."""

import os
import re
from importlib.resources import files

import matplotlib.image
import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.film.barrier_and_filament import mechanisms
from mitmodels.cases.film.figures.iv_comparison import compare
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial
CASES = files("mitmodels.cases")
COARSE = (
    "mesh.size=5 um",
    "mesh.edge_size=4 um",
    "mesh.cells_across=3",
    "ambient.temperature=250 K",
    "output.figures=false",
)


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    folder = tmp_path_factory.mktemp("films")
    return [
        api.run(CASES / f"{name}.toml", folder / name, overrides=COARSE).path
        for name in ("lsmo_current", "lsmo_iv")
    ]


@pytest.fixture
def network(tmp_path):
    return api.run(
        CASES / "lsmo_barrier.toml", tmp_path / "run", overrides=["output.figures=false"]
    ).path


def test_curves_of_two_drives_are_drawn_together(films, tmp_path):
    path = compare(*films, out=tmp_path / "drives.png")
    assert matplotlib.image.imread(path).std() > 0.05
    with pytest.raises(InputError, match=r"drives.png: exists already: name another"):
        compare(*films, out=path)


def test_measured_curves_are_drawn_with_runs(films, tmp_path):
    """Decimal commas and other units are the same points."""
    data = tmp_path / "measured.csv"
    data.write_text("V (V);I (mA)\n1;0,5\n5;6,0\n")
    seen = matplotlib.image.imread(compare(films[0], data, out=tmp_path / "a.png"))
    data.write_text("voltage [mV],current [A]\n1000,5e-4\n5000,6e-3\n")
    again = matplotlib.image.imread(compare(films[0], data, out=tmp_path / "b.png"))
    np.testing.assert_array_equal(seen, again)
    data.write_text("voltage,current\n1,2\n")
    (tmp_path / "empty.csv").write_text("V [V],I [mA]\n")
    os.mkfifo(tmp_path / "pipe.csv")  # nobody writes into it
    for folders, message in (
        ((films[0], data), "measured.csv: the first line must name 2 columns with their units"),
        ((data, data), "measured.csv: measured curves only: give a run folder of film_iv too"),
        ((films[0], tmp_path / "none.csv"), "none.csv does not exist"),
        ((films[0], tmp_path / "empty.csv"), "empty.csv: has no row below its first line"),
        ((films[0], tmp_path / "pipe.csv"), "it is a pipe or a device"),
    ):
        with pytest.raises(InputError, match=message):
            compare(*folders, out=tmp_path / "c.png")
    assert not (tmp_path / "c.png").exists()


def test_band_of_a_fit_is_drawn_with_runs(films, tmp_path):
    rows = [f"{way},{V},1e-3,2e-3,3e-3" for way in ("up", "down") for V in (0, 5)]
    lines = ["sweep,V [V],low [A],median [A],high [A]", *rows]
    (tmp_path / "band-mine.csv").write_text("\n".join(lines))
    path = compare(films[0], tmp_path / "band-mine.csv", out=tmp_path / "a.svg")
    text = path.read_text()
    assert "band-mine" in text
    assert "opacity: 0.25" in text


def test_figure_is_as_wide_as_a_column_and_names_its_curves(films, tmp_path):
    """86 mm, in points; the text of an SVG stays text."""
    names = ("current source", "voltage source")
    path = compare(*films, out=tmp_path / "drives.svg", label=names, column="single")
    text = path.read_text()
    assert float(re.search(r'width="([\d.]+)pt"', text)[1]) == pytest.approx(
        86 / 25.4 * 72, abs=0.01
    )
    assert all(f">{name}<" in text for name in names)
    drawn = api.plot(films[1], format="pdf", column="double")
    assert {file.suffix for file in drawn} == {".pdf"}
    assert all(file.read_bytes().startswith(b"%PDF") for file in drawn)
    with pytest.raises(InputError, match="--label: 1 for 2 curves: give one for each"):
        compare(*films, out=tmp_path / "a.png", label=names[:1])
    with pytest.raises(InputError, match=r"a.jpg: is no name of a figure: let it end with .png"):
        compare(*films, out=tmp_path / "a.jpg")


def test_other_runs_are_refused(films, network, tmp_path):
    out = tmp_path / "figure.png"
    with pytest.raises(InputError, match="1 runs cannot be compared: give two to 5"):
        compare(*films[:1], out=out)
    with pytest.raises(InputError, match="is a run of lsmo_barrier: give one of film_iv"):
        compare(films[0], network, out=out)
    with pytest.raises(InputError, match="is a run of lsmo_iv: give one of film_transient"):
        mechanisms(films[1], films[0], films[0], out)
    assert not out.exists()
