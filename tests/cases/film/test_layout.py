"""Layouts of GDS and DXF: their parts, the film that they give, and one sentence if they do not."""

import re

from mpi4py import MPI

import ezdxf
import numpy as np
import pytest
from films import COARSE, continuation, is_fold, joint_set, trace
from layouts import write_dxf, write_gds

from mitmodels.cases.config.document import read
from mitmodels.errors import InputError
from mitmodels.meshes.layout import read_layout
from mitmodels.meshes.layout_mesh import LayoutFilm
from mitmodels.solvers.runs.parallel import on_root

COMM = MPI.COMM_WORLD
pytestmark = pytest.mark.skipif(COMM.size > 2, reason="two ranks show what one does not")

# The shipped channel, away from the origin, its film under the pads and of two rectangles.
FILM = [(0, 0, 60, 50), (50, 0, 120, 50)]
PADS = [(-40, 0, 10, 50), (110, 0, 160, 50), (150, 0, 160, 50)]
WRITTEN = {"gds": (write_gds, "1/0", "2/0"), "dxf": (write_dxf, "FILM", "CONTACT")}
LAYERS = 'geometry.layers={film="1/0", contacts="2/0"}'
SIZES = ("mesh.size=4 um", "mesh.edge_size=2 um")
PARTS = {  # micrometres, and their squares
    "film": 5000.0,
    "pad_left": 2500.0,
    "pad_right": 2500.0,
    "contact_left": 50.0,
    "contact_right": 50.0,
    "midline": 100.0,
    "midplane": 50.0,
}


def areas(mesh):
    """Of every region, and the length of every line."""
    found = {}
    for name, rows in mesh.parts.items():
        a, *others = (mesh.points[rows[:, i]] for i in range(rows.shape[1]))
        sides = [corner - a for corner in others]
        if len(sides) == 2:
            (x, y), (u, v) = sides[0].T, sides[1].T
            found[name] = float(np.abs(x * v - y * u).sum() / 2)
        elif sides:
            found[name] = float(np.hypot(*sides[0].T).sum())
    return found


def meshed(path, film, contacts, **kinds):
    drawn = read_layout(path, (film, contacts))
    given = {"has_pads": True, "far": 0.0, "size": 4e-6, "edge_size": 2e-6} | kinds
    return areas(LayoutFilm(drawn[film], drawn[contacts], **given).mesh(path))


@pytest.mark.serial
@pytest.mark.parametrize("suffix", WRITTEN)
def test_parts_are_those_of_the_channel_that_is_drawn(suffix, tmp_path):
    write, *layers = WRITTEN[suffix]
    path = write(tmp_path / f"device.{suffix}", FILM, PADS)
    found = meshed(path, *layers)
    assert found == pytest.approx(PARTS, rel=1e-12)
    found = meshed(path, *layers, far=300e-6)
    polygon = np.pi * 300**2  # a little less, for its sides are chords
    assert found["substrate"] == pytest.approx(polygon - 10_000, rel=0.02)
    assert {name: found[name] for name in PARTS} == pytest.approx(PARTS, rel=1e-12)
    assert "pad_left" not in meshed(path, *layers, has_pads=False)


@pytest.mark.serial
def test_hole_that_a_polygon_reaches_along_a_line_is_one(tmp_path):
    holes = [(30, 10, 40, 20), (60, 0, 70, 10)]
    path = write_gds(tmp_path / "device.gds", FILM, PADS, holes)
    assert meshed(path, "1/0", "2/0")["film"] == pytest.approx(4800.0, rel=1e-12)


@pytest.mark.serial
def test_unit_of_a_drawing_is_its_own_or_is_given(tmp_path):
    path = write_dxf(tmp_path / "device.dxf", FILM, PADS, unit=4)  # millimetres
    (corners, _) = read_layout(path, ["FILM"])["FILM"]
    assert np.ptp(corners, axis=0) == pytest.approx([0.06, 0.05])
    (corners, _) = read_layout(path, ["FILM"], unit=1e-6)["FILM"]
    assert np.ptp(corners, axis=0) == pytest.approx([60e-6, 50e-6])
    with pytest.raises(InputError, match=r"does not say its unit: give geometry\.unit"):
        read_layout(write_dxf(path, FILM, PADS, unit=0), ["FILM"])


def test_branch_is_that_of_the_channel_that_is_drawn(mpi_tmp_path, record):
    path = mpi_tmp_path / "device.gds"
    on_root(COMM, lambda: write_gds(path, FILM, PADS))
    drawn = joint_set(f"geometry.layout={path}", LAYERS, "geometry.domain=full", *SIZES)
    found, expected = (
        trace(continuation(device), 30.0, is_fold).points for device in (drawn, joint_set(*COARSE))
    )
    cold = found[1].state.current / expected[1].state.current - 1
    record("film from a layout: current of the cold film", 1e-6, abs(cold))
    record("film from a layout: V_up", 4e-3, abs(found[-1].drive / expected[-1].drive - 1))
    assert drawn.remarks == ()


@pytest.mark.serial
@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (("geometry.layers.film=3/0",), r'no polygons on a layer "3/0": its layers are 1/0, 2/0'),
        (("geometry.layers=",), r"geometry\.layers is missing: say which layers"),
        (("geometry.layout=",), r"geometry\.layers and geometry\.cell are of a layout: give"),
        (("geometry.domain=quarter",), r'"quarter" is not drawn in a layout: set it to "full"'),
        (("geometry.cell=PAD",), r'has no cell "PAD": set geometry.cell to DEVICE or METAL'),
        (("geometry.unit=1 um",), r"says its unit itself: remove geometry\.unit"),
        (("geometry.mesh=a.msh",), r"has a mesh and a layout: remove one"),
        (("geometry.layout=no.gds",), r"layout = .* cannot be read \(No such file"),
        (("geometry.layout=device.msh",), r"is no layout by its suffix: give one of \.gds, "),
        (("geometry.layout=text.gds",), r"text\.gds: cannot be read as a layout|no cells"),
        (("geometry.layout=text.dxf",), r"text\.dxf: cannot be read as a layout \("),
        (("geometry.layout=apart.gds",), r"1 of its 2 contacts touch the film: two carry"),
        (("geometry.layout=island.gds",), r'has a piece of "film" at .* that touches no contact'),
        (("geometry.layout=gap.gds",), r'has (a piece of "film"|no "film" that leads)'),
    ],
)
def test_what_is_no_film_is_refused_in_one_sentence(overrides, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_gds("device.gds", FILM, PADS)
    write_gds("apart.gds", FILM, [PADS[0], (130, 0, 160, 50)])
    write_gds("island.gds", [*FILM, (20, 70, 30, 80)], PADS)
    write_gds("gap.gds", [(0, 0, 40, 50), (50, 0, 120, 50)], PADS)
    for name in ("device.msh", "text.gds", "text.dxf"):
        (tmp_path / name).write_text("no layout")
    given = ("geometry.layout=device.gds", LAYERS, "geometry.domain=full", *SIZES)
    absolute = (
        re.sub(r"layout=(?=\w)", f"layout={tmp_path}/", item) for item in (*given, *overrides)
    )
    with pytest.raises(InputError, match=message) as error:
        joint_set(*absolute)
    assert "\n" not in str(error.value)


@pytest.mark.serial
def test_open_line_is_refused_where_it_counts_alone(tmp_path):
    path = write_dxf(tmp_path / "device.dxf", FILM, PADS)
    drawing = ezdxf.readfile(path)
    drawing.modelspace().add_line((0, 0), (5, 5), dxfattribs={"layer": "NOTES"})
    drawing.saveas(path)
    assert len(read_layout(path, ["FILM"])["FILM"]) == 2
    with pytest.raises(InputError, match=r'an open LINE at \(0, 0\) on the layer "NOTES": close'):
        read_layout(path, ["NOTES"])


@pytest.mark.serial
def test_run_keeps_its_layout(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_gds("device.gds", FILM, PADS)
    document = read({"base": "lsmo_iv", "geometry": {"layout": "device.gds"}})
    assert document.packed("input")[1] == {"input/device.gds": str(tmp_path / "device.gds")}
