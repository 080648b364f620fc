r"""Half-space substrate of a film: the heat b into the substrate is the unknown, T = T0 + S b.

With A the film's Jacobian, the Newton system on (psi, b) is J = A diag(1, S) + diag(0, 1), an
integral equation of the second kind.
"""

from petsc4py import PETSc

import dolfinx
from dolfinx import fem

import numpy as np
import numpy.typing as npt
import scipy.linalg

from mitmodels.meshes.device import Device
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace, replicate, symmetric_lu

Array = npt.NDArray[np.float64]


class HalfSpaceSubstrate:
    """Maps heat to temperature with a `HalfSpace` and solves the Newton system.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of ``operator``'s plan.
    operator : HalfSpace
    boundary_resistance : float
        Between film or pads and the surface [m2 K/W]: they are warmer by it times the heat flux.
    """

    patience = 12

    def __init__(
        self, film: ElectrothermalFilm, operator: HalfSpace, boundary_resistance: float = 0.0
    ) -> None:
        self.operator, self.ambient = operator, film.ambient
        self.layout, self.scale = operator.layout, film.power_scale
        self.start = self.layout.gather(film.fields)
        self.start[:, 1] = 0.0
        areas = self.layout.gather(film.node_areas("film", *film.pads))
        self._boundary = self.scale * boundary_resistance / areas
        self._inverse: DenseInverse | _Sparse
        if operator.matrix is None:
            self._inverse = _Sparse(film)
        else:
            surface = self.scale * operator.matrix
            surface[np.diag_indices_from(surface)] += self._boundary
            self._inverse = DenseInverse(surface)

    def temperature(self, unknown: Array) -> Array:
        """T0 + S b."""
        return self.ambient + self.push(unknown)

    def push(self, change: Array) -> Array:
        """S b [K] for b in units of the reference power."""
        return self.scale * self.operator(change) + self._boundary * change

    def pull(self, gradient: Array) -> Array:
        """S is symmetric."""
        return self.push(gradient)

    def heat(self, unknown: Array) -> Array:
        """The unknown itself."""
        return unknown

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:
        """Factorise the potential block, and the heat block if it is to be renewed."""
        self._inverse.factor(matrix, renew)

    def multiply(self, change: Array) -> Array:
        """Apply the film's Jacobian to changes of psi and T."""
        return self._inverse.multiply(change)

    def solve(self, rhs: Array) -> Array:
        """Approximate J^-1 by elimination of the potential."""
        return self._inverse.solve(rhs)


class DenseInverse:
    """Potential eliminated exactly, heat by a lagged dense factorisation, on every rank alike.

    ``S`` maps the heat to the temperature.
    """

    def __init__(self, surface: Array) -> None:
        self.S = surface

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:
        """Factorise the potential block, and the heat block if it is to be renewed."""
        self.A = A = replicate(matrix)
        self.p = symmetric_lu(A[0::2, 0::2])
        self.pT, self.Tp = A[0::2, 1::2], A[1::2, 0::2]
        if renew:
            reduced = A[1::2, 1::2] @ self.S - self.Tp @ self.p.solve(self.pT @ self.S)
            reduced[np.diag_indices_from(reduced)] += 1.0
            self.lu = scipy.linalg.lu_factor(reduced, overwrite_a=True, check_finite=False)

    def multiply(self, change: Array) -> Array:
        """Apply the film's Jacobian to changes of psi and T."""
        return (self.A @ change.reshape(-1)).reshape(-1, 2)

    def solve(self, rhs: Array) -> Array:
        """Approximate J^-1 by elimination of the potential."""
        potential = self.p.solve(np.ascontiguousarray(rhs[:, 0]))
        load = rhs[:, 1] - self.Tp @ potential
        heat = scipy.linalg.lu_solve(self.lu, load, check_finite=False)
        potential -= self.p.solve(self.pT @ (self.S @ heat))
        return np.column_stack([potential, heat])


class _Sparse:
    """Potential eliminated by a distributed solve, heat left to the Krylov method."""

    def __init__(self, film: ElectrothermalFilm) -> None:
        first = 2 * film.space.dofmap.index_map.local_range[0]
        self._rows = PETSc.IS().createStride(film.owned, first, 2, comm=film.comm)
        self._columns = PETSc.IS().createStride(film.owned, first + 1, 2, comm=film.comm)
        self._ksp = PETSc.KSP().create(film.comm)
        self._ksp.setType(PETSc.KSP.Type.PREONLY)
        self._ksp.setErrorIfNotConverged(True)
        self._ksp.getPC().setType(PETSc.PC.Type.LU)
        self._ksp.getPC().setFactorSolverType("mumps")
        self._ksp.setOptionsPrefix("film_potential_")
        self._ksp.setFromOptions()
        self._matrix = PETSc.Mat()
        self._blocks: tuple[PETSc.Mat, ...] = ()

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:  # noqa: ARG002
        for block in self._blocks:
            block.destroy()
        self._matrix = matrix = matrix.convert(PETSc.Mat.Type.AIJ, self._matrix)
        self._blocks = (
            matrix.createSubMatrix(self._rows, self._rows),
            matrix.createSubMatrix(self._columns, self._rows),
        )
        self._ksp.setOperators(self._blocks[0])
        self._b, self._x = self._blocks[0].createVecs()
        self._change, self._product = matrix.createVecs()

    def multiply(self, change: Array) -> Array:
        self._change.array_w = change.reshape(-1)
        self._matrix.mult(self._change, self._product)
        return self._product.array_r.reshape(-1, 2).copy()

    def solve(self, rhs: Array) -> Array:
        self._b.array_w = rhs[:, 0]
        self._ksp.solve(self._b, self._x)
        potential = self._x.array_r.copy()
        self._blocks[1].mult(self._x, self._b)
        return np.column_stack([potential, rhs[:, 1] - self._b.array_r])


def film_nodes(
    film: fem.FunctionSpace, plan: Device, cells: dolfinx.mesh.EntityMap
) -> npt.NDArray[np.int64]:
    """Global plan degrees of freedom of the film's owned nodes."""
    space = fem.functionspace(plan.mesh, ("Lagrange", film.element.basix_element.degree))
    parents = cells.sub_topology_to_topology(_local(film.mesh.topology.index_map(2)), inverse=False)
    numbering = film.dofmap.index_map
    nodes = np.empty(len(_local(numbering)), dtype=np.int32)
    nodes[film.dofmap.list] = space.dofmap.list[parents]
    return space.dofmap.index_map.local_to_global(nodes[: numbering.size_local])


def _local(numbering: dolfinx.common.IndexMap) -> npt.NDArray[np.int32]:
    """Local indices, ghosts included."""
    return np.arange(numbering.size_local + numbering.num_ghosts, dtype=np.int32)
