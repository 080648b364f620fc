"""Films of other shapes, drawn by the script of the manual with other rectangles."""

import json
import re
import subprocess
import sys
from pathlib import Path

from mpi4py import MPI

import pytest
from films import SHEET, continuation, trace

from mitmodels.cases import api
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_device, build_film
from mitmodels.cases.film.steady import Config
from mitmodels.errors import InputError

COMM = MPI.COMM_WORLD
pytestmark = pytest.mark.serial
PAGE = Path(__file__).parents[3] / "docs" / "howto" / "mesh.md"
ONE = {"film": [(-20, 0, 20, 8)]}
TWO = {"film": [(-20, 2, 20, 10), (-20, -10, 20, -2)]}  # neither lies on the line y = 0
LONG = {"film": [(-40, 0, 40, 8)]}
NOTCHED = {"film": [(-20, -10, 20, 4), (-20, 4, -2, 10), (2, 4, 20, 10)]}
HALL_BAR = {"film": [(-20, -10, 20, 10), (-8, 10, -6, 16), (6, 10, 8, 16)]}
# Nothing depends on the place in a film with free ends and ideal contacts.
UNIFORM = (
    *("geometry.domain=full", "geometry.unit=1 um", "contact.thermal=free", "mesh.degree=1"),
    "output.check_stability=false",
)


def text(name):
    """A file that the page shows."""
    found = re.search(rf"```{{file}} {name}\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found
    return found[1]


def drawn(folder, name, boxes, end, lines=(), fine=4):
    """Let the script of the page draw rectangles between pads at x = -end and end."""
    half = max(abs(corner) for box in boxes["film"] for corner in box[1::2])
    pads = {
        "pad_left": [(-end - 10, -half, -end, half)],
        "pad_right": [(end, -half, end + 10, half)],
    }
    _, rest = text("hall_bar.py").split("gmsh.initialize()")
    head = f"FAR, COARSE, FINE = 120, 40, {fine}\nBOXES = {boxes | pads}\nLINES = {dict(lines)}\n"
    path = folder / f"{name}.msh"
    script = f"import gmsh\n{head}gmsh.initialize(){rest}".replace(
        '"hall_bar.msh"', repr(str(path))
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)
    return path


def film(path, length, width):
    """A film that loses its heat locally."""
    geometry = (f"geometry.length={length} um", f"geometry.width={width} um")
    return build_device(
        load_config(SHEET, [f"geometry.mesh={path}", *geometry, *UNIFORM], Config), COMM
    )


def test_parallel_films_add_and_films_in_series_share_the_voltage(tmp_path, record):
    """Two side by side carry twice the current of one; one of twice the length needs twice as much.

    Cold and up to a temperature at which the film conducts a quarter less.
    """
    one = film(drawn(tmp_path, "one", ONE, 20), 40, 8)
    two = film(drawn(tmp_path, "two", TWO, 20), 40, 16)
    long = film(drawn(tmp_path, "long", LONG, 40), 80, 8)
    cold = build_film(one).conductance()
    off = max(
        abs(build_film(two).conductance() / cold / 2 - 1),
        abs(build_film(long).conductance() / cold * 2 - 1),
    )
    reference = end(one, 2.0).state
    warm = max(
        abs(end(two, 2.0).state.current / reference.current / 2 - 1),
        abs(end(long, 4.0).state.current / reference.current - 1),
    )
    record("films in parallel and in series, cold: conductance", 1e-12, off)
    record("films in parallel and in series, warm: current", 1e-9, warm)
    assert off < 1e-12
    assert warm < 1e-9
    assert reference.current < 0.8 * 2.0 * cold


def end(device, voltage):
    """Point of the branch at a voltage."""
    return trace(continuation(device), voltage).points[-1]


@pytest.fixture(scope="module")
def shapes(tmp_path_factory):
    """A bar, one with a notch and one with two arms, of 20 um width and 40 um length."""
    folder = tmp_path_factory.mktemp("shapes")
    middle = {"midline": (-20, 0, 20, 0)}
    return {
        "bar": drawn(folder, "bar", {"film": [(-20, -10, 20, 10)]}, 20, middle),
        "notch": drawn(folder, "notch", NOTCHED, 20),
        "hall bar": drawn(folder, "hall bar", HALL_BAR, 20, middle),
    }


def half_space(path, *, to="4 V"):
    """Experiment on a film on a half-space."""
    geometry = {"mesh": str(path), "unit": "1 um", "domain": "full", "length": "40 um"}
    return {
        "base": "lsmo_iv",
        "geometry": geometry | {"width": "20 um", "pad_length": "10 um", "far": "120 um"},
        "protocol": [{"step": "ramp", "to": to}],
        "output": {"fields_at": {"V_source": [to]}, "figures": False},
    }


def test_shapes_run_on_their_full_domain(shapes, tmp_path):
    """Arms in which nothing flows widen the way of the current a little, a notch narrows it."""
    runs = {name: api.run(half_space(path), tmp_path / name) for name, path in shapes.items()}
    current = {name: run.iv["I [A]"].iloc[-1] for name, run in runs.items()}
    assert 1.0 < current["hall bar"] / current["bar"] < 1.05
    assert 0.9 < current["notch"] / current["bar"] < 0.98
    for name, run in runs.items():
        assert (run.path / "fields" / "4V-metal.vtu").exists()
        assert run.iv[["T_center [K]", "T_edge [K]", "hot_across [m]"]].isna().all(axis=None)
        assert run.iv["barrier_width [m]"].isna().all() == (name == "notch")
    summary = json.loads((runs["notch"].path / "summary.json").read_text())
    assert summary["V_full"]["reason"] == 'the mesh has no "contact_centre"'
    assert summary["d_nucleated"]["reason"] == 'the mesh has no "midline"'
    assert summary["V_nucleated"]["reason"] == 'nothing jumps up, and the mesh has no "centre"'


def test_what_is_not_read_cannot_be_asked_for(shapes):
    asked = half_space(shapes["notch"])
    asked["protocol"][0]["until"] = ["T_center > 300 K"]
    with pytest.raises(InputError, match=r'whose mesh has no "centre", .* does not show T_center'):
        api.check(asked)


def test_check_says_what_is_not_read_and_that_the_width_is_another_one(shapes):
    asked = half_space(shapes["hall bar"])
    report = api.check(asked)
    assert report["not read"] == (
        "T_center, T_edge, hot_across: the mesh has no centre or contact_centre or midplane"
    )
    assert "right contact" not in report.get("warning", "")
    asked["geometry"]["width"] = "30 um"
    assert "but the right contact of the mesh is 20 um wide" in api.check(asked)["warning"]


def test_example_of_the_page_is_taken_as_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, "-c", text("hall_bar.py")], check=True, timeout=120)
    Path("hall_bar.toml").write_text(text("hall_bar.toml"))
    report = api.check("hall_bar.toml")
    assert report["film"].startswith("100 x 20 um2")
    assert "right contact" not in report.get("warning", "")


def test_shape_in_time_says_what_it_does_not_read(shapes, tmp_path):
    asked = half_space(shapes["notch"]) | {
        "base": "lsmo_pulse",
        "protocol": [{"step": "ramp", "to": "2 V", "duration": "1 us"}],
        "numerics": {"error": "5 K", "parts": 2},
    }
    asked["output"]["fields_at"] = {}
    run = api.run(asked, tmp_path / "run")
    assert run.iv["T_max [K]"].iloc[-1] > 100.5
    assert run.iv[["T_center [K]", "T_edge [K]", "hot_across [m]"]].isna().all(axis=None)
    summary = json.loads((run.path / "summary.json").read_text())
    assert summary["d_max"] == {
        "value": None,
        "unit": "m",
        "reason": 'the mesh has no "midline"',
    }
    assert summary["t_full"]["reason"] == 'the mesh has no "contact_centre"'
