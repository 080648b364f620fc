"""Meshes go to files and come back: same names, areas and currents, and one sentence if not."""

from dataclasses import astuple, fields
from pathlib import Path

from mpi4py import MPI

from dolfinx import fem

import meshio
import numpy as np
import pytest
from films import COARSE, SHIPPED, continuation, in_time, joint_set, ramps, trace

from mitmodels.cases import api
from mitmodels.cases.cell import growth
from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.steady import Config, prepare
from mitmodels.errors import InputError
from mitmodels.film.observables import Reading
from mitmodels.meshes.mesh_arrays import pack_device, unpack_device
from mitmodels.meshes.mesh_file import read_mesh, write_mesh
from mitmodels.solvers.runs.parallel import on_root

COMM = MPI.COMM_WORLD
pytestmark = pytest.mark.skipif(COMM.size > 2, reason="two ranks show what one does not")
ECM = SHIPPED.with_name("ecm_set.toml")
# What differs between the formats happens on one rank.
FORMATS = ("msh", *(pytest.param(name, marks=pytest.mark.serial) for name in ("vtu", "inp")))


def areas(device):
    """Of every region and boundary, and the number of every point."""
    comm, found = COMM, {}
    for name, group in device.names.items():
        if group.dim == 0:
            dim, nodes = device.entities(name)
            own = nodes[nodes < device.mesh.topology.index_map(dim).size_local]
            found[name] = comm.allreduce(float(len(own)))
            continue
        if group.dim == 2:
            forms = [1.0 * device.dx(name)]
        else:  # every facet is an outer or an inner one
            forms = [1.0 * device.ds(name), 1.0 * device.dS(name)]
        found[name] = comm.allreduce(sum(fem.assemble_scalar(fem.form(form)) for form in forms))
    return found


def currents(device):
    """Points of the branch up to 3 V, where the film is some kelvin warmer than at rest."""
    branch = trace(continuation(device), 3.0)
    return np.array([(point.drive, point.state.current) for point in branch.points])


def written(device, path):
    arrays = pack_device(device, device.mesh.geometry.x)
    on_root(COMM, lambda: write_mesh(path, arrays))
    return path


@pytest.fixture(scope="module")
def film():
    device = joint_set(*COARSE)
    return device, currents(device)


@pytest.mark.parametrize("suffix", FORMATS)
def test_film_on_the_mesh_of_a_file_is_the_one_it_was_written_from(
    film, suffix, mpi_tmp_path, record
):
    built, expected = film
    path = written(built.plan, mpi_tmp_path / f"film.{suffix}")
    own = joint_set(f"geometry.mesh={path}", *COARSE)
    needed = {name: area for name, area in areas(built.plan).items() if name != "lateral_edge"}
    found = areas(own.plan)
    off = max(abs(found[name] / area - 1) for name, area in needed.items())
    assert found.keys() == needed.keys()
    change = float(np.abs(currents(own) / np.maximum(expected, 1e-300) - 1)[1:].max())
    record(f"film on a mesh from .{suffix}: areas", 1e-12, off)
    record(f"film on a mesh from .{suffix}: I-V", 1e-8, change)
    assert off < 1e-12
    assert change < 1e-8


@pytest.mark.parametrize("suffix", FORMATS)
def test_axisymmetric_cell_comes_back_from_a_file(suffix, mpi_tmp_path, record):
    prepared = growth.prepare(load_config(ECM, [], growth.Config), COMM)
    built = growth.mesh(prepared, COMM)
    path = written(built, mpi_tmp_path / f"cell.{suffix}")
    arrays = on_root(COMM, lambda: read_mesh(path).pack(tuple(built.names), 1.0))
    own, expected = areas(unpack_device(arrays, COMM, axisymmetric=True)), areas(built)
    off = max(abs(own[name] - area) / max(area, 1e-300) for name, area in expected.items() if area)
    record(f"cell on a mesh from .{suffix}: areas", 1e-12, off)
    assert own.keys() == expected.keys()
    assert off < 1e-12


@pytest.mark.serial
def test_film_in_time_on_the_mesh_of_a_file_is_the_one_it_was_written_from(tmp_path, record):
    """During a ramp to 10 V, which warms the film by some kelvin."""
    small = ("mesh.size=10 um", "mesh.edge_size=5 um", "mesh.cells_across=3", "numerics.error=2 K")
    short = (*small, "output.fields_at.t=[]", ramps("10 V", rate="1 V/us"))

    def readings(film):
        return np.array([astuple(f.point.state.state.reading) for f in film.follow()])

    built = in_time(*short)
    path = written(built.prepared.device.plan, tmp_path / "film.msh")
    from_file = in_time(*short, f"geometry.mesh={path}")
    assert "lateral_edge" not in from_file.prepared.device.plan.names  # it is not read
    expected, own = readings(built), readings(from_file)
    hottest = [field.name for field in fields(Reading)].index("T_max")
    assert expected[-1, hottest] > 101.0
    off = float((np.abs(own - expected) / np.abs(expected).max(axis=0).clip(1e-300)).max())
    record("film in time on a mesh from .msh: readings", 1e-8, off)
    assert off < 1e-8


@pytest.mark.serial
def test_full_channel_has_no_node_too_many(tmp_path):
    """The centre of the circle around the substrate is a node of no cell."""
    device = joint_set(*COARSE, "geometry.domain=full").plan
    path = written(device, tmp_path / "full.msh")
    own = joint_set(*COARSE, "geometry.domain=full", f"geometry.mesh={path}").plan
    assert areas(own)["film"] == pytest.approx(areas(device)["film"], rel=1e-12)
    assert own.mesh.geometry.x.shape == device.mesh.geometry.x.shape


@pytest.mark.serial
def test_command_writes_a_mesh_that_a_case_reads_in_another_unit(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    api.mesh(SHIPPED, "film.vtu", overrides=COARSE)
    mesh = meshio.read("film.vtu")
    mesh.points *= 1e6
    mesh.write("film_um.vtu")
    text = SHIPPED.read_text().replace(
        "[geometry]", '[geometry]\nmesh = "film_um.vtu"\nunit="1 um"'
    )
    Path("my.toml").write_text(text)
    monkeypatch.chdir("/")
    config = load_config(tmp_path / "my.toml", (), Config)
    assert config.geometry.mesh == str(tmp_path / "film_um.vtu")  # beside the TOML file
    plan = prepare(config, COMM).device.plan
    assert areas(plan)["film"] == pytest.approx(100e-6 * 50e-6 * 20e-9, rel=1e-12)
    with pytest.raises(InputError, match=r"film.vtu: exists already: name another with --out"):
        api.mesh(SHIPPED, tmp_path / "film.vtu", overrides=COARSE)


def square(**parts):
    """Square of two triangles whose lines and points have names."""
    points = np.array([[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]], dtype=float)
    cells = [("triangle", np.array([[0, 1, 2], [0, 2, 3]])), ("line", np.array([[0, 1], [1, 2]]))]
    sets = {"film": [np.array([0, 1]), np.array([], dtype=int)]}
    sets |= {name: [np.array([], dtype=int), np.array(rows)] for name, rows in parts.items()}
    return meshio.Mesh(points, cells, cell_sets=sets, point_sets={"centre": np.array([0])})


def whole(triangles):
    """Square with all names and such triangles."""
    mesh = square(midline=[0], midplane=[2], contact_right=[1])
    mesh.cells[1].data = np.array([[0, 1], [1, 2], [0, 3]])
    mesh.point_sets["contact_centre"] = np.array([1])
    mesh.cells[0].data[:] = triangles
    return mesh


LINES = {"midline": [0], "contact_right": [1]}
# A block of elements after the sets: meshio's sets do not have it.
LATE = b"""*NODE
1, 0.0, 0.0, 0.0
2, 1.0, 0.0, 0.0
3, 1.0, 1.0, 0.0
4, 0.0, 1.0, 0.0
*ELEMENT, TYPE=CPS3
1, 1, 2, 3
*ELSET, ELSET=film
1
*ELEMENT, TYPE=B31
2, 1, 2
"""
PLAIN = (
    "geometry.unit=100 um",
    "geometry.pad_length=0 um",
    "geometry.far=0 um",
    "substrate={model='sheet', loss='1 W/m2/K'}",
)


@pytest.mark.serial
@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.msh", b"nonsense", r"a.msh: cannot be read as a mesh \(.*\): use a format that meshio"),
        ("a.vtu", b"<VTKFile/>", r"a.vtu: cannot be read as a mesh"),
        ("a.txt", b"", r"a.txt: cannot be read as a mesh \(Could not deduce file format"),
        ("a.inp", LATE, r"a.inp: cannot be read as a mesh \(zip"),
        ("a.inp", square(), 'a.inp: has no boundary of lines called "contact_right": name one; it'),
        ("a.vtu", square(**LINES, midplane=[1]), "midplane"),
        (
            "a.inp",
            square(**LINES, midplane=[0], contact_centre=[1]),
            'a.inp: has "contact_centre" as a boundary of lines: name a point so',
        ),
        ("a.vtu", whole([[0, 1, 2], [0, 2, 9]]), r'a.vtu: has not all nodes of "film"'),
        (
            "a.inp",
            whole([[0, 1, 1], [0, 2, 3]]),
            r"a.inp: has a triangle without area at \(0.666667, 0\)",
        ),
        (
            "a.inp",
            whole([[0, 1, 2], [0, 1, 3]]),
            r"triangles that lie on one another at \(0.5, 0\)",
        ),
    ],
)
def test_mesh_that_cannot_be_used(tmp_path, name, content, message):
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        if name.endswith("vtu"):
            content.cell_sets_to_data()
        content.write(path)
    with pytest.raises(InputError, match=message):
        prepare(load_config(SHIPPED, [*PLAIN, f"geometry.mesh={path}"], Config), COMM)


@pytest.mark.serial
def test_run_does_not_go_on_with_another_mesh(tmp_path):
    path = tmp_path / "a.inp"
    square().write(path)
    overrides = [f"geometry.mesh={path}", f"geometry.mesh_sha256={'0' * 64}"]
    with pytest.raises(InputError, match=r"geometry: mesh = .* was changed since: restore"):
        load_config(SHIPPED, overrides, Config)
    with pytest.raises(InputError, match=r"geometry: mesh = .* cannot be read \(No such file"):
        load_config(SHIPPED, ["geometry.mesh=no.msh"], Config)


@pytest.mark.serial
def test_cases_without_such_a_mesh_say_so(tmp_path):
    with pytest.raises(InputError, match="that of a growing filament moves and is made anew"):
        load_config(ECM, ["geometry.mesh=a.msh"], growth.Config)
    with pytest.raises(InputError, match="case qpc_loop has no mesh"):
        api.mesh(SHIPPED.with_name("qpc_loop.toml"), tmp_path / "a.msh")
    with pytest.raises(InputError, match=r"a.nonsense: cannot be written as a mesh \(Could not"):
        api.mesh(SHIPPED, tmp_path / "a.nonsense", overrides=COARSE)
