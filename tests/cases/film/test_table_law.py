"""A film whose resistivity stands in a CSV file: the curve of the law that it samples."""

import shutil
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.registry import examine
from mitmodels.errors import InputError, RunError
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
def test_nothing_is_extrapolated(table):
    with pytest.raises(RunError, match=r"the film reaches .* known up to 304 K only"):
        even_film(table(290.0, 304.0))
    with pytest.raises(InputError, match=r"ambient.temperature = 300 K is outside of the film's"):
        examine(read(table(301.0, 345.0)), MPI.COMM_WORLD)


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
