"""Degrees of freedom at nodes and edges of a linear triangle mesh that are known one by one."""

import dolfinx
from dolfinx import fem

import numpy as np
import numpy.typing as npt

Indices = npt.NDArray[np.int32]


def vertex_dofs(space: fem.FunctionSpace) -> Indices:
    """Degree of freedom of a scalar Lagrange space at each node of the mesh."""
    geometry = space.mesh.geometry
    nodes = geometry.dofmaps[0]
    found = np.zeros(len(geometry.x), dtype=np.int32)
    found[nodes] = space.dofmap.list[:, : nodes.shape[1]]
    return found


def edge_dofs(space: fem.FunctionSpace, facets: Indices, nodes: Indices) -> Indices:
    """Degree of freedom of a quadratic Lagrange space on each edge of a chain of nodes.

    Parameters
    ----------
    space : FunctionSpace
    facets : ndarray
        The edges of the chain, in any order.
    nodes : ndarray, shape (n,)
        Indices of the nodes of the chain among those of this rank, -1 where it has none.

    Returns
    -------
    ndarray, shape (n - 1,)
        -1 for the edges that are not on this rank.
    """
    mesh = space.mesh
    mesh.topology.create_connectivity(1, 2)
    mesh.topology.create_connectivity(2, 1)
    ends = dolfinx.mesh.entities_to_geometry(mesh, 1, facets)
    position = np.full(len(mesh.geometry.x), len(nodes), dtype=np.int32)
    position[nodes[nodes >= 0]] = np.flatnonzero(nodes >= 0)
    cells_of, edges_of = mesh.topology.connectivity(1, 2), mesh.topology.connectivity(2, 1)
    found = np.full(len(nodes) - 1, -1, dtype=np.int32)
    for facet, segment in zip(facets, position[ends].min(axis=1), strict=True):
        cell = cells_of.links(facet)[0]
        local = int(np.flatnonzero(edges_of.links(cell) == facet)[0])
        found[segment] = space.dofmap.list[cell, 3 + local]
    return found
