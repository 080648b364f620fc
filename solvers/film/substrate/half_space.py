r"""Half-space substrate of a film: the heat b into the substrate is the unknown, T = T(b).

With A the film's Jacobian, the Newton system on (psi, b) is J = A diag(1, dT/db) + diag(0, 1), an
integral equation of the second kind.
"""

from functools import cached_property

from petsc4py import PETSc

import dolfinx
from dolfinx import fem

import numpy as np
import numpy.typing as npt
import scipy

from mitmodels.film.conductivity import TabulatedConductivity
from mitmodels.meshes.device import Device
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Layout, Outside, TemperatureOfHeat
from mitmodels.solvers.film.substrate.banded import Band, BandedCholesky, band_order
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.kirchhoff import (
    HalfSpaceProperties,
    KirchhoffDerivative,
    Load,
    SpreadDerivative,
    SymmetricDerivative,
)
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace, replicate
from mitmodels.solvers.petsc import TransposedSolver, destroy_with, set_matrix, solve, use_lu


class HeatUnknown:
    """Substrate whose heat is the unknown, steady or within a time step.

    Parameters
    ----------
    film : ElectrothermalFilm
    layout : Layout
    inverse : DenseInverse or LocalLossInverse
        Solver of J; its ``factor``, ``multiply`` and ``solve`` are the substrate's, and the
        transposed ones.
    """

    patience = 12

    def __init__(
        self, film: ElectrothermalFilm, layout: Layout, inverse: "DenseInverse | LocalLossInverse"
    ) -> None:
        self.layout, self.ambient, self.scale = layout, film.ambient, film.power_scale
        self.factor, self.multiply, self.solve = inverse.factor, inverse.multiply, inverse.solve
        self.multiply_transposed = inverse.multiply_transposed
        self.solve_transposed = inverse.solve_transposed
        self.start = layout.gather(film.fields)
        self.start[:, 1] = 0.0

    def heat(self, unknown: Array) -> Array:
        """The unknown itself."""
        return unknown


class HalfSpaceSubstrate(HeatUnknown):
    """Steady half-space or slab.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of ``operator``'s plan.
    operator : HalfSpace or FourierOperator
    conductivity : TabulatedConductivity
        kappa(T).
    boundary_resistance : float
        Between film or pads and the surface [m2 K/W]: they are warmer by it times the heat flux.
    mount_resistance : float
        Between the back of the substrate, or what is far away, and the ambient [K/W].

    Attributes
    ----------
    outside : Outside
        What heat from elsewhere does, nothing at first.
    """

    def __init__(
        self,
        film: ElectrothermalFilm,
        operator: HalfSpace | FourierOperator,
        conductivity: TabulatedConductivity,
        boundary_resistance: float = 0.0,
        mount_resistance: float = 0.0,
    ) -> None:
        self.operator, layout = operator, operator.layout
        resistances = boundary_resistance, mount_resistance
        self.properties = HalfSpaceProperties(conductivity, film.ambient, *resistances)
        areas = layout.gather(film.node_areas("film", *film.pads))
        # The corners of quadratic elements have no area.
        self._per_area = 1 / areas if boundary_resistance else 0.0 * areas
        self._boundary = boundary_resistance * self._per_area
        self.outside = Outside()
        dense = operator.matrix is not None
        super().__init__(film, layout, DenseInverse() if dense else LocalLossInverse(film))

    def temperature(self, unknown: Array) -> Array:
        """Temperature by Kirchhoff's transform, see `kirchhoff`."""
        return self.properties.temperature(self.load(unknown))

    def load(self, unknown: Array) -> Load:
        """What the heat does to the surface, whatever the substrate is made of."""
        heat = self.scale * unknown
        rise = self.operator(heat) + self.outside.rise
        return Load(rise, self._per_area * heat, self._total(heat) + self.outside.heat)

    def derivative(self, unknown: Array, temperature: Array, /) -> KirchhoffDerivative:
        """Derivative by the heat at a state."""
        heat, properties = self.scale * unknown, self.properties
        law, mount = properties.conductivity, properties.mount_resistance
        base = properties.base(self._total(heat) + self.outside.heat) if mount else self.ambient
        return KirchhoffDerivative(
            self.operator,
            self.operator.matrix,
            self._total,
            1 / law(temperature - self._boundary * heat),
            mount * float(law(base)),
            self._boundary,
            self.scale,
        )

    def _total(self, heat: Array) -> float:
        return self.layout.dot(np.ones_like(heat), heat)


class DenseInverse:
    """Potential eliminated exactly, heat by a lagged dense factorisation, on every rank alike.

    The factors only precondition and are of single precision, half the work and memory.
    """

    def factor(self, matrix: PETSc.Mat, by_heat: TemperatureOfHeat, renew: bool) -> None:
        """Factorise the potential block, and the heat block if it is to be renewed."""
        self.A = A = replicate(matrix)
        self._by_heat = by_heat
        self._potential = BandedCholesky(self._band, A)
        if renew:
            assert isinstance(by_heat, KirchhoffDerivative | SymmetricDerivative)
            self._lu = scipy.linalg.lapack.sgetrf(self._reduced(by_heat.matrix), overwrite_a=1)[:2]

    @cached_property
    def _order(self) -> npt.NDArray[np.int32]:
        """Unknowns of the potential in the order of the factorisation."""
        return 2 * band_order(self.A[0::2, 0::2])

    @cached_property
    def _band(self) -> Band:
        return Band(self.A, self._order)

    def _reduced(self, by_heat: Array) -> npt.NDArray[np.float32]:
        """Jacobian of the heat [W/W] without the potential, in single precision."""
        A, S = self.A.astype(np.float32), by_heat.astype(np.float32)
        from_T = A[:, 1::2] @ S
        potential = self._potential.solve(from_T[self._order])
        reduced = from_T[1::2] - A[1::2][:, self._order] @ potential
        reduced[np.diag_indices_from(reduced)] += 1.0
        return reduced

    def multiply(self, change: Array) -> Array:
        """Apply the film's Jacobian to changes of psi and T."""
        return (self.A @ change.reshape(-1)).reshape(-1, 2)

    def multiply_transposed(self, rows: Array) -> Array:
        """Apply the film's transposed Jacobian to multipliers of its rows."""
        return np.asarray(self.A.T @ rows.reshape(-1)).reshape(-1, 2)

    def solve_transposed(self, rhs: Array) -> Array:
        """Approximate J^-T by elimination of the potential, whose block is symmetric."""
        found, order, transposed = np.zeros(rhs.size), self._order, self.A.T
        rows = rhs.reshape(-1)
        found[order] = self._potential.solve(rows[order])
        load = rhs[:, 1] - self._by_heat.transposed((transposed @ found)[1::2])
        single = load.astype(np.float32)
        found[order] = 0.0
        found[1::2] = scipy.linalg.lapack.sgetrs(*self._lu, single, trans=1, overwrite_b=1)[0]
        found[order] = self._potential.solve((rows - transposed @ found)[order])
        return found.reshape(-1, 2)

    def solve(self, rhs: Array) -> tuple[Array, Array]:
        """Approximate J^-1 by elimination of the potential."""
        rows, order, fields = rhs.reshape(-1), self._order, np.zeros(rhs.size)
        fields[order] = self._potential.solve(rows[order])
        load = (rows - self.A @ fields)[1::2].astype(np.float32)
        heat = scipy.linalg.lapack.sgetrs(*self._lu, load, overwrite_b=1)[0].astype(float)
        fields[1::2] = self._by_heat(heat)
        fields[order] += self._potential.solve((rows - self.A @ fields)[order])
        return np.column_stack([fields[0::2], heat]), fields.reshape(-1, 2)


class LocalLossInverse:
    """Inverse of J with a local heat loss in the place of the substrate, a preconditioner of it.

    The loss of a node is that of its own area alone on the substrate, the disc of Carslaw and
    Jaeger: short waves, which conduction in the pads makes stiff, see no more of it.

    Parameters
    ----------
    film : ElectrothermalFilm
    """

    def __init__(self, film: ElectrothermalFilm) -> None:
        copies = np.prod(film.device.copies)
        self._areas = film.node_areas("film", *film.pads)
        self._discs = 4 * np.sqrt(copies / np.pi * self._areas)  # [m]
        self._ksp = PETSc.KSP().create(film.comm)
        use_lu(self._ksp, "film_with_loss_", film.matrix.getSize()[0])
        self._solve_transposed = TransposedSolver(self._ksp, "film_with_loss_transposed_")
        self._matrix, self._lossy = PETSc.Mat(), PETSc.Mat()
        self._x, self._b = film.matrix.createVecs()
        destroy_with(self, self._ksp, self._matrix, self._lossy, self._x, self._b)

    def factor(self, matrix: PETSc.Mat, by_heat: TemperatureOfHeat, renew: bool) -> None:
        """Keep J; renew the factors of the film with its loss if asked to."""
        self._by_heat = by_heat
        matrix.convert(PETSc.Mat.Type.AIJ, self._matrix)
        if not renew:
            return
        assert isinstance(by_heat, KirchhoffDerivative | SpreadDerivative)
        self._loss = by_heat.conductance(self._discs, self._areas)
        self._x.zeroEntries()
        self._x.array_w[1::2] = self._loss
        self._matrix.convert(PETSc.Mat.Type.AIJ, self._lossy)
        self._lossy.setDiagonal(self._x, PETSc.InsertMode.ADD)
        set_matrix(self._ksp, self._lossy, "the linearised film")
        self._solve_transposed.renew = True

    def multiply(self, change: Array) -> Array:
        """Apply the film's Jacobian to changes of psi and T."""
        self._x.array_w = change.reshape(-1)
        self._matrix.mult(self._x, self._b)
        return self._b.array_r.reshape(-1, 2).copy()

    def solve(self, rhs: Array) -> tuple[Array, Array]:
        """Approximate J^-1: the heat is that of the local loss, its temperature the true one."""
        self._b.array_w = rhs.reshape(-1)
        solve(self._ksp, self._b, self._x, "the linearised film")
        potential, temperature = self._x.array_r.reshape(-1, 2).T.copy()
        heat = self._loss * temperature
        dT = self._by_heat(heat)
        return np.column_stack([potential, heat]), np.column_stack([potential, dT])

    def multiply_transposed(self, rows: Array) -> Array:
        """Apply the film's transposed Jacobian to multipliers of its rows."""
        self._b.array_w = rows.reshape(-1)
        self._matrix.multTranspose(self._b, self._x)
        return self._x.array_r.reshape(-1, 2).copy()

    def solve_transposed(self, rhs: Array) -> Array:
        """Approximate J^-T: that of the film with its loss."""
        self._x.array_w = np.column_stack([rhs[:, 0], self._loss * rhs[:, 1]]).reshape(-1)
        self._solve_transposed(self._x, self._b, "the linearised film")
        return self._b.array_r.reshape(-1, 2).copy()


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
