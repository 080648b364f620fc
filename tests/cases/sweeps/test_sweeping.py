"""Sweeps: every point is run once, whatever fails, is killed or is started again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from mpi4py import MPI

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from films import SHEET

from mitmodels.cases import api
from mitmodels.cases.config.document import Document, read
from mitmodels.cases.registry import CASES, examine, plot_sweep
from mitmodels.cases.sweeps import running, sensitivity_figures, table
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.points import expand
from mitmodels.cases.sweeps.sensitivity import Response
from mitmodels.errors import InputError, RunError
from mitmodels.solvers.runs.folder import RunFolder

pytestmark = pytest.mark.serial

CASE = Path(__file__).parents[2] / "helpers" / "patient_resistor.py"
COMMAND = (sys.executable, str(CASE))
TEXT = """\
case = "patient_resistor"
resistance = "1 ohm"
voltage = "1 V"
pause = "1 ms"

[sweep]
resistance = ["10 ohm", "13 ohm"]
"""
ONE = 'sweep.resistance=["10 ohm"]'


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    """Work in an empty folder with one input file, knowing the case of the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(CASE.parent)
    monkeypatch.setitem(CASES, CASE.stem, "patient_resistor:CASE")
    monkeypatch.setattr(running, "COMMAND", COMMAND)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, sys.path)))
    Path("my.toml").write_text(TEXT)


def run_sweep(*overrides, jobs=2):
    return running.sweep("my.toml", "s", overrides=overrides, jobs=jobs)


def states(folder="s"):
    return [state.state for state in SweepFolder.open(Path(folder)).states()]


def tree():
    return sorted(str(path) for path in Path().rglob("*") if "__pycache__" not in path.parts)


def test_failed_point_stops_no_other_and_is_listed_with_its_reason():
    with pytest.raises(RunError, match=r"s: 1 of 2 points .* resistance=13ohm \(the resistor bur"):
        run_sweep()
    assert states() == ["completed", "failed"]
    table.collect("s")
    assert Path("s/sweep.csv").read_text().splitlines() == [
        "point,state,reason,resistance [ohm],I [A]",
        "resistance=10ohm,completed,,10.0,0.1",
        "resistance=13ohm,failed,the resistor burnt,13.0,",
    ]
    found = xr.load_dataset("s/sweep.nc")
    np.testing.assert_array_equal(found["I"], [0.1, np.nan])
    assert found["I"].attrs["units"] == "A"
    assert float(found["I"].sel(resistance=10.0)) == 0.1


def test_points_share_a_process_and_one_that_dies_takes_no_other_along():
    values = [f"{ohm} ohm" for ohm in (18, 19, 13, 20, 17, 21)]
    with pytest.raises(RunError, match=r"s: 2 of 6 points did not end well, first resistance=13"):
        run_sweep(f"sweep.resistance={values}", jobs=1)
    assert states() == ["completed"] * 2 + ["failed", "completed", "killed", "completed"]
    first, second, _, third, _, last = table.table(SweepFolder.open(Path("s")))["process"]
    assert first == second == third != last
    words = [Path(f"s/output/resistance={ohm}ohm.txt").read_text() for ohm in (13, 20)]
    assert "the resistor burnt" in words[0]
    assert "the resistor burnt" not in words[1]


def test_complete_sweep_is_not_run_again():
    run_sweep(ONE)
    before = {path: Path(path).stat().st_mtime_ns for path in tree()}
    run_sweep(ONE)
    running.sweep("s/config.toml", "s")  # with the value of the command line
    assert {path: Path(path).stat().st_mtime_ns for path in tree()} == before


def finished(sweep):
    """Folder of a sweep whose runs have found I = V / R."""
    settings = {
        point.name: examine(Document(Path("my.toml"), "", point.data), MPI.COMM_WORLD)
        for point in sweep.points
    }
    folder = SweepFolder.create(Path("s"), TEXT, sweep, settings)
    texts = dict.fromkeys(("config.toml", "config.resolved.toml"), "")
    for name, config in settings.items():
        run = RunFolder.create(MPI.COMM_SELF, folder.path / name, texts, ())
        run.write_summary({"I": (config.voltage / config.resistance, "A")})
        run.finish("completed")
    return folder


def test_dataset_has_a_dimension_per_axis():
    text = """[sweep]
    voltage = ["1 V", "2 V", "3 V"]
    [[sweep.zip]]
    resistance = ["5 ohm", "4 ohm"]
    pause = ["1 ms", "2 ms"]
    """
    Path("my.toml").write_text(TEXT.split("[sweep]")[0] + text)
    found = table.dataset(finished(expand(read("my.toml"))))
    assert found["I"].dims == ("voltage", "resistance")
    np.testing.assert_array_equal(found["I"], np.divide.outer([1, 2, 3], [5, 4]))
    assert found["pause"].dims == ("resistance",)
    np.testing.assert_array_equal(found["pause"], [1e-3, 2e-3])
    assert set(found["state"].values.ravel()) == {"completed"}


def test_one_at_a_time_keeps_the_values_of_the_others_in_its_table(record):
    """I = V / R: elasticity 1 of V; of R -1. The point that burns has none."""
    text = """[sweep.one_at_a_time]
    voltage = ["0.5 V", "3 V"]
    resistance = ["4 ohm", "5 ohm"]
    """
    Path("my.toml").write_text(TEXT.split("[sweep]")[0] + text)
    folder = finished(expand(read("my.toml")))
    found = table.dataset(folder)
    assert found["I"].dims == ("voltage",)
    np.testing.assert_array_equal(found["voltage"], [1.0, 0.5, 3.0, 1.0, 1.0])
    np.testing.assert_array_equal(found["resistance"], [1.0, 1.0, 1.0, 4.0, 5.0])
    (folder.path / "resistance=5ohm" / "summary.json").unlink()
    responses = (Response("I", "log10 of the current (mA)", 1e3, logarithmic=True),)
    (figure,) = sensitivity_figures.plot(folder, responses)
    assert figure.stat().st_size > 10_000
    rows = pd.read_csv(folder.path / "sensitivity.csv")
    assert list(rows["parameter"]) == ["voltage", "voltage", "resistance", "resistance"]
    np.testing.assert_allclose(rows["elasticity"], [1.0, 1.0, -1.0, np.nan], rtol=1e-12)
    record("elasticities of a resistor: 1 and -1", 1e-12, np.abs(rows["elasticity"]).max() - 1)


def test_sampled_sweep_writes_spread_and_indices_of_its_results():
    """I = V / R of two numbers that are as uncertain: half of the variance of ln I is due to each.

    A point without a result takes its block along; the file itself gives the folder again.
    """
    text = """[sweep]
    sample = { method = "sobol", n = 16, seed = 1, indices = true }
    voltage = { distribution = "lognormal", median = "1 V", sigma = 0.05 }
    resistance = { distribution = "lognormal", median = "2 ohm", sigma = 0.05 }
    """
    Path("my.toml").write_text(TEXT.split("[sweep]")[0] + text)
    sweep = expand(read("my.toml"))
    folder = finished(sweep)
    (folder.path / "0005" / "summary.json").unlink()
    assert {file.name for file in plot_sweep(folder)} == {"indices.png", "spread.png"}
    found = pd.read_csv(folder.path / "indices.csv")
    assert found["key"].tolist() == ["voltage", "resistance"]
    assert set(found["blocks"]) == {15}
    np.testing.assert_allclose(found[["first", "total"]], 0.5, atol=0.25)
    spread = pd.read_csv(folder.path / "spread.csv").iloc[0]
    assert spread["result"] == "I"
    assert spread["points"] == 32
    assert spread["median"] == pytest.approx(0.5, rel=0.03)
    assert spread["standard_deviation"] == pytest.approx(0.5 * np.sqrt(2) * 0.05, rel=0.2)
    SweepFolder.open(folder.path).compare(expand(read("my.toml")), Path("my.toml"))


def test_sweep_of_more_than_one_change_has_no_tornado_chart():
    Path("my.toml").write_text(TEXT + '[sweep.one_at_a_time]\nvoltage = ["2 V"]\n')
    assert not sensitivity_figures.plot(finished(expand(read("my.toml"))), ())


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ('sweep.resistance=["10 ohm", "10 V"]', r'resistance = "10 V" is not .* \(point .*10V '),
        ('sweep.voltage=["1 V", "-1 V"]', r"voltage = -1 V is not for .* \(point .*voltage=-1V"),
    ],
)
def test_fault_in_any_point_is_found_before_anything_is_written(override, message):
    before = tree()
    with pytest.raises(InputError, match=message):
        run_sweep(override)
    assert tree() == before


def test_sweep_is_checked_by_its_first_point_and_the_values_of_all():
    said = api.check("my.toml")
    points = "2 points, resistance=10ohm to resistance=13ohm; what follows is of the first"
    assert (said["sweep"], said["resistance"]) == (points, "10 ohm")
    with pytest.raises(InputError, match=r'= "10 V" is not .* \(point resistance=10V of'):
        api.check("my.toml", overrides=['sweep.resistance=["10 ohm", "10 V"]'])


def test_other_input_is_refused():
    finished(expand(read("my.toml")))
    with pytest.raises(
        InputError, match=r"s: was not made from .* resistance=5ohm is new or changed"
    ):
        run_sweep('sweep.resistance=["5 ohm", "10 ohm", "13 ohm"]')
    with pytest.raises(InputError, match=r"resistance=13ohm is gone: name another folder"):
        run_sweep(ONE)
    with pytest.raises(InputError, match=r"resistance=10ohm is new or changed"):
        run_sweep("pause=2 ms")


def test_folder_that_is_none_of_a_sweep_is_refused():
    Path("s").mkdir()
    with pytest.raises(InputError, match=r"s: is not the folder of a sweep"):
        run_sweep()
    assert tree() == ["my.toml", "s"]


def test_number_of_jobs_is_checked():
    with pytest.raises(InputError, match=r"--jobs 0 is less than 1"):
        run_sweep(jobs=0)
    with pytest.raises(InputError, match=r"--jobs 100000: is far more than there are cores"):
        run_sweep(jobs=100_000)


def test_file_with_a_sweep_is_not_run_as_one_case():
    with pytest.raises(InputError, match=r"my.toml: has a \[sweep\]: give it to `mitmodels sweep`"):
        api.run("my.toml")


def wait_until(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_sweep_that_is_ended_goes_on_where_it_stopped(number):
    overrides = ("pause=1 s", ONE)
    arguments = f"'my.toml', 's', overrides={overrides!r}, jobs=2"
    program = (
        "import patient_resistor; from mitmodels.cases.sweeps import running; "
        f"running.COMMAND = {COMMAND!r}; running.sweep({arguments})"
    )
    with Path("said.txt").open("w") as said:
        process = subprocess.Popen([sys.executable, "-c", program], stderr=said)
    wait_until(lambda: Path("s").exists() and states() == ["running"])
    with pytest.raises(InputError, match="s: another process works on it"):
        running.resume("s")
    process.send_signal(number)
    process.wait()
    way_on = "`mitmodels resume s` goes on with what is left" in Path("said.txt").read_text()
    assert way_on == (number == signal.SIGTERM)
    left = {signal.SIGKILL: ["running"], signal.SIGTERM: ["interrupted"]}
    assert states() == left[number]
    run_sweep("pause=1 s", ONE)
    assert states() == ["completed"]
    assert len(Path("s/resistance=10ohm/iv.csv").read_text().splitlines()) == 6


def test_killed_run_is_recognised_and_run_again():
    record = finished(expand(read("my.toml", [ONE]))).path / "resistance=10ohm" / "run.json"
    record.write_text(record.read_text().replace("completed", "running"))
    assert states() == ["killed"]


def test_sweep_ends_with_one_table_and_one_figure():
    """Of a film that stays cold; a second call has nothing to do and draws nothing again."""
    head, end = SHEET.read_text().split("[output]")
    sweep = 'figures = false\n[sweep]\nambient.temperature = ["60 K", "80 K"]\n'
    Path("film.toml").write_text(f"{head}[output]\n{end}{sweep}")
    cold = ("mesh.size=10 um", "protocol.0.to=1 V")
    running.sweep("film.toml", "f", overrides=cold, jobs=2)
    rows = Path("f/sweep.csv").read_text().splitlines()
    assert len(rows) == 3
    assert rows[0].startswith("point,state,reason,ambient.temperature [K],V_up [V]")
    assert Path("f/figures/family.png").stat().st_size > 10_000
    Path("f/figures/family.png").unlink()
    running.sweep("film.toml", "f", overrides=cold, jobs=2)
    assert not Path("f/figures/family.png").exists()
    assert plot_sweep(SweepFolder.open(Path("f"))) == [Path("f/figures/family.png")]


def test_words_of_a_process_that_wrote_no_folder_are_the_reason(monkeypatch):
    program = "import sys; sys.exit('mitmodels: no licence')"
    monkeypatch.setattr(running, "COMMAND", (sys.executable, "-c", program))
    with pytest.raises(RunError, match=r"resistance=10ohm \(no licence\)"):
        running.sweep("my.toml", "s", overrides=[ONE])
    assert states() == ["failed"]
