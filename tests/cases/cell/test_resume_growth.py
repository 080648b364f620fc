"""A SET that was stopped and resumed goes on with its mesh, and finds what it would have found."""

import re
import signal
from pathlib import Path

from mpi4py import MPI

import meshio
import numpy as np
import pytest
from stopping import resume_on, sending

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.cases.cell.growth import KEPT
from mitmodels.solvers.runs.checkpoints import unpack
from mitmodels.solvers.runs.folder import RunFolder, Table
from mitmodels.solvers.runs.reading import load

# Slow where ranks share a core; going on with other numbers of ranks is checked here.
pytestmark = pytest.mark.serial
COMM = MPI.COMM_WORLD
TOML = Path(cases.__file__).with_name("ecm_set.toml")
# Four meshes; fields are stored before and behind where the tests stop.
SHORT = (
    "protocol.0.to=1.25 V",
    "protocol.1.to=1.23 V",
    'protocol.0.read_at=["0 V", "1.25 V"]',
    'output.fields_at.I=["2e-83 A", "1e-77 A"]',
    "output.figures=false",
)


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    path = COMM.bcast(tmp_path_factory.mktemp("uninterrupted"))
    return api.run(TOML, path / "run", overrides=SHORT)


def difference(run, expected):
    """Largest difference of any column, relative to its largest value."""
    assert list(run.iv.columns) == list(expected.iv.columns)
    assert len(run.iv) == len(expected.iv)
    scale = expected.iv.abs().max().replace(0.0, 1.0)
    return float(((run.iv - expected.iv).abs() / scale).max().max())


def logarithmic(run, expected):
    """Largest difference in the logarithm of the current."""
    ours, theirs = (np.log(r.iv["I [A]"][1:].to_numpy()) for r in (run, expected))
    return float(np.abs(ours - theirs).max())


def points_in_checkpoints(path):
    files = sorted((path / "checkpoints").iterdir())
    origin = RunFolder(path, COMM).open_checkpoints(KEPT).origin
    return [len(unpack(file.read_bytes(), origin)["rows"]) for file in files]


def test_names_of_all_that_a_checkpoint_holds_are_in_its_layout(uninterrupted):
    """An array that is added changes the layout; those of the mesh depend on its groups."""
    content = RunFolder(uninterrupted.path, COMM).open_checkpoints(KEPT).latest()
    assert {re.sub(r"^(mesh|memory)_.*", r"\1", name) for name in content} <= set(KEPT)


def test_corners_of_the_protocol_have_checkpoints(uninterrupted):
    """The interval is ten minutes and nobody asked for one."""
    points = points_in_checkpoints(uninterrupted.path)
    t = uninterrupted.iv["t [s]"].to_numpy()
    np.testing.assert_allclose(t[np.array(points) - 1], [1.25, 1.27], rtol=1e-15)


def assert_same_record(run, expected):
    assert list(run.events["event"]) == list(expected.events["event"])
    assert list(run.table("reads")["t [s]"]) == [0.0, 1.25]
    assert run.summary["wall_time"]["value"] > 0
    for name, entry in expected.summary.items():
        if name == "wall_time":
            continue
        value = run.summary[name]["value"]
        if isinstance(value, float):
            value = pytest.approx(value, rel=1e-6)
        assert entry["value"] == value
    with np.load(run.path / "outlines.npz") as ours, np.load(expected.path / "outlines.npz") as own:
        np.testing.assert_array_equal(ours["nodes"], own["nodes"])
        np.testing.assert_allclose(ours["points"], own["points"], rtol=0, atol=1e-15)
    for collection in ("fields/cell.pvd", "mesh/mesh.pvd"):
        # Ranks sum in another order: the time at which a current is reached differs by 3e-12.
        texts = [(r.path / collection).read_text() for r in (run, expected)]
        ours, own = (np.array(re.findall(r'timestep="([^"]+)"', x), dtype=float) for x in texts)
        np.testing.assert_allclose(ours, own, rtol=1e-9)
        ours, own = (re.sub(r'timestep="[^"]+"', "", text) for text in texts)
        assert ours == own


def test_every_mesh_is_on_disk_with_its_groups(uninterrupted):
    """The volume of the filament's triangles, revolved, is that of the first outlines."""
    files = sorted((uninterrupted.path / "mesh").glob("*.vtu"))
    events, iv = uninterrupted.events, uninterrupted.iv
    times = np.unique([0.0, *events["t [s]"][events["event"] == "remesh"]])
    assert len(files) == len(times) > 2
    names = (uninterrupted.path / "mesh" / "names.txt").read_text().split()
    filament = int(names[names.index("filament") - 1])
    for file, t in zip(files, times, strict=True):
        mesh = meshio.read(file)
        assert {"triangle", "line"} == set(mesh.cells_dict)
        cells = mesh.cells_dict["triangle"][mesh.cell_data_dict["group"]["triangle"] == filament]
        corners = mesh.points[cells]
        sides = corners[:, 1:] - corners[:, :1]
        area = np.abs(np.cross(sides[:, 0], sides[:, 1])[:, 2]) / 2
        volume = 2 * np.pi * area @ corners[:, :, 0].mean(axis=1)
        assert volume == pytest.approx(np.interp(t, iv["t [s]"], iv["volume [m3]"]), rel=0.03)


def test_resumed_growth_is_the_uninterrupted_one(uninterrupted, mpi_tmp_path, monkeypatch, record):
    """A new mesh for the same outline changes the current by up to 2 %."""
    path, points = mpi_tmp_path / "run", 27  # the second mesh, and it has moved
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", sending({8: signal.SIGUSR1, points: signal.SIGTERM}))
        with pytest.raises(KeyboardInterrupt):
            api.run(TOML, path, overrides=SHORT)
    COMM.barrier()
    assert len(load(path).iv) == points
    assert load(path).record["status"] == "interrupted"
    assert points_in_checkpoints(path) == [8, points]
    run = api.resume(path)
    assert f"going on from point {points} " in (path / "log.txt").read_text()
    found = difference(run, uninterrupted)
    record("SET resumed on as many ranks: columns of iv.csv", 1e-10, found)
    assert found < 1e-10
    assert_same_record(run, uninterrupted)


def test_growth_goes_on_with_another_number_of_ranks(uninterrupted, tmp_path, monkeypatch, record):
    """From one to two ranks on the first mesh, and back on the second, which has moved."""
    path = tmp_path / "run"
    with monkeypatch.context() as patch:
        patch.setattr(Table, "append", sending({12: signal.SIGTERM}))
        with pytest.raises(KeyboardInterrupt):
            api.run(TOML, path, overrides=SHORT)
    resume_on(2, 15, path)
    run = api.resume(path)
    found = logarithmic(run, uninterrupted)
    record("SET begun on 1, resumed on 2 and on 1 ranks: ln I", 1e-6, found)
    assert found < 1e-6
    assert_same_record(run, uninterrupted)
    assert [run.record["ranks"], *(again["ranks"] for again in run.record["resumed"])] == [1, 2, 1]
