"""Meshes that are not what they seem: refused with place and remedy, or right."""

import random
import re

from mpi4py import MPI

import gmsh
import numpy as np
import pytest
from films import SHEET, SHIPPED, joint_set
from mesh_faults import HARMLESS, REFUSED, closes, malformed, read, split_film, write

from mitmodels.cases.config.document import load_config
from mitmodels.cases.film.device import build_film
from mitmodels.cases.film.steady import Config, prepare
from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import pack_device
from mitmodels.meshes.mesh_file import write_mesh
from mitmodels.solvers.runs.parallel import on_root

COMM = MPI.COMM_WORLD
TINY = ("mesh.size=10 um", "mesh.edge_size=5 um", "mesh.cells_across=3")
FORMATS = [(2.2, 0), (2.2, 1), (4.1, 0), (4.1, 1)]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = COMM.bcast(tmp_path_factory.mktemp("film")) / "film.msh"
    device = joint_set(*TINY).plan
    arrays = pack_device(device, device.mesh.geometry.x)
    return on_root(COMM, lambda: (write_mesh(path, arrays), read(path))[1])


def prepared(path):
    return prepare(load_config(SHIPPED, [f"geometry.mesh={path}"], Config), COMM)


@pytest.mark.serial
@pytest.mark.parametrize("fault", REFUSED, ids=lambda fault: fault.__name__)
def test_fault_is_refused_with_its_place_and_remedy(film, fault, tmp_path):
    for seed in range(3):
        mesh = film.copy()
        fault(mesh, random.Random(seed))
        path = write(mesh, tmp_path / f"{seed}.msh")
        with pytest.raises(InputError, match=REFUSED[fault]):
            prepared(path)


def test_every_rank_says_the_same(film, mpi_tmp_path):
    mesh = film.copy()
    split_film(mesh, random.Random(1))
    path = on_root(COMM, lambda: write(mesh, mpi_tmp_path / "film.msh"))
    with pytest.raises(InputError, match=REFUSED[split_film]) as found:
        prepared(path)
    assert len({*COMM.allgather(str(found.value))}) == 1


@pytest.mark.serial
@pytest.mark.parametrize("change", HARMLESS, ids=lambda change: change.__name__)
def test_change_that_does_not_count_leaves_the_conductance(film, change, tmp_path):
    mesh = film.copy()
    change(mesh, random.Random(1))
    assert conductance(write(mesh, tmp_path / "film.msh")) == pytest.approx(
        conductance(write(film, tmp_path / "reference.msh")), rel=1e-12
    )


def conductance(path):
    """Of the cold film, in which every cell counts [S]."""
    return build_film(prepared(path).device).conductance()


@pytest.mark.serial
@pytest.mark.parametrize(("version", "binary"), FORMATS)
def test_every_version_of_the_format_is_the_same_film(film, version, binary, tmp_path):
    path = rewritten(write(film, tmp_path / "film.msh"), version, binary)
    assert conductance(path) == pytest.approx(
        conductance(write(film, tmp_path / "reference.msh")), rel=1e-12
    )


@pytest.mark.serial
def test_version_that_keeps_one_group_of_a_cell_is_refused(film, tmp_path):
    path = rewritten(write(film, tmp_path / "film.msh"), 4.0, 0)
    with pytest.raises(InputError, match=r"MSH 4.0, .*: write MSH 4.1 \(in Gmsh Mesh.MshFileVer"):
        prepared(path)


def rewritten(path, version, binary):
    """Let Gmsh write a file once more."""
    gmsh.initialize()
    try:
        gmsh.option.setNumber("General.Terminal", 0)
        gmsh.open(str(path))
        gmsh.option.setNumber("Mesh.MshFileVersion", version)
        gmsh.option.setNumber("Mesh.Binary", binary)
        gmsh.write(str(path))
    finally:
        gmsh.finalize()
    return path


@pytest.mark.serial
def test_film_of_another_name_beside_the_film_is_named(film, tmp_path):
    """A film that loses its heat locally may have holes: what lies in them is not read."""
    mesh = film.copy()
    row = np.flatnonzero(~np.isin(film.parts["film"], rims(film)).any(axis=1))[0]
    mesh.parts["monitor"] = film.parts["film"][[row]]
    mesh.parts["film"] = np.delete(film.parts["film"], row, axis=0)
    path = write(mesh, tmp_path / "film.msh")
    found = prepare(load_config(SHEET, [f"geometry.mesh={path}", "mesh.degree=1"], Config), COMM)
    (remark,) = found.device.remarks
    assert re.match(
        r'geometry.mesh: its region "monitor" beside the film, at \(.*\), is no', remark
    )


def rims(film):
    """Nodes of all lines, and of pad and substrate."""
    return np.concatenate([rows.reshape(-1) for name, rows in film.parts.items() if name != "film"])


@pytest.mark.serial
def test_mesh_that_passes_closes(film, tmp_path):
    """Of meshes with faults drawn at random, those that pass have none that counts."""
    draw, passed = random.Random(1), 0
    for _ in range(60):
        mesh = malformed(film, draw)
        try:
            prepared(write(mesh, tmp_path / "film.msh"))
        except InputError:
            continue
        passed += 1
        assert closes(mesh, draw)
    assert 0 < passed < 30


@pytest.mark.serial
def test_truth_sees_what_does_not_close(film):
    draw = random.Random(1)
    assert closes(film, draw)
    for fault in REFUSED:
        if fault.__name__ in ("split_film", "split_substrate", "hairline", "overlay"):
            mesh = film.copy()
            fault(mesh, draw)
            assert not closes(mesh, draw), fault.__name__
