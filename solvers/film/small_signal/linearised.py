r"""Film linearised at a steady state, in the Laplace domain: its impedance.

Perturbations that go as :math:`e^{st}` obey the Jacobian A of the film at rest with the heat
:math:`s M \delta T` that it stores and the heat :math:`\delta b` into the substrate, in which
:math:`\delta T = S(s)\,\delta b` by the modes of the time steps. With the voltage V and the current
I of the film,

.. math::
    A(s)\,\delta z + F_V\,\delta V + F_I\,\delta I = 0, \qquad
    \delta I = g^T \delta z + G\,\delta V,

two solves give :math:`Z = \delta V/\delta I`, contacts in series included.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy

from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.substrate.heat_modes import ComplexArray, HeatModes
from mitmodels.solvers.film.substrate.surface_operator import replicate
from mitmodels.solvers.petsc import SolverError

Solver = Callable[[Array], ComplexArray]

_INSTANT = 1e-15  # [s] implicit step in which a film only stores heat
_RESIDUAL = 1e-11
_ITERATIONS = 400


class SmallSignal:
    """Impedances of a film at steady states.

    The linear algebra is replicated: every rank does all of it.

    Parameters
    ----------
    newton : BorderedNewton
        Of a film with a heat capacity, on a transient substrate at rest.
    """

    def __init__(self, newton: BorderedNewton) -> None:
        self.newton = newton
        film = newton.film
        film.store(film.fields[:, 1], _INSTANT)
        at_once = self._jacobian()
        film.store(film.fields[:, 1], np.inf)
        self._capacity = _INSTANT * (at_once - self._jacobian())

    def at(self, state: State) -> LinearisedFilm:
        """Linearise at a steady state."""
        film, rows = self.newton.film, self._all_rows
        self.newton.set_fields(state)
        contact = 2 * film.contacts.resistance * state.current
        by_voltage, by_current = rows(film.by_voltage()), contact * rows(film.pad_heat)
        gradient = state.voltage * rows(film.conductance_gradient())
        substrate, jacobian = self.newton.substrate, self._jacobian()
        solvers: _LocalSolvers | _SpreadingSolvers
        if isinstance(substrate, TransientHalfSpace):
            modes, scale = substrate.modes, film.power_scale
            assert isinstance(modes, HeatModes)
            solvers = _SpreadingSolvers(jacobian, self._capacity, modes, scale)
        else:
            solvers = _LocalSolvers(jacobian, self._capacity)
        conductance = film.conductance()
        return LinearisedFilm(self, solvers, by_voltage, by_current, gradient, conductance)

    def _jacobian(self) -> scipy.sparse.csr_matrix:
        self.newton.film.linearise()
        return replicate(self.newton.film.matrix)

    def _all_rows(self, owned: Array) -> Array:
        return np.concatenate(self.newton.film.comm.allgather(owned))


class LinearisedFilm:
    """A film at one steady state; see the module for the names.

    Parameters
    ----------
    parent : SmallSignal
    solvers
        Of A(s).
    by_voltage, by_current : ndarray, shape (nodes, 2)
        F_V [1/V] and F_I [1/A].
    gradient : ndarray, shape (nodes, 2)
        g [A, A/K].
    conductance : float
        G [S].
    """

    def __init__(
        self,
        parent: SmallSignal,
        solvers: _LocalSolvers | _SpreadingSolvers,
        by_voltage: Array,
        by_current: Array,
        gradient: Array,
        conductance: float,
    ) -> None:
        self._film, self._solver_at = parent.newton.film, solvers
        self._by_voltage, self._by_current, self._gradient = by_voltage, by_current, gradient
        self._conductance = conductance

    def impedance(self, rate: complex) -> complex:
        """Impedance [ohm] of the device at s [1/s]; collective, equal on all ranks.

        Raises
        ------
        SolverError
            If the linear solver does not converge.
        """
        solve = self._solver_at(rate)
        by_voltage = self._conductance - self._current(solve(self._by_voltage))
        by_current = 1.0 + 0.0j
        if self._by_current.any():
            by_current += self._current(solve(self._by_current))
        Z = by_current / by_voltage + self._film.contacts.resistance
        return complex(self._film.comm.bcast(complex(Z)))

    def _current(self, fields: ComplexArray) -> complex:
        return complex(np.sum(self._gradient * fields))


class _LocalSolvers:
    """Solvers of a film with a local heat loss: sparse factors of A + s M."""

    def __init__(
        self, jacobian: scipy.sparse.csr_matrix, capacity: scipy.sparse.csr_matrix
    ) -> None:
        self._jacobian, self._capacity = jacobian, capacity

    def __call__(self, rate: complex) -> Solver:
        factors = scipy.sparse.linalg.splu(
            (self._jacobian + rate * self._capacity).astype(complex).tocsc()
        )
        return lambda rows: factors.solve(rows.reshape(-1).astype(complex)).reshape(-1, 2)


class _SpreadingSolvers:
    """Solvers of a film on a half-space: potential eliminated, heat by GMRES.

    The equation of the heat is an integral equation of the second kind.
    """

    def __init__(
        self,
        jacobian: scipy.sparse.csr_matrix,
        capacity: scipy.sparse.csr_matrix,
        modes: HeatModes,
        scale: float,
    ) -> None:
        self._potential = scipy.sparse.linalg.splu(jacobian[0::2, 0::2].tocsc())
        self._jacobian, self._capacity = jacobian, capacity[1::2, 1::2]
        self._modes, self._scale = modes, scale

    def __call__(self, rate: complex) -> Solver:
        rise = self._modes.response(rate)

        def fields(heat: ComplexArray, potential: ComplexArray) -> ComplexArray:
            """Potential, where it is ``potential`` without heat, and temperature."""
            found = np.zeros((len(heat), 2), dtype=complex)
            found[:, 1] = self._scale * rise(heat)
            load = (self._jacobian @ found.reshape(-1))[0::2]
            found[:, 0] = potential - self._eliminated(load)
            return found

        def power(heat: ComplexArray, potential: ComplexArray) -> ComplexArray:
            """Rows of the heat balance."""
            found = fields(heat, potential)
            film = (self._jacobian @ found.reshape(-1))[1::2]
            return film + rate * (self._capacity @ found[:, 1]) + heat

        def solve(rows: Array) -> ComplexArray:
            nodes = len(rows)
            potential = self._eliminated(rows[:, 0].astype(complex))
            none = np.zeros(nodes, dtype=complex)
            operator = scipy.sparse.linalg.LinearOperator(
                (nodes, nodes), matvec=lambda heat: power(heat, none), dtype=complex
            )
            load = rows[:, 1] - power(none, potential)
            heat, failed = scipy.sparse.linalg.gmres(
                operator, load, rtol=_RESIDUAL, atol=0.0, restart=_ITERATIONS, maxiter=2
            )
            if failed:
                raise SolverError(
                    f"the film linearised at s = {rate:.3g} 1/s: no convergence in "
                    f"{_ITERATIONS} iterations"
                )
            return fields(heat, potential)

        return solve

    def _eliminated(self, load: ComplexArray) -> ComplexArray:
        parts = self._potential.solve(np.column_stack([load.real, load.imag]))
        return parts[:, 0] + 1j * parts[:, 1]
