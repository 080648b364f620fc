"""A mesh that was moved comes back from arrays: its nodes, its tags and its curves."""

from mpi4py import MPI

from dolfinx import fem

import numpy as np
import pytest

from mitmodels.meshes.ecm_stack import EcmMesh, EcmStack
from mitmodels.solvers.cell.outline import Outline

NM = 1e-9
COMM = MPI.COMM_WORLD
STACK = EcmStack(radius=8 * NM, oxide=1.5 * NM, counter=3 * NM, active=3 * NM)
REGIONS = ("counter", "filament", "oxide", "active")


def mesh_of_nucleus():
    outline = Outline.nucleus(0.4 * NM, 8).points
    r = np.linspace(0, STACK.radius, 12)
    surface = np.column_stack((r, np.full(12, STACK.oxide)))
    return STACK.build(outline, surface, COMM)


def areas(device):
    """Of every region and boundary that has a name."""
    forms = {name: 1.0 * device.dx(name) for name in REGIONS}
    forms |= {name: 1.0 * device.dS(name) for name in ("outline", "electrode")}
    forms |= {name: 1.0 * device.ds(name) for name in ("bottom", "top")}
    comm = device.mesh.comm
    return {k: comm.allreduce(fem.assemble_scalar(fem.form(v))) for k, v in forms.items()}


@pytest.mark.three_ranks
@pytest.mark.parametrize("target", [COMM, MPI.COMM_SELF], ids=["same ranks", "one rank each"])
def test_moved_mesh_comes_back_with_its_tags(target):
    mesh = mesh_of_nucleus()
    device, geometry = mesh.device, mesh.device.mesh.geometry
    made = geometry.x.copy()
    geometry.x[:] *= 1.25  # similar: every volume and every area has its factor
    expected = areas(device)
    restored = EcmMesh.unpack(COMM.bcast(mesh.pack(geometry.x)), target)
    assert areas(restored.device) == pytest.approx(expected, rel=1e-12)
    assert restored.device.names == device.names
    for curve in ("outline", "electrode"):
        nodes, points = getattr(restored, curve), getattr(restored, f"{curve}_points")
        here = nodes >= 0
        assert target.allreduce(here.astype(int)).min() > 0  # some rank has it
        found = restored.device.mesh.geometry.x[nodes[here], :2]
        np.testing.assert_allclose(found, 1.25 * points[here], rtol=0, atol=1e-6 * NM)
    back = EcmMesh.unpack(COMM.bcast(mesh.pack(made)), target)
    volumes = {name: areas(back.device)[name] for name in REGIONS}
    assert volumes == pytest.approx({k: expected[k] / 1.25**3 for k in REGIONS}, rel=1e-12)


@pytest.mark.three_ranks
def test_same_ranks_get_the_same_cells_again():
    """Else sums in another order would change the last bits of a resumed run."""
    mesh = mesh_of_nucleus()
    x = mesh.device.mesh.geometry.x
    restored = EcmMesh.unpack(COMM.bcast(mesh.pack(x)), COMM)
    np.testing.assert_array_equal(restored.device.mesh.geometry.x, x)
    np.testing.assert_array_equal(
        restored.device.mesh.geometry.dofmaps[0], mesh.device.mesh.geometry.dofmaps[0]
    )
    np.testing.assert_array_equal(restored.outline, mesh.outline)
