"""Newton's method for a film state and its voltage under one scalar constraint."""

from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.film.bordered import BorderedSystem
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.factorisation import Linearisation
from mitmodels.solvers.film.interfaces import Array, Constraint, State, Substrate
from mitmodels.solvers.film.newton_krylov import NewtonKrylov
from mitmodels.solvers.film.readout import Readout
from mitmodels.solvers.petsc import SolverError, name_of


class BorderedNewton:
    """PETSc's Newton method on the bordered system of a film on a substrate.

    Parameters
    ----------
    film : ElectrothermalFilm
    substrate : Substrate

    Attributes
    ----------
    system : BorderedSystem
        Residual and Jacobian.
    krylov : PETSc.KSP
        Solver of its linear systems.
    """

    def __init__(self, film: ElectrothermalFilm, substrate: Substrate) -> None:
        self.film, self.substrate, self.layout = film, substrate, substrate.layout
        self.system = system = BorderedSystem(film, substrate)
        self._solver = NewtonKrylov(system, self.layout.comm)
        self.krylov = self._solver.krylov
        self._read = Readout(film)
        self._fixed = self.layout.gather(film.fixed)

    @property
    def iterations(self) -> int:
        """Newton iterations spent so far, those of failed solves included."""
        return self._solver.iterations

    @iterations.setter
    def iterations(self, spent: int) -> None:
        self._solver.iterations = spent

    def solve(
        self,
        constraint: Constraint,
        unknown: Array,
        voltage: float,
        max_iterations: int = 12,
        tolerance: float = 1e-10,
    ) -> State:
        """Solve F = 0 and c = 0 from a guess.

        ``tolerance`` is that of the residual norm, as a fraction of the reference power.

        Raises
        ------
        SolverError
            With PETSc's reason, the residual history and the place of the largest residual. The
            caller's states are untouched.
        """
        system, solver = self.system, self._solver
        system.constraint = constraint
        # The residual does not see the values that boundary conditions fix.
        guess = np.where(self._fixed, self.substrate.start, unknown)
        system.pack(solver.x, guess, voltage / self.film.voltage_scale)
        iterations, reason = solver.solve(tolerance, max_iterations)
        if reason < 0:
            raise SolverError(self._report(reason))
        unknown, scaled = system.unpack(solver.x.array_r)
        return self.state(unknown, scaled * self.film.voltage_scale, iterations)

    def linearise(self, state: State, constraint: Constraint) -> None:
        """Prepare `solve_linear` at a state."""
        iterations = self.krylov.getIterationNumber()
        at = state.unknown, state.voltage
        self.system.linearise(*at, constraint, iterations, state.fields[:, 1])

    def solve_linear(self, rows: Array, last: float) -> tuple[Array, float]:
        """Solve the bordered system for a right-hand side: change of z, and of V [V].

        Raises
        ------
        SolverError
            If the Krylov method fails even with a fresh factorisation.
        """
        system, solver = self.system, self._solver
        system.pack(solver.rhs, rows, last)
        solver.solve_linear()
        change, scaled = system.unpack(solver.x.array_r)
        return change, scaled * self.film.voltage_scale

    def solve_transposed(self, rows: Array, last: float) -> tuple[Array, float]:
        """Solve the transposed bordered system: multipliers of F and of c.

        The right-hand side are the derivatives of a scalar by z and by the voltage over its scale.

        Raises
        ------
        SolverError
            If the Krylov method fails even with a fresh factorisation.
        """
        system, solver = self.system, self._solver
        system.pack(solver.rhs, rows, last)
        solver.solve_linear(transposed=True)
        return system.unpack(solver.x.array_r)

    def tangent(self, state: State, constraint: Constraint) -> tuple[Array, float]:
        """Direction dz/ds, dV/ds along the branch with dc/ds = 1."""
        self.linearise(state, constraint)
        return self.solve_linear(np.zeros_like(state.unknown), 1.0)

    @property
    def start(self) -> Array:
        """Unknown of the cold film."""
        return self.substrate.start

    @property
    def weights(self) -> Array:
        """Fraction of the film's area that belongs to each node."""
        return self.layout.gather(self.film.node_weights("film"))

    @property
    def resistance(self) -> float:
        """Resistance in series with the film that belongs to the device [ohm]."""
        return self.film.contacts.resistance

    @property
    def detail(self) -> float:
        """Distance between the details of the film's law [K]."""
        return self.film.properties.detail

    def pick(self, place: str) -> Array:
        """1 at the node of a named point, 0 elsewhere."""
        return self.layout.gather(self.film.indicator(place))

    def response(self, state: State, change: Array, voltage: float) -> tuple[Array, float]:
        """Changes of T [K] per node and of the current [A] with those of z and V at a state."""
        derivative = self.substrate.derivative(state.unknown[:, 1], state.fields[:, 1])
        dT = derivative(change[:, 1])
        return dT, self.system.current_change(np.column_stack([change[:, 0], dT]), voltage)

    @property
    def factored(self) -> Linearisation | None:
        """Where the factorisation in use was made, None if the next step renews it.

        Converged states depend on it within the tolerances: to repeat a step, `factor_at` it.
        """
        factorisation = self.system.factorisation
        stale = factorisation.is_stale(self.krylov.getIterationNumber())
        return None if stale else factorisation.made_at

    def factor_at(self, unknown: Array, voltage: float) -> None:
        """Renew the lagged factorisation at a given linearisation point."""
        self.system.factor_at(unknown, voltage)

    def set_fields(self, state: State) -> None:
        """Set the film's fields to those of a state."""
        self.film.set(self.layout.owned(state.fields), state.voltage)

    def state(self, unknown: Array, voltage: float, iterations: int) -> State:
        """Read off the state of a solution that took so many iterations."""
        fields = np.column_stack([unknown[:, 0], self.substrate.temperature(unknown[:, 1])])
        self.film.set(self.layout.owned(fields), voltage)
        reading = self._read()
        return State(unknown, fields, voltage, reading.I, reading, iterations)

    def _report(self, reason: int) -> str:
        history = ", ".join(f"{r:.2e}" for r in self._solver.history)
        worst, place = self._worst()
        return (
            f"Newton did not converge ({name_of(PETSc.SNES.ConvergedReason, reason)}): residuals "
            f"{history} of the reference power {self.film.power_scale:.3g} W, largest {worst:.2e} "
            f"at {place}"
        )

    def _worst(self) -> tuple[float, str]:
        rows = np.abs(self.layout.owned(self.system.unpack(self._solver.f.array_r)[0]))
        return max(self.film.comm.allgather(self._largest(rows)))

    def _largest(self, rows: Array) -> tuple[float, str]:
        if not rows.size:  # a rank of a small mesh may have got no nodes
            return -1.0, ""
        node, component = np.unravel_index(int(rows.argmax()), rows.shape)
        x = self.film.space.tabulate_dof_coordinates()[node]
        name = ("potential", "temperature")[component]
        text = f"x = {x[0] * 1e6:.2f} um, y = {x[1] * 1e6:.2f} um ({name})"
        return float(rows[node, component]), text
