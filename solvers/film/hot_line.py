"""A line through the film: how much of it is hot, and where."""

from itertools import pairwise

from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device

Array = npt.NDArray[np.float64]


class HotLine:
    """Node pairs along a named line, every piece on the rank that owns its facet.

    Parameters
    ----------
    device : Device
    space : FunctionSpace
        Lagrange; a quadratic edge is two pieces.
    name : str
        Of a boundary of the device.
    axis : int
        Coordinate that runs along the line, in which the device may be a half.
    """

    def __init__(self, device: Device, space: fem.FunctionSpace, name: str, axis: int) -> None:
        self._comm, self._copies = device.mesh.comm, device.copies[axis]
        topology = device.mesh.topology
        dim, facets = device.entities(name)
        facets = facets[facets < topology.index_map(dim).size_local]
        topology.create_connectivity(dim, dim + 1)
        topology.create_connectivity(dim + 1, dim)
        to_cell, to_facet = topology.connectivity(dim, dim + 1), topology.connectivity(dim + 1, dim)
        layout, x = space.dofmap.dof_layout, space.tabulate_dof_coordinates()
        pairs = []
        for facet in facets:
            cell = to_cell.links(facet)[0]
            local = int(np.flatnonzero(to_facet.links(cell) == facet)[0])
            chain = space.dofmap.cell_dofs(cell)[layout.entity_closure_dofs(dim, local)]
            along = np.argsort(np.linalg.norm(x[chain] - x[chain[0]], axis=1))
            pairs += list(pairwise(chain[along]))
        self._nodes = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        self._lengths = np.linalg.norm(x[self._nodes[:, 0]] - x[self._nodes[:, 1]], axis=1)
        self._places = x[self._nodes, axis]

    def above(self, temperature: Array, threshold: float) -> tuple[float, float]:
        """Length [m] of the whole device's line above a threshold and its centre of mass [m].

        The temperature is linear between nodes; the centre is 0 where nothing is hot.

        Parameters
        ----------
        temperature : ndarray
            Of all local nodes, ghosts included [K].
        threshold : float
            In the same unit.
        """
        excess = temperature[self._nodes] - threshold
        low, high = excess.min(axis=1), excess.max(axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(low >= 0, 1.0, np.where(high <= 0, 0.0, high / (high - low)))
        # The hot part of a piece begins at its hotter end.
        hotter = np.take_along_axis(self._places, excess.argmax(axis=1)[:, None], 1)[:, 0]
        colder = self._places.sum(axis=1) - hotter
        centres = hotter + share / 2 * (colder - hotter)
        hot = share * self._lengths
        length, moment = self._comm.allreduce(np.array([hot.sum(), hot @ centres]))
        if not length or self._copies == 2:
            return float(self._copies * length), 0.0
        return float(length), float(moment / length)
