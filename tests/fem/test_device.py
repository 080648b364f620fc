"""The device: weighted measures, names, and the part of it that one keeps."""

from mpi4py import MPI

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.io.gmsh import PhysicalGroup

import numpy as np
import pytest

from mitmodels.meshes.device import Device, UnknownNameError

LEFT, RIGHT, SIDE = 1, 2, 3


def unit_square(**settings):
    """Two named halves of a unit square, its right side, and the line between the halves."""
    mesh = dolfinx.mesh.create_unit_square(MPI.COMM_WORLD, 8, 8)
    middles = dolfinx.mesh.compute_midpoints(mesh, 2, np.arange(_count(mesh, 2), dtype=np.int32))
    cells = np.where(middles[:, 0] < 0.5, LEFT, RIGHT).astype(np.int32)
    mesh.topology.create_entities(1)
    side = dolfinx.mesh.locate_entities(mesh, 1, lambda x: np.isclose(x[0], 1.0))
    between = dolfinx.mesh.locate_entities(mesh, 1, lambda x: np.isclose(x[0], 0.5))
    facets = np.concatenate([side, between])
    values = np.repeat([SIDE, SIDE + 1], [len(side), len(between)]).astype(np.int32)
    order = np.argsort(facets)
    tags = (
        dolfinx.mesh.meshtags(mesh, 2, np.arange(len(cells), dtype=np.int32), cells),
        dolfinx.mesh.meshtags(mesh, 1, facets[order], values[order]),
        None,
    )
    names = {
        "left": PhysicalGroup(2, LEFT),
        "right": PhysicalGroup(2, RIGHT),
        "side": PhysicalGroup(1, SIDE),
        "between": PhysicalGroup(1, SIDE + 1),
        "corner": PhysicalGroup(0, 9),
    }
    return Device(mesh, tags, names, **settings)


def _count(mesh, dim):
    numbering = mesh.topology.index_map(dim)
    return numbering.size_local + numbering.num_ghosts


def total(device, form):
    return device.mesh.comm.allreduce(fem.assemble_scalar(fem.form(form)))


@pytest.mark.three_ranks
def test_planar_measures_carry_thickness_and_copies():
    device = unit_square(thickness=0.1, copies=(2, 2))
    x = ufl.SpatialCoordinate(device.mesh)[0]
    found = {
        "volume": total(device, 1.0 * device.dx()),
        "volume of a region": total(device, 1.0 * device.dx("left")),
        "moment of a region": total(device, x * device.dA("right")),
        "area of two regions": total(device, 1.0 * device.dA("left", "right")),
        "side": total(device, 1.0 * device.ds("side")),
        "length": total(device, 1.0 * device.dl("side")),
        "all sides": total(device, 1.0 * device.dl()),
        "interior": total(device, 1.0 * device.dS("between")),
    }
    exact = {
        "volume": 0.4,
        "volume of a region": 0.2,
        "moment of a region": 4 * 0.375,
        "area of two regions": 4.0,
        "side": 0.4,
        "length": 4.0,
        "all sides": 16.0,
        "interior": 0.4,
    }
    assert found == pytest.approx(exact, rel=1e-12)


def test_axisymmetric_measures_are_those_of_the_cylinder():
    device = unit_square(axisymmetric=True)
    assert total(device, 1.0 * device.dx()) == pytest.approx(np.pi, rel=1e-12)
    assert total(device, 1.0 * device.dx("left")) == pytest.approx(np.pi / 4, rel=1e-12)
    assert total(device, 1.0 * device.ds("side")) == pytest.approx(2 * np.pi, rel=1e-12)
    assert total(device, 1.0 * device.dS("between")) == pytest.approx(np.pi, rel=1e-12)


def test_unknown_names_are_refused_with_those_that_exist():
    device = unit_square()
    message = "the mesh has no part called 'film': it has between, corner, left, right, side"
    for access in (device.dx, device.dA, device.ds, device.entities, device.restrict):
        with pytest.raises(UnknownNameError, match=message):
            access("film")


@pytest.mark.serial
def test_names_of_the_wrong_kind_are_refused():
    device = unit_square()
    with pytest.raises(UnknownNameError, match="'side' is not a region of the mesh"):
        device.dx("side")
    with pytest.raises(UnknownNameError, match="'left' is not a boundary of the mesh"):
        device.ds("left")


@pytest.mark.three_ranks
def test_degrees_of_freedom_of_named_parts():
    device = unit_square()
    space = fem.functionspace(device.mesh, ("Lagrange", 2))
    owned = space.dofmap.index_map.size_local
    x = space.tabulate_dof_coordinates()

    def count(*names):
        dofs = device.dofs(space, *names)
        return device.mesh.comm.allreduce(int((dofs < owned).sum()))

    assert count("side") == 17
    assert count("side", "between") == 34
    assert count("left", "right") == 17 * 17
    assert count("corner") == count() == 0
    assert np.allclose(x[device.dofs(space, "side"), 0], 1.0)


@pytest.mark.three_ranks
def test_restriction_keeps_the_names_of_the_part():
    device = unit_square(thickness=0.5)
    part, cells = device.restrict("right")
    assert set(part.names) == {"right", "side", "between", "corner"}
    assert total(part, 1.0 * part.dx()) == pytest.approx(0.25, rel=1e-12)
    assert total(part, 1.0 * part.ds("side")) == pytest.approx(0.5, rel=1e-12)
    # What lay inside is now a boundary.
    assert total(part, 1.0 * part.ds("between")) == pytest.approx(0.5, rel=1e-12)
    local = np.arange(_count(part.mesh, 2), dtype=np.int32)
    parents = cells.sub_topology_to_topology(local, inverse=False)
    assert set(parents) <= set(device.entities("right")[1])
