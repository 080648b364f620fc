"""Distribution of a film's rows over the ranks: each with its owner, or all of them everywhere."""

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


class Layout:
    """Rows of nodes, either each with the rank that owns it or all of them on every rank.

    A dense operator needs all rows anyway: then the linear algebra is replicated, its vectors
    live on a communicator of one, and ranks talk only to assemble.

    Parameters
    ----------
    comm : MPI.Comm
        Of the mesh.
    owned : int
        Number of nodes of this rank.
    replicated : bool
    """

    def __init__(self, comm: MPI.Comm, owned: int, replicated: bool) -> None:
        self.replicated, self._mesh_comm = replicated, comm
        self.comm = MPI.COMM_SELF if replicated else comm
        self._counts = comm.allgather(owned)
        self._start = sum(self._counts[: comm.rank])
        self.owned_nodes = owned
        self.nodes = sum(self._counts) if replicated else owned

    def gather(self, owned: Array) -> Array:
        """Bring rows of the owned nodes into this layout."""
        if not self.replicated:
            return owned
        whole = np.empty((self.nodes, *owned.shape[1:]))
        width = int(np.prod(owned.shape[1:]))
        counts = [width * count for count in self._counts]
        self._mesh_comm.Allgatherv(np.ascontiguousarray(owned), (whole, counts))
        return whole

    def owned(self, rows: Array) -> Array:
        """Rows of the nodes that this rank owns."""
        return rows[self._start : self._start + self.owned_nodes] if self.replicated else rows

    def all_rows(self, rows: Array) -> Array:
        """Rows of all nodes on every rank, in the order of the ranks."""
        return rows if self.replicated else np.concatenate(self._mesh_comm.allgather(rows))

    def agree(self, rows: Array) -> Array:
        """Rank 0's copy of replicated rows: ranks on unlike processors differ in the last bit."""
        if self.replicated:
            self._mesh_comm.Bcast(rows)
        return rows

    def dot(self, a: Array, b: Array) -> float:
        """Inner product over all nodes."""
        return float(self.comm.allreduce(np.vdot(a, b)))
