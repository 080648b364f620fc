"""Newton's method for a film state and its voltage under one scalar constraint."""

from typing import Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.film.bordered import BorderedSystem, Linearisation
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Constraint, State, Substrate
from mitmodels.solvers.film.readout import Readout
from mitmodels.solvers.petsc import SolverError, destroy_with, name_of, raising
from mitmodels.solvers.petsc import solve as solve_with

# Relative residuals of the linear solves: of a Newton step, whose next one corrects it (254 of them
# per branch with 1e-4 as with 1e-8, a quarter fewer products), and of what is used as it is.
_STEP, _FINAL = 1e-4, 1e-11
# Newton step over the unknown from which on a residual is rounding: that of an implicit step much
# shorter than the thermal time, or of a conductance much larger than the cold one, is no smaller.
_ROUNDING = 1e-13
# Pads that conduct well take a half-space without a matrix some fifty.
_KRYLOV_ITERATIONS = 300


class LaggedSystem(Protocol):
    """Context of PETSc's whose preconditioner may be that of an earlier Jacobian."""

    error: BaseException | None
    failed: float

    @property
    def is_lagged(self) -> bool:
        """Whether it is now."""

    def vector(self) -> PETSc.Vec:
        """Create a vector of the system."""

    def renew(self) -> None:
        """Make the next linearisation renew it."""

    def refactor(self) -> None:
        """Renew it where the system is linearised."""

    def function(self, snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Evaluate the residual."""

    def jacobian(self, snes: PETSc.SNES, x: PETSc.Vec, J: PETSc.Mat, P: PETSc.Mat) -> None:
        """Linearise."""


class NewtonKrylov:
    """PETSc's Newton method on a system of callbacks, with flexible GMRES.

    Parameters
    ----------
    system : LaggedSystem
    comm : MPI.Comm
        Of its vectors.

    Attributes
    ----------
    x, f, rhs : PETSc.Vec
        Iterate or solution, residual, right-hand side of `solve_linear`.
    krylov : PETSc.KSP
    iterations : int
        Newton iterations spent so far, those of failed solves included.
    """

    def __init__(self, system: LaggedSystem, comm: MPI.Comm) -> None:
        self._system, self.iterations = system, 0
        self.x, self.f, self.rhs = (system.vector() for _ in range(3))
        size = self.x.getSizes()
        self._shell = PETSc.Mat().createPython((size, size), system, comm=comm)
        self._shell.setUp()
        self._snes = snes = PETSc.SNES().create(comm)
        snes.setOptionsPrefix("bordered_")
        snes.setFunction(system.function, self.f)
        snes.setJacobian(system.jacobian, self._shell)
        snes.getLineSearch().setType(PETSc.SNESLineSearch.Type.BASIC)
        # A good predictor is never made worse: a growing residual means the step was too long.
        snes.setDivergenceTolerance(1.0)
        snes.setConvergenceHistory(100, reset=True)
        self.krylov = ksp = snes.getKSP()
        destroy_with(self, snes, ksp, self._shell, self.x, self.f, self.rhs)
        ksp.setType(PETSc.KSP.Type.FGMRES)
        ksp.setGMRESRestart(100)
        ksp.setTolerances(rtol=_STEP, atol=0.0, max_it=_KRYLOV_ITERATIONS)
        ksp.getPC().setType(PETSc.PC.Type.PYTHON)
        ksp.getPC().setPythonContext(system)
        snes.setFromOptions()

    @property
    def history(self) -> Array:
        """Norms of the residual of the last solve."""
        return np.asarray(self._snes.getConvergenceHistory()[0])

    def solve(self, tolerance: float, max_iterations: int) -> tuple[int, int]:
        """Take Newton steps from ``x``; return their number and PETSc's reason for the end."""
        system = self._system
        iterations, reason = self._iterate(tolerance, max_iterations)
        while reason == PETSc.SNES.ConvergedReason.DIVERGED_LINEAR_SOLVE and system.is_lagged:
            system.renew()
            more, reason = self._iterate(tolerance, max_iterations - iterations)
            iterations += more
        if reason < 0:
            system.renew()
        return iterations, reason

    def _iterate(self, tolerance: float, max_iterations: int) -> tuple[int, int]:
        self._snes.setTolerances(rtol=0.0, atol=tolerance, stol=_ROUNDING, max_it=max_iterations)
        with raising(self._system):
            self._snes.solve(None, self.x)
        iterations = int(self._snes.getIterationNumber())
        self.iterations += iterations
        return iterations, int(self._snes.getConvergedReason())

    def solve_linear(self) -> None:
        """Solve the linearised system for ``rhs`` into ``x``.

        Raises
        ------
        SolverError
            If the Krylov method fails even with a fresh factorisation.
        """
        system, ksp = self._system, self.krylov
        ksp.setOperators(self._shell)
        step, *_ = ksp.getTolerances()
        ksp.setTolerances(rtol=_FINAL)
        try:
            with raising(system):
                ksp.solve(self.rhs, self.x)
            if ksp.getConvergedReason() < 0:
                system.refactor()
                with raising(system):
                    solve_with(ksp, self.rhs, self.x, "the linearised film")
        finally:
            ksp.setTolerances(rtol=step)


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
