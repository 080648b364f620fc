"""Places in a mesh at which functions are evaluated, on any number of ranks."""

from mpi4py import MPI

from dolfinx import fem

import numpy as np

from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.meshes.probes import Probes


def test_linear_function_is_exact_at_every_place():
    """Also on corners and sides, which several ranks have, and on the images of a quarter."""
    channel = PlanarChannel(
        length=4.0, width=2.0, thickness=1.0, pad_length=1.0, far=0.0, size=0.5,
        edge_size=0.5,
        cells_across=3, domain="quarter",
    )  # fmt: skip
    device = channel.build(MPI.COMM_WORLD)
    function = fem.Function(fem.functionspace(device.mesh, ("Lagrange", 1, (2,))))
    function.interpolate(lambda x: np.stack([1 + x[0] + 2 * x[1], x[1]]))
    places = [(0, 0), (0.3, 0.4), (-0.3, 0.4), (2.0, -1.0), (2.7, 0.99), (9.0, 0.0)]
    probes = Probes(device, places)
    assert probes.inside.tolist() == [True] * 5 + [False]
    x, y = np.abs(places[:5]).T
    values = probes(function)
    assert np.allclose(values[:5], np.column_stack([1 + x + 2 * y, y]), rtol=1e-12)
    assert np.isnan(values[5]).all()
