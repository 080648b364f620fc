"""A run that was stopped and resumed finds what an uninterrupted one finds."""

import shutil
from pathlib import Path

from mpi4py import MPI

import pytest
from stopping import resume_on, stop_after

from mitmodels.cases import api
from mitmodels.cases.film import steady
from mitmodels.errors import InputError
from mitmodels.solvers.runs.folder import RunFolder, Table
from mitmodels.solvers.runs.reading import load

COMM = MPI.COMM_WORLD
ROOT = Path(api.__file__).parent
COARSE = (
    "mesh.size=5 um",
    "mesh.edge_size=4 um",
    "mesh.cells_across=3",
    "protocol.0.to=25 V",
    "contact.resistivity=2e-9 ohm m2",  # besides the resistance in series
    "output.figures=false",
    "output.fields_at.V_source=[]",
)


POINTS = {1: 2, 14: 15}  # a run ends at the first step after it was asked


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = COMM.bcast(tmp_path_factory.mktemp("uninterrupted"))
    return api.run(ROOT / "lsmo_iv.toml", path / "run", overrides=COARSE)


@pytest.fixture
def start(mpi_tmp_path, monkeypatch):
    """Run until so many points are written; return the run folder."""

    if_resumed = {
        False: lambda path: api.run(ROOT / "lsmo_iv.toml", path, overrides=COARSE),
        True: api.resume,
    }

    def call(points, resume=False):
        path = mpi_tmp_path / "run"
        with monkeypatch.context() as patch:
            patch.setattr(Table, "append", stop_after(points))
            with pytest.raises(KeyboardInterrupt):
                if_resumed[resume](path)
        COMM.barrier()  # rank 0 has written how the run ended
        return path

    return call


def difference(a, b):
    """Largest difference of any column, relative to its largest value."""
    assert list(a.columns) == list(b.columns)
    assert len(a) == len(b)
    numbers = [name for name in a.columns if name != "stable"]
    assert list(a["stable"]) == list(b["stable"])
    return max(float((a[n] - b[n]).abs().max() / (a[n].abs().max() or 1.0)) for n in numbers)


def assert_equal(run, expected, tolerance):
    assert difference(expected.iv, run.iv) < tolerance
    assert list(run.events["event"]) == list(expected.events["event"])
    assert run.summary.keys() == expected.summary.keys()
    for name, entry in expected.summary.items():
        if name not in ("wall_time", "newton_iterations"):
            value = entry["value"]
            same = value if value is None else pytest.approx(value, rel=1e-6)
            assert run.summary[name]["value"] == same


@pytest.mark.parametrize("points", [pytest.param(1, marks=pytest.mark.serial), 14])
def test_resumed_run_is_the_uninterrupted_one(uninterrupted, start, points):
    """The factorisation in use is part of the state: a fresh one shifts the points by 2e-9."""
    path = start(points)
    assert load(path).record["status"] == load(path).record["error"] == "interrupted"
    assert len(load(path).iv) < len(uninterrupted.iv)
    run = api.resume(path)
    # Rounding of 1e-16 on several ranks grows by 1e4 along the branch.
    assert_equal(run, uninterrupted, 1e-13 if COMM.size == 1 else 1e-10)
    assert f"going on from point {POINTS[points]} " in (path / "log.txt").read_text()
    assert run.record["status"] == "completed"
    assert [item["after"]["status"] for item in run.record["resumed"]] == ["interrupted"]


def assert_passed_over(run, newest, reason, expected):
    """The older checkpoint is used, and log and events say so; nothing else is different."""
    sentence = f"checkpoint {newest} is passed over: {reason}"
    assert sentence in (run.path / "log.txt").read_text()
    noted = run.events["detail"].fillna("").str.startswith(sentence)
    assert list(run.events["event"][noted]) == ["warning"]
    assert list(run.events["event"][~noted]) == list(expected.events["event"])
    assert difference(expected.iv, run.iv) < 1e-13


@pytest.mark.serial
def test_damaged_newest_checkpoint_costs_points_but_no_result(uninterrupted, start):
    path = start(6)
    start(6, resume=True)
    newest = max((path / "checkpoints").iterdir())
    newest.write_bytes(newest.read_bytes()[:5000])
    assert_passed_over(api.resume(path), newest, "it is truncated", uninterrupted)


@pytest.mark.serial
def test_checkpoint_of_another_run_is_passed_over(uninterrupted, start, tmp_path):
    """It would cut ``iv.csv`` to the size that the other run's had."""
    path = start(6)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "append", stop_after(2))
        with pytest.raises(KeyboardInterrupt):
            api.run(
                ROOT / "lsmo_iv.toml",
                tmp_path / "other",
                overrides=(*COARSE, "geometry.width=51 um"),
            )
    (foreign,) = (tmp_path / "other" / "checkpoints").iterdir()
    newest = shutil.copy(foreign, path / "checkpoints" / "000009.npz")
    run = api.resume(path)
    assert_passed_over(run, newest, "it belongs to a run with another", uninterrupted)


@pytest.mark.serial
def test_run_of_a_version_with_other_columns_is_refused_and_kept(start, monkeypatch):
    path = start(6)
    before = (path / "iv.csv").read_bytes()
    monkeypatch.setattr(steady, "KEPT", (*steady.KEPT, "new column"))
    with pytest.raises(InputError, match=r"no checkpoint can be used.* keeps other values: go on"):
        api.resume(path)
    assert (path / "iv.csv").read_bytes() == before
    assert load(path).record["status"] == "failed"


def test_names_of_all_that_a_checkpoint_holds_are_in_its_layout(start):
    """An array that is added changes the layout, which refuses what was written without it."""
    store = RunFolder(start(2), COMM).open_checkpoints(steady.KEPT)
    assert store.latest().keys() <= set(steady.KEPT)


@pytest.mark.serial
def test_run_without_a_checkpoint_begins_again(uninterrupted, start):
    path = start(6)
    shutil.rmtree(path / "checkpoints")
    (path / "checkpoints").mkdir()
    rows = (path / "iv.csv").read_text()
    assert_equal(api.resume(path), uninterrupted, 1e-15)
    assert (path / "iv.earlier.csv").read_text() == rows
    assert "iv.csv begins again, without a checkpoint" in (path / "log.txt").read_text()


def test_complete_run_is_not_resumed(uninterrupted):
    with pytest.raises(InputError, match="run: is complete; there is nothing to resume"):
        api.resume(uninterrupted.path)


def test_changed_input_is_refused(start):
    path = start(2)
    config = path / "config.toml"
    COMM.barrier()
    if COMM.rank == 0:
        config.write_text(config.read_text().replace('"100 K"', '"101 K"'))
    COMM.barrier()
    with pytest.raises(InputError, match=r"config.toml: is not what the run began with"):
        api.resume(path)


def test_interval_is_checked(tmp_path):
    with pytest.raises(InputError, match=r'--checkpoint-every "10 V" is not a duration \[s\]'):
        api.run(ROOT / "lsmo_iv.toml", tmp_path / "run", overrides=(), checkpoint_every="10 V")


@pytest.mark.serial
def test_run_goes_on_with_another_number_of_ranks(uninterrupted, start):
    path = start(10)
    resume_on(2, 10, path)
    run = api.resume(path)
    assert_equal(run, uninterrupted, 1e-8)
    assert [run.record["ranks"], *(again["ranks"] for again in run.record["resumed"])] == [1, 2, 1]
