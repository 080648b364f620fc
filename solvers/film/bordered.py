r"""Bordered system of a film on its substrate under one scalar constraint.

With the residual F, its Jacobian J, and the constraint c = 0, a Newton step solves

.. math::
    \begin{pmatrix} J & F_V \\ c_u^T & c_V \end{pmatrix}
    \begin{pmatrix} \delta z \\ \delta V \end{pmatrix} = -\begin{pmatrix} F \\ c \end{pmatrix} ,

which is regular at folds. The constraint may fix the control parameter, an arclength or a
temperature. The unknown z holds psi and, in its second component, what the substrate is solved for:
the temperature (local heat loss) or the heat into the substrate (half-space).
"""

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.factorisation import LaggedFactorisation, Linearisation
from mitmodels.solvers.film.interfaces import (
    Array,
    Constraint,
    Linearised,
    Substrate,
    TemperatureOfHeat,
)
from mitmodels.solvers.petsc import SolverError, callback


class BorderedSystem:
    """Residual and Jacobian; PETSc's context, which knows nothing of the solver that uses it.

    Vectors hold the rows of z and, on rank 0, the voltage over its scale or the constraint.

    Parameters
    ----------
    film : ElectrothermalFilm
    substrate : Substrate

    Attributes
    ----------
    constraint : Constraint
        Of the solve under way.
    conductance : float
        I / V_film [S] where the system is linearised.
    temperature_of_heat : TemperatureOfHeat
        Of the substrate there.
    factorisation : LaggedFactorisation
    """

    failed = float("nan")
    constraint: Constraint
    temperature_of_heat: TemperatureOfHeat

    def __init__(self, film: ElectrothermalFilm, substrate: Substrate) -> None:
        self.film, self.substrate, self.layout = film, substrate, substrate.layout
        self.factorisation = LaggedFactorisation(film, substrate)
        self.conductance = 0.0
        self.error: BaseException | None = None
        self._current_by_state: Array | None = None
        self._transposed_border: Array | None = None
        self._root = self.layout.comm.rank == 0

    def residual(
        self, unknown: Array, voltage: float, constraint: Constraint
    ) -> tuple[Array, float]:
        """Rows of F in units of the reference power, shape (nodes, 2), and c."""
        T = self._temperature = self._evaluate_at(unknown, voltage)
        rows, conductance = self.film.residual()
        residual = self.layout.gather(rows)
        residual[:, 1] += self.substrate.heat(unknown[:, 1])
        return residual, constraint(T, voltage, voltage * conductance).value

    def linearise(
        self,
        unknown: Array,
        voltage: float,
        constraint: Constraint,
        iterations: int = 0,
        temperature: Array | None = None,
    ) -> None:
        """Prepare `jacobian_times` and `precondition` at a linearisation point.

        ``iterations`` of the last Krylov solve decide whether the factorisation is renewed. Whoever
        has the temperature there gives it.
        """
        T = self._differentiate(unknown, voltage, temperature)
        self._row, self._corner = self.row_of(constraint(T, voltage, voltage * self.conductance))
        self._update(iterations)
        self._eliminate()

    def row_of(self, scalar: Linearised) -> tuple[Array, float]:
        """Derivatives of a scalar by psi and T, and by the voltage over its scale."""
        row = np.zeros((self.layout.nodes, 2))
        if scalar.by_I:
            row += scalar.by_I * self.current_by_state
        if scalar.by_T is not None:
            row[:, 1] += scalar.by_T
        return row, (scalar.by_V + scalar.by_I * self.conductance) * self.film.voltage_scale

    def factor_at(self, unknown: Array, voltage: float) -> None:
        """Renew the lagged factorisation at a given linearisation point."""
        self._differentiate(unknown, voltage)
        self._renew()

    @property
    def is_lagged(self) -> bool:
        """Whether the factorisation in use is that of an earlier Jacobian."""
        return self.factorisation.is_lagged

    def renew(self) -> None:
        """Make the next linearisation renew the factorisation."""
        self.factorisation.renew = True

    def refactor(self) -> None:
        """Renew the lagged factorisation where the system is linearised."""
        self._renew()
        self._eliminate()

    def _renew(self) -> None:
        self.renew()
        self._update(0)

    def _update(self, iterations: int) -> None:
        self.factorisation.update(self._point, self._column, self.temperature_of_heat, iterations)

    def jacobian_times(
        self, change: Array, scaled: float, fields: Array | None = None
    ) -> tuple[Array, float]:
        """Changes of F and c with those of z and of the voltage over its scale.

        ``fields`` are the changes of psi and T if z does not change them alone.
        """
        dot = self.layout.dot
        fields = self.fields_of(change) if fields is None else fields
        rows = self.substrate.multiply(fields) + scaled * self._column
        rows[:, 1] += self.substrate.heat(change[:, 1])
        if self.film.contacts.heat == "pads":
            rows += dot(self.current_by_state, fields) * self.pad_heating
        return rows, dot(self._row, fields) + self._corner * scaled

    def transposed_times(self, multipliers: Array, last: float) -> tuple[Array, float]:
        """Derivatives by z and by the voltage over its scale, from multipliers of F and c."""
        dot = self.layout.dot
        fields = self.substrate.multiply_transposed(multipliers) + last * self._row
        if self.film.contacts.heat == "pads":
            fields += dot(self.pad_heating, multipliers) * self.current_by_state
        by_unknown = self.by_unknown(fields)
        by_unknown[:, 1] += self.substrate.heat(multipliers[:, 1])
        return by_unknown, dot(self._column, multipliers) + self._corner * last

    def by_unknown(self, fields: Array) -> Array:
        """Derivatives by z from those by psi and T."""
        return np.column_stack([fields[:, 0], self.temperature_of_heat.transposed(fields[:, 1])])

    def precondition_transposed(self, rows: Array, last: float) -> tuple[Array, float]:
        """Approximate inverse of `transposed_times`, by block elimination."""
        if self._transposed_border is None:
            self._transposed_border = self.substrate.solve_transposed(self.by_unknown(self._row))
        border, dot = self._transposed_border, self.layout.dot
        multipliers = self.substrate.solve_transposed(rows)
        schur = self._corner - dot(self._column, border)
        scaled = (last - dot(self._column, multipliers)) / schur
        return multipliers - scaled * border, scaled

    def precondition(self, rows: Array, last: float) -> tuple[Array, float]:
        """Approximate inverse of `jacobian_times`, by block elimination."""
        if self._is_triangular:
            scaled = last / self._corner
            self._solved = self.substrate.solve(rows - scaled * self._column)
        else:
            change, fields = self.substrate.solve(rows)
            scaled = (last - self.layout.dot(self._row, fields)) / self._schur
            border, by_voltage = self.factorisation.border, self._border
            self._solved = change - scaled * border, fields - scaled * by_voltage
        return self._solved[0], scaled

    def fields_of(self, change: Array) -> Array:
        """Changes of psi and T with those of z; Krylov methods ask for what was solved last."""
        solved, fields = self._solved
        if self.layout.comm.allreduce(int(np.array_equal(change, solved)), MPI.MIN):
            return fields
        return np.column_stack([change[:, 0], self.temperature_of_heat(change[:, 1])])

    def current_change(self, fields: Array, voltage: float) -> float:
        """Change of the current [A] with those of psi and T and of the voltage [V]."""
        return self.layout.dot(self.current_by_state, fields) + self.conductance * voltage

    @property
    def current_by_state(self) -> Array:
        """Derivative of the current by psi and T [A, A/K] where the system is linearised."""
        if self._current_by_state is None:
            gradient = self.layout.gather(self.film.conductance_gradient())
            self._current_by_state = float(self.film.voltage.value) * gradient
        return self._current_by_state

    def _evaluate_at(
        self, unknown: Array, voltage: float, temperature: Array | None = None
    ) -> Array:
        """Set the film's fields; return the temperature."""
        T = self.substrate.temperature(unknown[:, 1]) if temperature is None else temperature
        self.film.set(self.layout.owned(np.column_stack([unknown[:, 0], T])), voltage)
        return T

    def _differentiate(
        self, unknown: Array, voltage: float, temperature: Array | None = None
    ) -> Array:
        """Assemble J and F_V; return the temperature."""
        film, gather = self.film, self.layout.gather
        T = self._evaluate_at(unknown, voltage, temperature)
        self._point = Linearisation(unknown, voltage, film.step, film.memory)
        self._current_by_state = None
        self.temperature_of_heat = self.substrate.derivative(unknown[:, 1], T)
        self.conductance = film.conductance()
        film.linearise()
        current = voltage * self.conductance
        self.pad_heating = 2 * film.contacts.resistance * current * gather(film.pad_heat)
        by_voltage = gather(film.by_voltage()) + self.conductance * self.pad_heating
        self._column = film.voltage_scale * by_voltage
        return T

    def _eliminate(self) -> None:
        """Prepare `precondition` for the row of the constraint."""
        # A constraint on the voltage alone needs no border: the voltage is solved for first.
        self._is_triangular = not self.layout.comm.allreduce(int(self._row.any()), MPI.MAX)
        self._solved = 2 * (np.zeros_like(self._row),)
        self._transposed_border = None
        if self._is_triangular:
            return
        border = self.factorisation.border
        self._border = np.column_stack([border[:, 0], self.temperature_of_heat(border[:, 1])])
        self._schur = self._corner - self.layout.dot(self._row, self._border)
        if not self._schur:
            # Without a bias the voltage changes nothing: such a factorisation is of no use here.
            if not self.is_lagged:
                raise SolverError("the constraint does not depend on the voltage")
            self.refactor()

    def vector(self) -> PETSc.Vec:
        """Create a vector of the system."""
        size = 2 * self.layout.nodes + self._root
        return PETSc.Vec().createMPI((size, None), comm=self.layout.comm)

    def pack(self, vector: PETSc.Vec, rows: Array, last: float) -> None:
        """Put rows and the last entry into a vector."""
        array = vector.array_w
        array[: rows.size] = rows.reshape(-1)
        if self._root:
            array[-1] = last

    def unpack(self, array: Array) -> tuple[Array, float]:
        """Rows and the last entry of a vector's local array."""
        last = self.layout.comm.bcast(float(array[-1]) if self._root else None)
        return array[: 2 * self.layout.nodes].reshape(-1, 2).copy(), last

    def _point_of(self, x: PETSc.Vec) -> tuple[Array, float]:
        unknown, scaled = self.unpack(self.layout.agree(x.array_r.copy()))
        return unknown, scaled * self.film.voltage_scale

    @callback
    def function(self, _snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Evaluate the residual for PETSc's nonlinear solver."""
        self.pack(f, *self.residual(*self._point_of(x), self.constraint))
        self.layout.agree(f.array_w)

    @callback
    def jacobian(self, snes: PETSc.SNES, x: PETSc.Vec, _J: PETSc.Mat, _P: PETSc.Mat) -> None:
        """Linearise for PETSc's nonlinear solver."""
        iterations = snes.getKSP().getIterationNumber()
        # PETSc has asked for the residual there.
        self.linearise(*self._point_of(x), self.constraint, iterations, self._temperature)

    @callback
    def mult(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Multiply by the Jacobian for PETSc."""
        self.pack(y, *self.jacobian_times(*self.unpack(x.array_r)))

    @callback
    def multTranspose(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Multiply by the transposed Jacobian for PETSc."""
        self.pack(y, *self.transposed_times(*self.unpack(x.array_r)))

    @callback
    def applyTranspose(self, _pc: PETSc.PC, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Precondition the transposed system for PETSc."""
        self.pack(y, *self.precondition_transposed(*self.unpack(x.array_r)))

    @callback
    def apply(self, _pc: PETSc.PC, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Precondition for PETSc."""
        self.pack(y, *self.precondition(*self.unpack(x.array_r)))
