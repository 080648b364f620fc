r"""Newton's method for a film state and its voltage under one scalar condition.

The bordered system

.. math::
    \begin{pmatrix} J & F_V \\ c_u^T & c_V \end{pmatrix}
    \begin{pmatrix} \delta z \\ \delta V \end{pmatrix} = -\begin{pmatrix} F \\ c \end{pmatrix}

is regular at folds. The condition c = 0 may fix the drive, an arclength or a temperature. The
unknown z holds psi and, in its second component, what the substrate is solved for: the temperature
(sheet) or the heat into the substrate (half-space).
"""

from dataclasses import dataclass
from typing import Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt

from mitmodels.errors import RunError
from mitmodels.film.observables import Reading
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.layout import Layout

Array = npt.NDArray[np.float64]
# Relative residuals of the linear solves: of a Newton step, whose next one corrects it (254 of them
# per branch with 1e-4 as with 1e-8, a quarter fewer products), and of what is used as it is.
_STEP, _FINAL = 1e-4, 1e-11


class SolverError(RunError):
    """A solve that did not converge; the message has the reason, the history and the place."""


class Substrate(Protocol):
    """How the second component of the unknown relates to the temperature, and how J is inverted.

    Rows are those of ``layout``; ``start`` is the unknown of the cold film. A lagged factorisation
    is renewed when a Krylov solve has taken more than ``patience`` iterations.
    """

    layout: Layout
    start: Array
    patience: int

    def temperature(self, unknown: Array) -> Array:
        """Temperature [K] per node from the second component."""

    def push(self, change: Array) -> Array:
        """Change of temperature from a change of the second component."""

    def pull(self, gradient: Array) -> Array:
        """Adjoint of ``push``."""

    def heat(self, unknown: Array) -> Array:
        """Heat into the substrate per node in units of the reference power."""

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:
        """Prepare ``solve`` for the film's Jacobian; a lagged part is kept unless ``renew``."""

    def multiply(self, change: Array) -> Array:
        """Film's Jacobian times changes of psi and T, shape (nodes, 2)."""

    def solve(self, rhs: Array) -> Array:
        """Approximate J^-1 for rows of shape (nodes, 2)."""


@dataclass(frozen=True)
class State:
    """A solution: unknown z and fields (psi, T) in the layout, film voltage [V], current [A]."""

    unknown: Array
    fields: Array
    voltage: float
    current: float
    reading: Reading
    iterations: int


class Condition(Protocol):
    """One scalar equation c(T, V, I) = 0, scaled to be of order one."""

    def value(self, temperature: Array, voltage: float, current: float) -> float:
        """Value of c, equal on all ranks."""

    def gradient(
        self, temperature: Array, voltage: float, current: float
    ) -> tuple[Array | None, float, float]:
        """Derivatives by T (per node, None for zero), by V [1/V] and by I [1/A]."""


class BorderedNewton:
    """SNES on the bordered system of a film on a substrate.

    Parameters
    ----------
    film : ElectrothermalFilm
    substrate : Substrate

    Attributes
    ----------
    iterations : int
        Newton iterations spent so far, those of failed solves included.
    conductance : float
        I / V_film [S] at the last place.
    """

    def __init__(self, film: ElectrothermalFilm, substrate: Substrate) -> None:
        self.film, self.substrate, self.layout = film, substrate, substrate.layout
        comm = self.layout.comm
        self._root = comm.rank == 0
        size = 2 * self.layout.nodes + self._root
        self._x = PETSc.Vec().createMPI((size, None), comm=comm)
        self._f = self._x.duplicate()
        self._renew = True
        self._place = self._factored = (np.empty((0, 2)), 0.0)
        self._shell = PETSc.Mat().createPython(((size, None), (size, None)), self, comm=comm)
        self._shell.setUp()
        self._snes = snes = PETSc.SNES().create(comm)
        snes.setOptionsPrefix("bordered_")
        snes.setFunction(self._function, self._f)
        snes.setJacobian(self._jacobian, self._shell)
        snes.getLineSearch().setType(PETSc.SNESLineSearch.Type.BASIC)
        # A good predictor is never made worse: a growing residual means the step was too long.
        snes.setDivergenceTolerance(1.0)
        snes.setConvergenceHistory(100, reset=True)
        self.iterations, self.conductance = 0, 0.0
        ksp = snes.getKSP()
        ksp.setType(PETSc.KSP.Type.FGMRES)
        ksp.setGMRESRestart(100)
        ksp.setTolerances(rtol=_STEP, atol=0.0, max_it=100)
        ksp.getPC().setType(PETSc.PC.Type.PYTHON)
        ksp.getPC().setPythonContext(self)
        snes.setFromOptions()

    def solve(
        self,
        condition: Condition,
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
        self._condition = condition
        self._pack(self._x, unknown, voltage / self.film.voltage_scale)
        iterations, reason = self._iterate(tolerance, max_iterations)
        while reason == PETSc.SNES.ConvergedReason.DIVERGED_LINEAR_SOLVE and self._is_lagged:
            self._renew = True
            more, reason = self._iterate(tolerance, max_iterations - iterations)
            iterations += more
        if reason < 0:
            self._renew = True
            raise SolverError(self._report(reason))
        unknown, scaled = self._unpack(self._x)
        state = self._state(unknown, scaled * self.film.voltage_scale, iterations)
        if state.reading.T_max > self.film.properties.hottest:
            raise SolverError(
                f"the film reaches {state.reading.T_max:.1f} K, but its resistivity is known up to "
                f"{self.film.properties.hottest:g} K only: give a longer table or end the ramp "
                "before, with until"
            )
        return state

    def linearise(self, state: State, condition: Condition) -> None:
        """Prepare `solve_linear` at a state."""
        self._condition = condition
        self._linearise(*self._visit(state.unknown, state.voltage))

    def solve_linear(self, rows: Array, last: float) -> tuple[Array, float]:
        """Solve the bordered system for a right-hand side: change of z, and of V [V].

        Raises
        ------
        SolverError
            If the Krylov method fails even with a fresh factorisation.
        """
        rhs, out = self._x.duplicate(), self._x.duplicate()
        self._pack(rhs, rows, last)
        ksp = self._snes.getKSP()
        ksp.setOperators(self._shell)
        ksp.setTolerances(rtol=_FINAL)
        ksp.solve(rhs, out)
        if ksp.getConvergedReason() < 0:
            self._renew = True
            self._factor()
            self._eliminate()
            ksp.solve(rhs, out)
        ksp.setTolerances(rtol=_STEP)
        unknown, scaled = self._unpack(out)
        rhs.destroy(), out.destroy()
        if ksp.getConvergedReason() < 0:
            raise SolverError(
                f"the linearised film was not solved: residual {ksp.getResidualNorm():.2e} after "
                f"{ksp.getIterationNumber()} iterations"
            )
        return unknown, scaled * self.film.voltage_scale

    def tangent(self, state: State, condition: Condition) -> tuple[Array, float]:
        """Direction dz/ds, dV/ds along the branch with dc/ds = 1."""
        self.linearise(state, condition)
        return self.solve_linear(np.zeros_like(state.unknown), 1.0)

    @property
    def factored(self) -> tuple[Array, float] | None:
        """Unknown and voltage [V] of the factorisation in use, None if the next step renews it.

        Converged states depend on it within the tolerances: to repeat a step, `factor_at` it.
        """
        return None if self._is_stale() else self._factored

    def factor_at(self, unknown: Array, voltage: float) -> None:
        """Renew the lagged factorisation at a given place."""
        self._visit(unknown, voltage)
        self._differentiate(unknown, voltage)
        self._renew = True
        self._factor()

    def _is_stale(self) -> bool:
        return self._renew or self._snes.getKSP().getIterationNumber() > self.substrate.patience

    def current_by_state(self) -> Array:
        """Derivative of the current by psi and T [A, A/K] at the last place."""
        gradient = self.layout.gather(self.film.conductance_gradient())
        return float(self.film.voltage.value) * gradient

    def show(self, state: State) -> None:
        """Put a state into the film's fields."""
        self.film.set(self.layout.owned(state.fields), state.voltage)

    def _iterate(self, tolerance: float, max_iterations: int) -> tuple[int, int]:
        """Take Newton steps from ``_x``; return their number and PETSc's reason for the end."""
        self._snes.setTolerances(rtol=0.0, atol=tolerance, stol=0.0, max_it=max_iterations)
        self._snes.solve(None, self._x)
        iterations = int(self._snes.getIterationNumber())
        self.iterations += iterations
        return iterations, int(self._snes.getConvergedReason())

    def _state(self, unknown: Array, voltage: float, iterations: int) -> State:
        fields = np.column_stack([unknown[:, 0], self.substrate.temperature(unknown[:, 1])])
        self.film.set(self.layout.owned(fields), voltage)
        reading = self.film.read()
        return State(unknown, fields, voltage, reading.I, reading, iterations)

    def _pack(self, vec: PETSc.Vec, unknown: Array, scaled: float) -> None:
        array = vec.array_w
        array[: unknown.size] = unknown.reshape(-1)
        if self._root:
            array[-1] = scaled

    def _unpack(self, vec: PETSc.Vec) -> tuple[Array, float]:
        return self._split(vec.array_r)

    def _split(self, array: Array) -> tuple[Array, float]:
        scaled = self.layout.comm.bcast(float(array[-1]) if self._root else None)
        return array[: 2 * self.layout.nodes].reshape(-1, 2).copy(), scaled

    def _load(self, x: PETSc.Vec) -> tuple[Array, Array, float]:
        unknown, scaled = self._split(self.layout.agree(x.array_r.copy()))
        T = self.substrate.temperature(unknown[:, 1])
        voltage = scaled * self.film.voltage_scale
        self.film.set(self.layout.owned(np.column_stack([unknown[:, 0], T])), voltage)
        return unknown, T, voltage

    def _visit(self, unknown: Array, voltage: float) -> tuple[Array, Array, float]:
        """Load a place that SNES has not asked for, with its conductance."""
        self._pack(self._x, unknown, voltage / self.film.voltage_scale)
        place = self._load(self._x)
        self.conductance = self.film.conductance()
        return place

    def _function(self, _snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        unknown, T, voltage = self._load(x)
        rows, self.conductance = self.film.residual()
        residual = self.layout.gather(rows)
        residual[:, 1] += self.substrate.heat(unknown[:, 1])
        self._pack(f, residual, self._condition.value(T, voltage, voltage * self.conductance))
        self.layout.agree(f.array_w)

    def _jacobian(self, _snes: PETSc.SNES, x: PETSc.Vec, _J: PETSc.Mat, _P: PETSc.Mat) -> None:
        # SNES has just asked for the residual here: the conductance is known.
        self._linearise(*self._load(x))

    def _linearise(self, unknown: Array, T: Array, voltage: float) -> None:
        self._differentiate(unknown, voltage)
        scale, current = self.film.voltage_scale, voltage * self.conductance
        by_T, by_V, by_I = self._condition.gradient(T, voltage, current)
        row = np.zeros_like(unknown)
        if by_I or self.film.contacts.heat == "pads":
            self._by_state = self.current_by_state()
            row += by_I * self._by_state
        if by_T is not None:
            row[:, 1] += by_T
        self._row = np.column_stack([row[:, 0], self.substrate.pull(row[:, 1])])
        self._corner = (by_V + by_I * self.conductance) * scale
        self._factor()
        self._eliminate()

    def _differentiate(self, unknown: Array, voltage: float) -> None:
        """Assemble J and F_V at the place that the film's fields hold."""
        film, gather = self.film, self.layout.gather
        self._place = unknown, voltage
        film.linearise()
        current = voltage * self.conductance
        self._pad_heating = 2 * film.contacts.resistance * current * gather(film.pad_heat)
        by_voltage = gather(film.by_voltage()) + self.conductance * self._pad_heating
        self._column = film.voltage_scale * by_voltage

    def _factor(self) -> None:
        """Factorise J, and solve for F_V with the factors, or keep both."""
        renew = self._is_stale()
        self.substrate.factor(self.film.matrix, renew)
        self._renew, self._is_lagged = False, not renew
        if renew:
            self._factored, self._border = self._place, self.substrate.solve(self._column)

    def _eliminate(self) -> None:
        """Prepare `apply` for the row of the condition."""
        # A condition on the voltage alone needs no border: the voltage is solved for first.
        self._is_triangular = not self.layout.comm.allreduce(int(self._row.any()), MPI.MAX)
        self._schur = self._corner - self.layout.dot(self._row, self._border)

    def mult(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Apply the bordered Jacobian (PETSc calls this)."""
        unknown, scaled = self._unpack(x)
        dot = self.layout.dot
        change = np.column_stack([unknown[:, 0], self.substrate.push(unknown[:, 1])])
        rows = self.substrate.multiply(change) + scaled * self._column
        rows[:, 1] += self.substrate.heat(unknown[:, 1])
        if self.film.contacts.heat == "pads":
            rows += dot(self._by_state, change) * self._pad_heating
        self._pack(y, rows, dot(self._row, unknown) + self._corner * scaled)

    def apply(self, _pc: PETSc.PC, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Precondition by block elimination with the substrate's solve (PETSc calls this)."""
        rhs, last = self._unpack(x)
        if self._is_triangular:
            scaled = last / self._corner
            self._pack(y, self.substrate.solve(rhs - scaled * self._column), scaled)
            return
        inner = self.substrate.solve(rhs)
        scaled = (last - self.layout.dot(self._row, inner)) / self._schur
        self._pack(y, inner - scaled * self._border, scaled)

    def _report(self, reason: int) -> str:
        names = {v: k for k, v in vars(PETSc.SNES.ConvergedReason).items() if isinstance(v, int)}
        history = ", ".join(f"{r:.2e}" for r in self._snes.getConvergenceHistory()[0])
        worst, place = self._worst()
        return (
            f"Newton did not converge ({names.get(reason, reason)}): residuals {history} of the "
            f"reference power {self.film.power_scale:.3g} W, largest {worst:.2e} at {place}"
        )

    def _worst(self) -> tuple[float, str]:
        rows = np.abs(self.layout.owned(self._unpack(self._f)[0]))
        return max(self.film.comm.allgather(self._largest(rows)))

    def _largest(self, rows: Array) -> tuple[float, str]:
        if not rows.size:  # a rank of a small mesh may have got no nodes
            return -1.0, ""
        node, component = np.unravel_index(int(rows.argmax()), rows.shape)
        x = self.film.space.tabulate_dof_coordinates()[node]
        name = ("potential", "temperature")[component]
        text = f"x = {x[0] * 1e6:.2f} um, y = {x[1] * 1e6:.2f} um ({name})"
        return float(rows[node, component]), text
