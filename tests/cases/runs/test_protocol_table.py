"""A source that follows a CSV file: the run, its copy of the file, and what is refused."""

from pathlib import Path

from mpi4py import MPI

import pytest

from mitmodels.cases import api
from mitmodels.cases.config.document import read
from mitmodels.cases.registry import examine
from mitmodels.errors import InputError

pytestmark = pytest.mark.serial

FILM = Path(__file__).parents[2] / "helpers" / "neuron.toml"
TABLE = {"step": "table", "file": "wave.csv"}


@pytest.fixture
def wave(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    text = "# of a generator\nt (us);source (V)\n0,05;3\n0,1;3,5\n0,2;1\n"
    Path("wave.csv").write_text(text)
    return {"base": str(FILM), "protocol": [{**TABLE, "read_at": ["0.15 us"]}]}


def test_source_goes_along_the_lines_of_a_file(wave):
    run = api.run(wave, "run")
    at = run.iv.set_index("t [s]")["V_source [V]"]
    for t, V in ((0.05e-6, 3.0), (0.1e-6, 3.5), (0.15e-6, 2.25), (0.2e-6, 1.0)):
        assert at.iloc[abs(at.index - t).argmin()] == pytest.approx(V, rel=1e-12)
    assert at.index[-1] == pytest.approx(0.2e-6, rel=1e-12)
    assert run.table("reads")["V [V]"].iloc[0] < 2.25  # behind the load
    again = api.run(run.path / "config.toml", "again")  # of the copy in its folder
    assert again.iv.equals(run.iv)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("t [s],I [ohm]\n1,2\n", "is not a voltage or current"),
        ("t [us],V [V]\n2,2\n1,2\n", "the times of a table must increase"),
        ("t [us]\n2\n", "the first line must name 2 columns"),
    ],
)
def test_table_that_is_no_waveform_is_refused_in_a_sentence(wave, text, words):
    Path("wave.csv").write_text(text)
    with pytest.raises(InputError, match=words):
        examine(read(wave), MPI.COMM_WORLD)
