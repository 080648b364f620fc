r"""Heat that flows into an adiabatic half-space in time.

The cosine transform in depth of the temperature rise, with the wavenumber k,

.. math:: v_k(x, y) = \int_0^\infty (T - T_0) \cos(k z)\, dz ,

obeys a plane heat equation of its own, and the surface temperature is the inverse transform at
z = 0, the quadrature of the steady half-space:

.. math::
    \frac{1}{D} \partial_t v_k + (k^2 - \Delta) v_k = \frac{q}{\kappa}, \qquad
    T - T_0 = \frac{2}{\pi} \int_0^\infty v_k \, dk \approx \sum_j w_j v_j .

All modes share the eigenbasis of the Laplacian on the plan, in which an implicit step of any length
is a division; only the condition at the far circle, of low rank, differs from mode to mode.
"""

from collections.abc import Callable
from dataclasses import dataclass

from dolfinx import fem

import numpy as np
import numpy.typing as npt
import scipy

from mitmodels.meshes.device import Device
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.substrate.kirchhoff import SymmetricDerivative
from mitmodels.solvers.film.substrate.quadrature import far_field, half_space_quadrature
from mitmodels.solvers.film.substrate.surface_operator import plan_arrays
from mitmodels.solvers.runs.numbering import Numbering

ComplexArray = npt.NDArray[np.complex128]

# A wave through the far circle and back to film and pads, which end at half its radius, is smaller
# than exp of minus this.
_SCREENED = 30.0
# In time the error of the quadrature is about exp(-pi^2/(2 step)), the root of that at rest.
_STEP = 0.5


@dataclass(frozen=True)
class ImplicitStep:
    """What an implicit step of the modes needs.

    Attributes
    ----------
    screening : float
        1/(D tau) [1/m2].
    gain : ndarray, shape (modes, size)
        1/(lambda + k^2 + screening) [m2].
    rim : ndarray, shape (m, far, far)
        Root of the inverse of the far circle's part, for the first m modes; the others do not reach
        that far.
    surface : ndarray, shape (nodes, nodes)
        Temperature rise [K] at the end of the step per heat flow [W] during it.
    """

    screening: float
    gain: Array
    rim: Array
    surface: Array

    def derivative(self, scale: float) -> SymmetricDerivative:
        """Derivative of the temperature by the heat in units of a scale [W]."""
        return SymmetricDerivative(scale * self.surface)


class HeatModes:
    """Modes of the half-space in the eigenbasis of the plan; a state has shape (modes, size).

    Rows of nodes are those of film and pads in the order of ``nodes``, equal on all ranks.

    Parameters
    ----------
    plan : Device
        Film, pads and bare substrate out to the circle ``far``.
    conductivity : float
        kappa [W/(m K)].
    capacity : float
        rho c_p [J/(m3 K)].
    radius : float
        Of the far circle [m]; beyond it every mode follows at once, as its steady wave K0(k r).
    nodes : ndarray of int64, shape (n,)
        Global plan degrees of freedom of the film and pad nodes that this rank owns.
    smallest_cell : float
        Shortest element edge [m]; sets the largest wavenumber.
    """

    def __init__(
        self,
        plan: Device,
        conductivity: float,
        capacity: float,
        radius: float,
        nodes: npt.NDArray[np.int64],
        smallest_cell: float,
    ) -> None:
        self.comm = plan.mesh.comm
        self.space = fem.functionspace(plan.mesh, ("Lagrange", 1))
        self.conductivity, self.capacity = conductivity, capacity
        self.quadrature = half_space_quadrature(1e-3 / radius, 20 / smallest_cell, _STEP)
        stiffness, mass, rim = plan_arrays(plan)
        self._squares, self._basis = self._eigenbasis(stiffness.toarray(), mass.toarray())
        self._dual = self._basis.T @ mass
        far = np.flatnonzero(rim.diagonal())
        root = np.linalg.cholesky(rim[far][:, far].toarray())
        self._far = self._basis[far].T @ root
        self._radius = radius
        self._rim_rates = far_field(self.quadrature.wavenumbers, radius)
        self._nodes = np.concatenate(self.comm.allgather(nodes))
        self._surface = self._basis[self._nodes]

    def _eigenbasis(self, stiffness: Array, mass: Array) -> tuple[Array, Array]:
        """Eigenvalues and vectors on every rank the same: degenerate ones are arbitrary."""
        size = len(mass)
        values, vectors = np.empty(size), np.empty((size, size))
        if self.comm.rank == 0:
            values, found = scipy.linalg.eigh(stiffness, mass, overwrite_a=True, overwrite_b=True)
            vectors[:] = found
        self.comm.Bcast(values)
        self.comm.Bcast(vectors)
        return values, vectors

    @property
    def initial_state(self) -> Array:
        """State without heat."""
        return np.zeros((len(self.quadrature.weights), len(self._squares)))

    def step(self, duration: float) -> ImplicitStep:
        """Operators of an implicit step, whose ``duration`` [s] may be infinite: then it is steady.

        They solve (1/D)(v - v_before)/duration + (k^2 - lap) v = q/kappa for v.
        """
        screening = self.capacity / self.conductivity / duration
        squares = self.quadrature.wavenumbers[:, None] ** 2 + screening
        gain = 1 / (self._squares + squares)
        # In short steps no wave comes back from the far circle to the film, but heat that is there
        # goes on through it.
        steady, reaching = (
            int(np.sum(rates * self._radius < _SCREENED))
            for rates in (self.quadrature.wavenumbers, np.sqrt(squares))
        )
        # Woodbury: the inverse of diag(1/gain) + rate far far^T.
        loaded = gain[:steady, :, None] * self._far
        inner = np.swapaxes(loaded, 1, 2) @ self._far
        inner += np.eye(self._far.shape[1]) / self._rim_rates[:steady, None, None]
        rim = np.swapaxes(np.linalg.inv(np.linalg.cholesky(inner)), 1, 2)
        surface = (self._surface * (self.quadrature.weights @ gain)) @ self._surface.T
        if reaching:
            roots = np.sqrt(self.quadrature.weights[:reaching, None, None])
            roots = roots * (loaded[:reaching] @ rim[:reaching])
            reach = self._surface @ np.concatenate(roots, axis=1)
            surface -= reach @ reach.T
        surface = (surface + surface.T) / (2 * self.conductivity)
        return ImplicitStep(screening, gain, rim, surface)

    def response(self, rate: complex) -> Callable[[ComplexArray], ComplexArray]:
        """Temperature rise [K] of the nodes by heat flows [W] that all go as exp(rate t).

        It is the surface operator of an implicit step at 1/duration = ``rate`` [1/s], as a product.
        """
        squares = self.quadrature.wavenumbers**2 + rate * self.capacity / self.conductivity
        reaching = int(np.sum(np.sqrt(squares).real * self._radius < _SCREENED))
        denominator = self._squares + squares[:, None]
        # The even mode loses its heat at the far circle only: with that in its denominator the sum
        # below loses no digits, and takes out again what was put in.
        even = self._rim_rates[:reaching] * np.sum(self._far[0] ** 2)
        denominator[:reaching, 0] += even
        far = np.column_stack([self._far, np.eye(len(self._far), 1)])
        rates = np.repeat(self._rim_rates[:reaching, None], far.shape[1], axis=1)
        rates[:, -1] = -even
        gain = 1 / denominator
        weights = self.quadrature.weights / self.conductivity
        total = weights @ gain
        loaded = gain[:reaching, :, None] * far
        inner = np.swapaxes(loaded, 1, 2) @ far + np.eye(far.shape[1]) / rates[:, None]
        inner = weights[:reaching, None, None] * np.linalg.inv(inner)
        flat = np.ascontiguousarray(np.swapaxes(loaded, 0, 1)).reshape(len(total), rates.size)

        def rise(heat: ComplexArray) -> ComplexArray:
            load = _times(self._surface.T, heat)
            rim = (load @ flat).reshape(*inner.shape[:2], 1)
            return _times(self._surface, total * load - flat @ (inner @ rim).reshape(-1))

        return rise

    def advance(self, step: ImplicitStep, before: Array, heat: Array | None) -> Array:
        """State at the end of an implicit step from that before it and the heat flow [W] per node.

        Without ``heat`` no heat flows.
        """
        load = step.screening * before
        if heat is not None:
            load = load + self._surface.T @ heat / self.conductivity
        state = step.gain * load
        count = len(step.rim)
        reach = (state[:count] @ self._far)[:, None] @ step.rim @ np.swapaxes(step.rim, 1, 2)
        state[:count] -= step.gain[:count] * (reach[:, 0] @ self._far.T)
        return state

    def rise(self, state: Array) -> Array:
        """Temperature rise [K] of the film and pad nodes."""
        return self._surface @ (self.quadrature.weights @ state)

    @property
    def numbering(self) -> Numbering:
        """Order of the plan's nodes."""
        return Numbering(self.space)

    def to_nodes(self, state: Array) -> Array:
        """Values of all modes at the plan's nodes that this rank owns, those of ``space``."""
        first, end = self.space.dofmap.index_map.local_range
        return self._basis[first:end] @ state.T

    def from_nodes(self, values: Array) -> Array:
        """State of values at the owned nodes. Collective."""
        return (self._dual @ np.concatenate(self.comm.allgather(values))).T

    def content(self, state: Array) -> float:
        """Heat in the substrate under the plan [J]: the mode of the smallest wavenumber."""
        return float(self.capacity * self._dual.sum(axis=1) @ state[0])


def _times(matrix: Array, vector: ComplexArray) -> ComplexArray:
    """Real matrix times a complex vector, without a complex copy of the matrix.

    Two products with a vector take a third of the time of one with both.
    """
    real, imaginary = (np.ascontiguousarray(part) for part in (vector.real, vector.imag))
    return matrix @ real + 1j * (matrix @ imaginary)
