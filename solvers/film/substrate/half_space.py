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
from mitmodels.solvers.film.interfaces import Array, Layout
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace, replicate, symmetric_lu
from mitmodels.solvers.petsc import destroy_with, solve, use_lu


class HeatUnknown:
    """Substrate whose heat is the unknown, steady or within a time step: T = T0 + history + S b.

    Parameters
    ----------
    film : ElectrothermalFilm
    layout : Layout
    inverse : DenseInverse or _MatrixFreeInverse
        S, and the solver of J; its ``factor``, ``multiply`` and ``solve`` are the substrate's.
    """

    patience = 12

    def __init__(
        self, film: ElectrothermalFilm, layout: Layout, inverse: "DenseInverse | _MatrixFreeInverse"
    ) -> None:
        self.layout, self.ambient, self.scale = layout, film.ambient, film.power_scale
        self.temperature_of_heat = inverse.temperature
        self.factor, self.multiply, self.solve = inverse.factor, inverse.multiply, inverse.solve
        self.history: Array | float = 0.0
        self.start = layout.gather(film.fields)
        self.start[:, 1] = 0.0

    def temperature(self, unknown: Array) -> Array:
        """T0 + history + S b."""
        return self.ambient + self.history + self.temperature_of_heat(unknown)

    def heat(self, unknown: Array) -> Array:
        """The unknown itself."""
        return unknown


class HalfSpaceSubstrate(HeatUnknown):
    """Steady half-space or slab.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of ``operator``'s plan.
    operator : HalfSpace
    boundary_resistance : float
        Between film or pads and the surface [m2 K/W]: they are warmer by it times the heat flux.
    """

    def __init__(
        self, film: ElectrothermalFilm, operator: HalfSpace, boundary_resistance: float = 0.0
    ) -> None:
        self.operator, layout = operator, operator.layout
        areas = layout.gather(film.node_areas("film", *film.pads))
        boundary = film.power_scale * boundary_resistance / areas
        inverse: DenseInverse | _MatrixFreeInverse
        surface = operator.matrix
        if surface is None:
            inverse = _MatrixFreeInverse(film, operator, boundary)
        else:
            surface *= film.power_scale
            surface[np.diag_indices_from(surface)] += boundary
            inverse = DenseInverse(surface)
        super().__init__(film, layout, inverse)


class DenseInverse:
    """Potential eliminated exactly, heat by a lagged dense factorisation, on every rank alike.

    ``S`` maps the heat to the temperature.
    """

    def __init__(self, surface: Array) -> None:
        self.S = surface

    def temperature(self, heat: Array) -> Array:
        """S b [K]."""
        return self.S @ heat

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


class _MatrixFreeInverse:
    """Potential eliminated by a distributed solve, heat left to the Krylov method."""

    def __init__(self, film: ElectrothermalFilm, operator: HalfSpace, boundary: Array) -> None:
        self._operator, self._scale, self._boundary = operator, film.power_scale, boundary
        first, comm = 2 * film.space.dofmap.index_map.local_range[0], film.comm
        self._rows = PETSc.IS().createStride(film.owned, first, 2, comm=comm)
        self._columns = PETSc.IS().createStride(film.owned, first + 1, 2, comm=comm)
        self._ksp = PETSc.KSP().create(comm)
        use_lu(self._ksp, "film_potential_", film.matrix.getSize()[0] // 2)
        self._matrix, self._potential, self._heat = (PETSc.Mat() for _ in range(3))
        self._x = PETSc.Vec().createMPI((film.owned, None), comm=comm)
        self._b = self._x.duplicate()
        self._change, self._product = film.matrix.createVecs()
        destroy_with(self, self._ksp, self._matrix, self._potential, self._heat)
        destroy_with(self, self._rows, self._columns, self._x, self._b)
        destroy_with(self, self._change, self._product)

    def temperature(self, heat: Array) -> Array:
        return self._scale * self._operator(heat) + self._boundary * heat

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:  # noqa: ARG002
        matrix.convert(PETSc.Mat.Type.AIJ, self._matrix)
        self._matrix.createSubMatrix(self._rows, self._rows, self._potential)
        self._matrix.createSubMatrix(self._columns, self._rows, self._heat)
        self._ksp.setOperators(self._potential)

    def multiply(self, change: Array) -> Array:
        self._change.array_w = change.reshape(-1)
        self._matrix.mult(self._change, self._product)
        return self._product.array_r.reshape(-1, 2).copy()

    def solve(self, rhs: Array) -> Array:
        self._b.array_w = rhs[:, 0]
        solve(self._ksp, self._b, self._x, "the film's potential")
        potential = self._x.array_r.copy()
        self._heat.mult(self._x, self._b)
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
    return np.arange(numbering.size_local + numbering.num_ghosts, dtype=np.int32)
