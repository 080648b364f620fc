"""A numbering of nodes that does not depend on how the mesh is distributed."""

from mpi4py import MPI

import basix
from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.errors import RunError
from mitmodels.meshes.mesh_arrays import gathered
from mitmodels.solvers.runs.parallel import on_root

Array = npt.NDArray[np.float64]


class Numbering:
    """Brings rows of nodes into the order of the mesh generator's numbers, and back.

    A node is known by the generator's numbers of the corners of the entity it lies on.

    Parameters
    ----------
    space : FunctionSpace
        Lagrange elements of degree 1 or 2, one block per node.
    """

    def __init__(self, space: fem.FunctionSpace) -> None:
        self.comm: MPI.Comm = space.mesh.comm
        owned = space.dofmap.index_map.size_local
        keys, x = _keys(space)[:owned], space.tabulate_dof_coordinates()[:owned]
        self._counts = self.comm.allgather(owned)
        # On rank 0: order[i] is the position of the i-th node among the rows of all ranks.
        self._order = np.lexsort(gathered(self.comm, keys).T[::-1])
        self.coordinates = self.gather(x)

    def gather(self, owned: Array) -> Array:
        """Rows of all nodes in the common order on rank 0, none elsewhere. Collective."""
        return gathered(self.comm, owned)[self._order]

    def scatter(self, rows: Array) -> Array:
        """Rows of the nodes that this rank owns, from those of all nodes on rank 0. Collective."""
        parts = None
        if self.comm.rank == 0:
            local = np.empty_like(rows)
            local[self._order] = rows
            parts = np.split(local, np.cumsum(self._counts)[:-1])
        return self.comm.scatter(parts)

    def check(self, coordinates: Array) -> None:
        """Make sure that rows belong to this mesh: their nodes are where ours are. Collective.

        Raises
        ------
        RunError
            If they are not.
        """
        on_root(self.comm, lambda: self._compare(coordinates))

    def _compare(self, coordinates: Array) -> None:
        own = self.coordinates
        close = 1e-9 * np.ptp(coordinates)
        if own.shape != coordinates.shape or np.abs(own - coordinates).max() > close:
            raise RunError(
                "the checkpoint belongs to another mesh: go on with the version of Gmsh that the "
                "run began with, or begin a new run"
            )


def _keys(space: fem.FunctionSpace) -> npt.NDArray[np.int64]:
    """Sorted generator's numbers of the corners of the entity of every local node, -1 beyond."""
    mesh, nodes = space.mesh, space.dofmap.list
    numbers = np.asarray(mesh.geometry.input_global_indices, dtype=np.int64)
    corners = numbers[mesh.geometry.dofmaps[0]]
    entities = basix.topology(mesh.basix_cell())
    # Not nodes.max(): a rank of a small mesh may have got no cells.
    size = space.dofmap.index_map.size_local + space.dofmap.index_map.num_ghosts
    keys = np.full((size, len(entities[0])), -1, dtype=np.int64)
    for dim, members in enumerate(entities):
        for i, vertices in enumerate(members):
            for node in space.dofmap.dof_layout.entity_dofs(dim, i):
                keys[nodes[:, node], : len(vertices)] = np.sort(corners[:, vertices], axis=1)
    return keys
