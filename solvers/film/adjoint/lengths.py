r"""Derivatives of a substrate's surface operator by lengths, those of its plan and its depth.

A length p of the plan moves points x of the mesh by :math:`\theta = \partial x/\partial p`, and
takes what is at them along. Of the modes :math:`A_j = K + k_j^2 M + \alpha_j F`, whose inverses on
film and pads add up to the operator S with weights :math:`w_j`, UFL derives K and M by the places
of the mesh:

.. math:: S' b = -\sum_j w_j P A_j^{-1} (K' + k_j^2 M') A_j^{-1} P^T b .

The thickness d of a slab scales its modes, :math:`k_j' = -k_j/d`, :math:`w_j' = -w_j/d`, and so
does the radius of the far circle those of a half-space. An operator by Fourier transforms is
derived by differences.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from mpi4py import MPI

import ufl
from dolfinx import fem

import numpy as np
import scipy.sparse as sp
import scipy.sparse.linalg

from mitmodels.meshes.device import Device
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Outside, State
from mitmodels.solvers.film.resistivity import summed
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate
from mitmodels.solvers.film.substrate.quadrature import far_field, far_field_slope
from mitmodels.solvers.film.substrate.surface_operator import (
    HalfSpace,
    array_of,
    plan_arrays,
    plan_forms,
)

_STEP = 1e-5  # of a length, over itself, for differences of operators by Fourier transforms

Motion = Callable[[Array], Array]
"""Displacement of points, shape (n, 2), over the change of a length that moves them."""


@dataclass(frozen=True)
class Length:
    """A length [m] and how it moves the plan, None for the depth of the substrate."""

    value: float
    motion: Motion | None


class Warming:
    """Derivatives by lengths of the temperature of film and pads at a given heat.

    Parameters
    ----------
    film : ElectrothermalFilm
    substrate : HalfSpaceSubstrate
    lengths : sequence of Length
    """

    def __init__(
        self, film: ElectrothermalFilm, substrate: HalfSpaceSubstrate, lengths: Sequence[Length]
    ) -> None:
        self._film, self._substrate, self._lengths = film, substrate, tuple(lengths)
        operator = substrate.operator
        self._operator: DenseDerivative | FourierDerivative
        if isinstance(operator, HalfSpace):
            self._operator = DenseDerivative(operator, self._lengths)
        else:
            self._operator = FourierDerivative(operator, self._lengths)

    def __call__(self, state: State) -> Array:
        """Derivatives [K/m] at a state, shape (lengths, nodes). Collective."""
        unknown, substrate = state.unknown[:, 1], self._substrate
        by_heat = substrate.derivative(unknown, state.fields[:, 1])
        found = self._operator(substrate.scale * unknown)
        rows = np.array([by_heat.from_outside(Outside(rise)) for rise in found])
        if boundary := substrate.properties.boundary_resistance:
            rows -= boundary * substrate.load(unknown).flux * self._growth
        return rows

    @cached_property
    def _growth(self) -> Array:
        """Relative growth [1/m] of the area of each node with each length."""
        film, gather = self._film, self._substrate.layout.gather
        found = np.zeros((len(self._lengths), self._substrate.layout.nodes))
        for row, length in zip(found, self._lengths, strict=True):
            if length.motion:
                row[:] = gather(_growth(film, length.motion))
        return found


def _growth(film: ElectrothermalFilm, motion: Motion) -> Array:
    """Relative growth [1/m] of the area of each owned node of film and pads with a length."""
    device = film.device
    area = ufl.TestFunction(film.space)[1] * device.dA("film", *film.pads)
    grown = summed(fem.form(_moved(area, device, motion))).array[1 : 2 * film.owned : 2]
    return np.asarray(grown / film.node_areas("film", *film.pads))


def _moved(form: ufl.Form, device: Device, motion: Motion) -> ufl.Form:
    """Derivative of a form by a length."""
    field = fem.Function(fem.functionspace(device.mesh, ("Lagrange", 1, (2,))))
    field.interpolate(lambda x: motion(x[:2].T).T)
    return ufl.derivative(form, ufl.SpatialCoordinate(device.mesh), field)


class DenseDerivative:
    """Derivatives of a dense operator by lengths."""

    def __init__(self, operator: HalfSpace, lengths: Sequence[Length]) -> None:
        self._operator, self._lengths = operator, tuple(lengths)

    def __call__(self, heat: Array) -> Array:
        """Derivatives [W/m2] of what a heat [W] does, shape (lengths, nodes). Collective."""
        operator, (_, mass, far) = self._operator, self._matrices
        whole = np.zeros(mass.shape[0])
        whole[operator.nodes] = heat
        found = np.zeros((len(self._lengths), len(heat)))
        for k, w, factors in self._modes:
            rise = factors.solve(whole)
            scaled, around = 2 * k**2 * (mass @ rise), far_field_slope(k, operator.radius) * k
            changes = [
                by_k * scaled
                + (by_k + by_radius) * around * (far @ rise)
                + sum(k**power * (form @ rise) for power, form in moved.items())
                for (by_k, by_radius), moved in zip(self._scales, self._moved, strict=True)
            ]
            found -= w * factors.solve(np.column_stack(changes))[operator.nodes].T
            found += w * np.outer([by_k for by_k, _ in self._scales], rise[operator.nodes])
        operator.plan.mesh.comm.Allreduce(MPI.IN_PLACE, found)
        return found

    @cached_property
    def _modes(self) -> list[tuple[float, float, scipy.sparse.linalg.SuperLU]]:
        """Wavenumber, weight and factors of this rank's modes, which no state changes."""
        operator, (stiffness, mass, far) = self._operator, self._matrices
        comm, modes = operator.plan.mesh.comm, operator.quadrature
        mine = slice(comm.rank, None, comm.size)
        return [
            (k, w, _factors(stiffness + k**2 * mass + far_field(k, operator.radius) * far))
            for k, w in zip(modes.wavenumbers[mine], modes.weights[mine], strict=True)
        ]

    @cached_property
    def _matrices(self) -> list[sp.csr_matrix]:
        return plan_arrays(self._operator.plan, self._operator.degree)

    @cached_property
    def _scales(self) -> list[tuple[float, float]]:
        """Relative changes [1/m] of wavenumbers and of the far circle with each length."""
        radius, is_slab = self._operator.radius, np.isfinite(self._operator.thickness)
        found = []
        for length in self._lengths:
            if length.motion is None:
                found.append((-1 / length.value, 0.0))
            else:
                grown = float(length.motion(np.array([[radius, 0.0]]))[0, 0]) / radius
                found.append((0.0 if is_slab else -grown, grown))
        return found

    @cached_property
    def _moved(self) -> list[dict[int, sp.csr_matrix]]:
        """Derivatives by each length of the forms of the plan, by the power of the wavenumber."""
        plan, degree = self._operator.plan, self._operator.degree
        stiffness, mass, _ = plan_forms(plan, degree)
        return [
            {n: array_of(_moved(form, plan, motion)) for n, form in ((0, stiffness), (2, mass))}
            if (motion := length.motion)
            else {}
            for length in self._lengths
        ]


def _factors(matrix: sp.csr_matrix) -> scipy.sparse.linalg.SuperLU:
    options = {"SymmetricMode": True}
    return scipy.sparse.linalg.splu(matrix.tocsc(), "MMD_AT_PLUS_A", 0.0, options=options)


class FourierDerivative:
    """Derivatives of an operator by Fourier transforms by lengths: differences."""

    def __init__(self, operator: FourierOperator, lengths: Sequence[Length]) -> None:
        self._operator, self._lengths = operator, tuple(lengths)

    def __call__(self, heat: Array) -> Array:
        """Derivatives [W/m2] of what a heat [W] does, shape (lengths, nodes). Collective."""
        rows = [
            (high(heat) - low(heat)) / (2 * _STEP * length.value)
            for (low, high), length in zip(self._changed, self._lengths, strict=True)
        ]
        return np.array(rows)

    @cached_property
    def _changed(self) -> list[list[FourierOperator]]:
        return [[self._with(x, h * x.value) for h in (-_STEP, _STEP)] for x in self._lengths]

    def _with(self, length: Length, change: float) -> FourierOperator:
        if (motion := length.motion) is None:
            return self._operator.changed(None, change)
        return self._operator.changed(lambda x: change * motion(x), 0.0)
