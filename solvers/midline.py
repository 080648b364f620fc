"""The film's mid-line: how much of it is hot."""

from itertools import pairwise

from dolfinx import fem

import numpy as np
import numpy.typing as npt

from meshes.device import Device

Array = npt.NDArray[np.float64]


class Midline:
    """Node pairs along the boundary ``midline``, every piece on the rank that owns its facet.

    Parameters
    ----------
    device : Device
        With a boundary of that name.
    space : FunctionSpace
        Lagrange; a quadratic edge is two pieces.
    """

    def __init__(self, device: Device, space: fem.FunctionSpace) -> None:
        self._comm, self._copies = device.mesh.comm, device.copies[0]
        topology = device.mesh.topology
        dim, facets = device.entities("midline")
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

    def length_above(self, temperature: Array, threshold: float) -> float:
        """Length [m] of the whole device's mid-line above a threshold, linear between nodes.

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
        return float(self._copies * self._comm.allreduce(np.sum(share * self._lengths)))
