"""Places in a device at which functions on its mesh are evaluated."""

from collections.abc import Sequence

from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device

_TOLERANCE = 1e-9  # of an element's size, so that a place on a side belongs to both its elements

Array = npt.NDArray[np.float64]


class Probes:
    """Places in a device of triangles, on whichever ranks have them. Collective.

    Parameters
    ----------
    device : Device
        Where it is a part of a symmetric one, a place is that of its image in the part.
    places : sequence of (float, float)
        Coordinates [m].

    Attributes
    ----------
    inside : ndarray of bool, shape (n,)
        Which places are in the device.
    """

    def __init__(self, device: Device, places: Sequence[tuple[float, float]]) -> None:
        mesh, self._comm = device.mesh, device.mesh.comm
        x = np.zeros((len(places), 3))
        x[:, :2] = np.reshape(places, (-1, 2))
        for axis, copies in enumerate(device.copies):
            if copies == 2 or (device.axisymmetric and axis == 0):
                x[:, axis] = np.abs(x[:, axis])
        owned = mesh.topology.index_map(2).size_local
        a, b, c = np.moveaxis(mesh.geometry.x[mesh.geometry.dofmaps[0][:owned, :3], :2], 1, 0)
        self._places, self._cells = x, np.full(len(x), -1, dtype=np.int32)
        if owned:
            # Barycentric coordinates of every place in every element.
            d, e, p = b - a, c - a, x[:, None, :2] - a
            area = d[:, 0] * e[:, 1] - d[:, 1] * e[:, 0]
            second = (p[..., 0] * e[:, 1] - p[..., 1] * e[:, 0]) / area
            third = (d[:, 0] * p[..., 1] - d[:, 1] * p[..., 0]) / area
            depth = np.minimum(np.minimum(second, third), 1 - second - third)
            best = depth.argmax(axis=1)
            found = np.take_along_axis(depth, best[:, None], axis=1)[:, 0] >= -_TOLERANCE
            self._cells[found] = best[found]
        self._ranks = self._comm.allreduce((self._cells >= 0).astype(np.int64))
        self.inside: npt.NDArray[np.bool_] = self._ranks > 0

    def __call__(self, function: fem.Function) -> Array:
        """Evaluate a continuous function, shape (n, components); NaN outside. Collective."""
        here = self._cells >= 0
        size = function.function_space.value_size
        values = np.zeros((len(self._cells), size))
        if here.any():
            values[here] = function.eval(self._places[here], self._cells[here]).reshape(-1, size)
        total = self._comm.allreduce(values)
        with np.errstate(invalid="ignore"):
            return total / self._ranks[:, None]
