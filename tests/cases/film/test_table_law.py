"""A film whose resistivity stands in a CSV file: the curve of the law that it samples."""

import shutil
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.registry import examine
from mitmodels.errors import InputError
from mitmodels.film.resistivity import LogarithmicSwitchingResistivity

SHEET = Path(__file__).parents[2] / "helpers" / "vo2.toml"
LAW = LogarithmicSwitchingResistivity(2e-3, 6e-6, 340.0, 3.0)
COARSE = ("mesh.cells_across=4", "mesh.edge_size=3 um", "mesh.degree=1")


@pytest.fixture
def table(tmp_path):
    """Write a film whose law is a file of points between two temperatures."""

    def write(first, last, count=120):
        T = np.linspace(first, last, count)
        rows = [f"{t:.17g},{100 * rho:.17g}" for t, rho in zip(T, LAW(T), strict=True)]
        (tmp_path / "rho.csv").write_text("\n".join(["# made up", "T [K],rho [ohm cm]", *rows]))
        keys = ("cold", "hot", "temperature", "width")
        lines = SHEET.read_text().splitlines()
        head, film, rest = "\n".join(lines).partition("[film]\n")
        section, gap, tail = rest.partition("\n\n")
        kept = [line for line in section.splitlines() if line.split(" =")[0] not in keys]
        text = "\n".join(kept).replace('"logarithmic"', '"table"\nfile = "rho.csv"')
        path = tmp_path / "film.toml"
        path.write_text(head + film + text + gap + tail)
        return path

    return write


def even_film(path, *overrides):
    """Run the uniform film, whose fields do not depend on the mesh, up to its fold."""
    ramp = ("protocol.0.to=21 V", "output.figures=false")
    return api.run(path, path.with_suffix(""), overrides=(*COARSE, *ramp, *overrides))


@pytest.mark.serial
def test_table_gives_the_curve_of_the_law_and_needs_its_file_once(table, tmp_path):
    path = table(290.0, 345.0)
    run = even_film(path)
    shutil.copy(SHEET, tmp_path / "law.toml")
    exact = even_film(tmp_path / "law.toml")
    for V in (10.0, 20.0):
        ours, law = (np.interp(V, r.iv["V_source [V]"], r.iv["T_max [K]"]) for r in (run, exact))
        assert ours == pytest.approx(law, rel=1e-5)
    assert ours > 305
    (tmp_path / "rho.csv").unlink()
    again = examine(read(run.path / "config.resolved.toml"), MPI.COMM_WORLD)
    assert again.film.resistivities[3] == pytest.approx(LAW(290 + 3 * 55 / 119), rel=1e-14)
    assert again.film.resistivities[3].source == "rho.csv"


@pytest.mark.serial
def test_a_ramp_ends_where_the_table_does_with_all_that_was_found(table):
    """21 V heat the film to 330 K; with a table up to 304 K all is written up to there."""
    run = even_film(table(290.0, 304.0), "output.figures=true")
    assert run.iv["T_max [K]"].iloc[-1] == pytest.approx(304, rel=1e-6)
    (ended,) = run.events.query("event == 'ramp ended'").itertuples()
    assert ended.detail == "the table of the film ends at 304 K"
    assert run.record["status"] == "completed"
    assert run.summary["V_up"]["reason"] == "the branch has no fold"
    end = f"the branch ended before, at {run.iv['V_source [V]'].iloc[-1]:.6g} V"
    assert run.summary["V_nucleated"]["reason"] == run.summary["I_max"]["reason"] == end
    drawn = {file.stem for file in (run.path / "figures").iterdir()}
    assert "iv" in drawn
    assert "barrier_width" not in drawn
    with pytest.raises(InputError, match=r"ambient.temperature = 300 K is outside of the film's"):
        examine(read(table(301.0, 345.0)), MPI.COMM_WORLD)


@pytest.mark.serial
@pytest.mark.parametrize(("second", "ends"), [("1 V", 14e-6), ("40 V", 5e-6)])
def test_in_time_a_step_ends_where_the_table_does_and_the_run_if_the_next_heats_on(
    table, second, ends
):
    ramps = (
        f'{{ step = "ramp", to = "20 V", rate = "2 V/us" }}, {{ step = "ramp", to = "{second}", '
    )
    protocol = f'protocol=[{ramps}rate = "1 V/us" }}]'
    in_time = ("case=film_transient", "heat_capacity.film=3e6 J/(m3 K)", protocol)
    run = even_film(table(290.0, 304.0), *in_time, "mesh.size=10 um")
    assert run.record["status"] == "completed"
    ended = run.events.query("event == 'step ended'")
    assert list(ended["detail"])[:1] == ["the table of the film ends at 304 K"]
    assert run.iv["T_max [K]"].max() < 304.6
    assert run.iv["t [s]"].iloc[-1] == pytest.approx(ends, rel=0.3)


@pytest.mark.serial
def test_beyond_the_table_the_ramp_goes_on_if_it_is_told_so(table):
    """An insulator held at its last resistivity stays colder than one whose resistivity falls."""
    hottest = {}
    for beyond in ("hold", "slope"):
        run = even_film(table(290.0, 304.0), f"film.beyond={beyond}")
        warned = run.events.query("event == 'warning'")["detail"]
        (beyond_it,) = warned[warned.str.contains("film.resistivity")]
        assert "is above the range of film.resistivity, 290 K to 304 K" in beyond_it
        hottest[beyond] = run.iv["T_max [K]"].iloc[-1]
        shutil.rmtree(run.path)
    assert 304 < hottest["hold"] < hottest["slope"]


@pytest.mark.serial
def test_a_resistance_is_turned_into_a_resistivity_by_the_bar_it_was_measured_on(table):
    """A bar with w t / l = 1 cm, so that its resistance [ohm] is the resistivity in ohm cm."""
    path = table(290.0, 345.0)
    csv = path.with_name("rho.csv")
    csv.write_text(csv.read_text().replace("rho [ohm cm]", "R (ohm)"))
    bar = 'film.bar={ length = "1 mm", width = "10 mm", thickness = "1 mm" }'
    film = examine(read(path, ('film.quantity="resistance"', bar)), MPI.COMM_WORLD).film
    assert film.resistivities[0] == pytest.approx(LAW(290.0), rel=1e-12)
    sheet = ('film.quantity="sheet resistance"', 'film.bar={ thickness = "1 cm" }')
    film = examine(read(path, sheet), MPI.COMM_WORLD).film
    assert film.resistivities[0] == pytest.approx(LAW(290.0), rel=1e-12)
    for overrides, message in (
        (('film.quantity="resistance"',), "bar goes with quantity"),
        ((sheet[0], 'film.bar={ thickness = "1 V" }'), r'film.bar.thickness = "1 V" is not a leng'),
        (('film.quantity="resistance"', sheet[1]), "bar needs length, width and thickness"),
        (("film.quantity=R",), r"film.quantity = \"R\" should be 'resistivity', 'resistance'"),
    ):
        with pytest.raises(InputError, match=message):
            examine(read(path, overrides), MPI.COMM_WORLD)


@pytest.mark.serial
def test_noisy_rows_in_cooling_order_are_smoothed_on_request(table):
    """1 % of noise on 400 rows: with 3 K of smoothing the law is the exact one to 1 %."""
    path = table(290.0, 330.0, count=400)
    csv = path.with_name("rho.csv")
    head, *rows = csv.read_text().splitlines()[1:]
    noise = np.random.default_rng(2).normal(1.0, 0.01, len(rows))
    cells = [row.split(",") for row in rows]
    noisy = [f"{T};{float(rho) * n}" for (T, rho), n in zip(cells, noise, strict=True)]
    csv.write_text("\n".join([head.replace(",", ";"), *reversed(noisy)]))
    smooth = "film.smoothing=1 K"
    assert "give film.smoothing" in api.check(path, overrides=COARSE)["warning"]
    assert "film.smoothing" not in api.check(path, overrides=(*COARSE, smooth))["warning"]
    law = examine(read(path, (smooth,)), MPI.COMM_WORLD).film.resistivity()
    T = np.linspace(295.0, 325.0, 50)
    np.testing.assert_allclose(law(T), LAW(T), rtol=0.012)


@pytest.mark.serial
def test_faults_of_the_file_are_sentences(table):
    path = table(290.0, 345.0)
    for override, message in (
        ("film.file=rho.txt", r"film: file = .*rho.txt does not exist"),
        ('film.temperatures=["1 K"]', r"film: give either file, or temperatures and"),
        ("film.file=3", r"film.file = 3 should be a valid string"),
    ):
        with pytest.raises(InputError, match=message):
            examine(read(path, (override,)), MPI.COMM_WORLD)
