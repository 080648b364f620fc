"""Temperature and potential of a run on the whole device: in figures, and in ParaView."""

import os
import shutil
import subprocess
from pathlib import Path

import matplotlib.image
import meshio
import numpy as np
import pytest
from PIL import Image

from mitmodels.cases import cli
from mitmodels.cases.figures.stored_states import stored_states
from mitmodels.errors import InputError
from mitmodels.solvers.film.fields import NODAL
from mitmodels.solvers.runs.reading import Run
from mitmodels.solvers.runs.vtk_files import write_collection

pytestmark = pytest.mark.serial
SCRIPTS = Path(cli.__file__).with_name("paraview")
PVPYTHON, XVFB = shutil.which("pvpython"), shutil.which("xvfb-run")
HAS_DISPLAY = "DISPLAY" in os.environ
AMBIENT = 'ambient.temperature = { value = "300 K" }'
EVENTS = """event,s,V_source [V],I [A],detail
fold,1,16,0.02,
fields,1,16,0.02,up-fold
fields,2,16,0.01,nucleated
fields,3,50,0.01,full
fields,0,10,0.01,10V-metal
fields,2,15,0.01,15V-barrier
"""
HEAT = [300.0, 400.0, 500.0, 600.0]


def mesh(x, *cellwise):
    """Two triangles of a square of a nanometre with its left edge at x."""
    corners = np.array([[x, 0, 0], [x + 1, 0, 0], [x + 1, 1, 0], [x, 1, 0]]) * 1e-9
    points = {"potential [V]": [0.0, 1.0, 1.0, 0.0], "temperature [K]": HEAT}
    cells = {"region": [np.array([0.0, 1.0])]}
    for name in cellwise:
        cells[name] = [np.array(points.pop(name)[:2])]
    return meshio.Mesh(corners, [("triangle", [[0, 1, 2], [0, 2, 3]])], points, cells)


def folder(path, case, ambient=AMBIENT):
    (path / "fields").mkdir(parents=True)
    (path / "figures").mkdir()
    (path / "run.json").write_text("{}")
    (path / "config.resolved.toml").write_text(f'case = "{case}"\n{ambient}\n')
    return Run(path)


@pytest.fixture
def film(tmp_path):
    run = folder(tmp_path / "film", "film_iv")
    (run.path / "events.csv").write_text(EVENTS)
    for name in ("up-fold", "nucleated", "full", "10V-metal", "15V-barrier"):
        mesh(-0.5).write(run.path / "fields" / f"{name}.vtu")
    return run


@pytest.fixture
def cell(tmp_path):
    """As it was stored when the potential of a cell was that of its triangles."""
    run = folder(tmp_path / "cell", "cell", 'heat.ambient = { value = "300 K" }')
    (run.path / "iv.csv").write_text("t [s],V_source [V],I [A]\n0,0,0\n1,1,1e-9\n2,2,1e-3\n")
    for name in "ab":
        mesh(-1e-12, "potential [V]").write(run.path / "fields" / f"{name}.vtu")
    write_collection(run.path / "fields" / "cell.pvd", {"a.vtu": 1.0, "b.vtu": 2.0})
    return run


def test_film_states_are_in_the_order_of_the_branch(film):
    """Not in that of events.csv, where those at given voltages come last."""
    names = [state.name for state in stored_states(film)]
    assert names == ["10V-metal", "up-fold", "15V-barrier", "nucleated", "full"]
    assert stored_states(film)[3].title == "nucleated: 16 V, 10 mA"


def test_cell_is_mirrored_into_its_whole_cross_section(cell):
    """The node beside the axis by a rounding error meets its image, or a line would be drawn."""
    last = stored_states(cell)[-1]
    assert last.title == "2 s, 2 V, 1 mA"
    whole = last.read()
    assert whole.bounds[:4] == pytest.approx((-1e-9, 1e-9, 0, 1e-9), abs=2e-12)
    T = {
        tuple(np.round(point[:2] * 1e9, 2) + 0.0): value
        for point, value in zip(whole.points, whole["temperature [K]"], strict=True)
    }
    assert whole.n_points == 6
    assert T[1.0, 1.0] == T[-1.0, 1.0] == 500.0


def test_map_and_animation_are_drawn(cell, record):
    path = cell.path
    cli.app(["plot", str(path), "--fields"])
    assert matplotlib.image.imread(path / "figures" / "fields.png").std() > 0.05
    with Image.open(path / "figures" / "fields.gif") as animation:
        states = len(stored_states(Run(path)))
        frames = animation.n_frames - 1  # the last one comes first, too
        record("frames of fields.gif less the stored states", 0, frames - states)
        assert frames == states


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--fields", "--at", "half"], "has no fields at 'half': give --at one of 10V-metal, up-f"),
        (["--at", "full"], "--at: names a state for --fields: give that too"),
    ],
)
def test_state_that_is_not_stored(film, options, message):
    with pytest.raises(InputError, match=message):
        cli.app(["plot", str(film.path), *options])
    assert not any((film.path / "figures").iterdir())


def test_run_without_fields_says_so(tmp_path):
    run = folder(tmp_path / "qpc", "qpc_loop")
    with pytest.raises(InputError, match=r"has no stored fields: set output\.fields_at"):
        cli.app(["plot", str(run.path), "--fields"])


@pytest.mark.skipif(
    not (PVPYTHON and (HAS_DISPLAY or XVFB)), reason="needs pvpython and a display or xvfb-run"
)
@pytest.mark.parametrize("run", ["film", "cell"])
def test_paraview_script_writes_an_image_of_every_state(run, request, tmp_path):
    path, out = request.getfixturevalue(run).path, tmp_path / "out"
    screen = [] if HAS_DISPLAY else [XVFB, "-a"]
    command = [*screen, PVPYTHON, SCRIPTS / f"{run}.py", path, "--out", out]
    subprocess.run(command, check=True, timeout=200)
    assert len(list(out.glob("frame.*.png"))) == len(stored_states(Run(path)))
    assert matplotlib.image.imread(out / "last.png").std() > 0.05
    assert (out / "device.pvsm").exists()
    again = subprocess.run(command, capture_output=True, text=True, timeout=200, check=False)
    assert again.returncode == 2
    assert f"error: {out}: exists already: name another folder" in again.stderr


def test_paraview_scripts_name_what_is_stored():
    """Where there is no ParaView at least their syntax and the names of the fields are checked."""
    texts = {file.name: file.read_text() for file in SCRIPTS.glob("*.py")}
    for name, text in texts.items():
        compile(text, name, "exec")
    assert all(f'"{name}"' in texts["stage.py"] for name in NODAL)
