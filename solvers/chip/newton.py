"""Newton's method for all films of a chip under one constraint on their common drive."""

from collections.abc import Sequence

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from mitmodels.film.observables import Reading
from mitmodels.solvers.chip.coupled import ChipState, CoupledSystem, Member
from mitmodels.solvers.chip.exchange import Exchange
from mitmodels.solvers.film.interfaces import Array, Constraint, Outside, State
from mitmodels.solvers.film.newton_krylov import NewtonKrylov
from mitmodels.solvers.petsc import SolverError, name_of


class ChipNewton:
    """Solver of steady states of a chip, which `PseudoArclength` traces as it does a film.

    Parameters
    ----------
    members : sequence of Member
    exchange, kernel, comm
        As of `CoupledSystem`.

    Attributes
    ----------
    system : CoupledSystem
    """

    resistance = 0.0  # between the common drive and the films: each has its own in its source

    def __init__(
        self, members: Sequence[Member], exchange: Exchange, kernel: Array, comm: MPI.Comm
    ) -> None:
        self.system = CoupledSystem(members, exchange, kernel, comm)
        self.layout = self.system.layout
        self._solver = NewtonKrylov(self.system, self.layout.comm)
        free = [(m.newton.layout.gather(m.newton.film.fixed), 0.0) for m in members]
        self._fixed = self.system.join(free)

    @property
    def iterations(self) -> int:
        """Newton iterations spent so far, those of failed solves included."""
        return self._solver.iterations

    @property
    def start(self) -> Array:
        """Unknown of the cold chip."""
        return self.system.join([(m.newton.start, 0.0) for m in self.system.members])

    @property
    def weights(self) -> Array:
        """Fraction of its film's area that belongs to each node; none of a voltage's row."""
        parts = [np.append(m.newton.weights, 0.0) for m in self.system.members]
        return np.concatenate(parts)

    @property
    def detail(self) -> float:
        """Shortest distance between the details of a film's law [K]."""
        return min(member.newton.detail for member in self.system.members)

    def pick(self, place: str) -> Array:
        """Refuse: each film has such a point."""
        raise NotImplementedError(f"each film has a {place} of its own")

    def solve(
        self,
        constraint: Constraint,
        unknown: Array,
        voltage: float,
        max_iterations: int = 12,
        tolerance: float = 1e-10,
    ) -> ChipState:
        """Solve for all films from a guess, ``voltage`` that of the common drive.

        Raises
        ------
        SolverError
            With PETSc's reason and the residual history.
        """
        system, solver = self.system, self._solver
        system.constraint = constraint
        system.pack(solver.x, np.where(self._fixed, self.start, unknown), voltage)
        iterations, reason = solver.solve(tolerance, max_iterations)
        if reason < 0:
            history = ", ".join(f"{r:.2e}" for r in solver.history)
            words = name_of(PETSc.SNES.ConvergedReason, reason)
            raise SolverError(f"Newton did not converge for the chip ({words}): {history}")
        return self._state(*system.unpack(solver.x), iterations)

    def _state(self, unknown: Array, common: float, iterations: int) -> ChipState:
        system = self.system
        parts = list(system.split(unknown))
        films = []
        for member, (z, V), outside in zip(
            system.members, parts, system.outside(parts), strict=True
        ):
            member.substrate.outside = outside
            film = member.newton.film
            films.append(member.newton.state(z, V * film.voltage_scale, iterations))
        fields = system.join([(film.fields, 0.0) for film in films])
        reading = _summed([film.reading for film in films], common)
        return ChipState(
            unknown, fields, common, reading.I, reading, iterations, films=tuple(films)
        )

    def tangent(self, state: State, constraint: Constraint) -> tuple[Array, float]:
        """Direction dz/ds and that of the common drive along the branch with dc/ds = 1."""
        system, solver = self.system, self._solver
        system.constraint = constraint
        system.linearise(state.unknown, state.voltage, solver.krylov.getIterationNumber())
        system.pack(solver.rhs, np.zeros_like(state.unknown), 1.0)
        solver.solve_linear()
        return system.unpack(solver.x)

    def response(self, _state: State, change: Array, _voltage: float) -> tuple[Array, float]:
        """Changes of T [K] and of the sum of the currents [A] where the system is linearised."""
        system, warming, current = self.system, [], 0.0
        parts = zip(system.members, system.split(change), system.changes(change), strict=True)
        for member, (_, scaled), fields in parts:
            warming.append(np.append(fields[:, 1], 0.0))
            voltage = scaled * member.newton.film.voltage_scale
            current += member.system.current_change(fields, voltage)
        return np.concatenate(warming), current

    def heats(self, state: State) -> list[float]:
        """Heat of each film into the substrate [W]."""
        parts = zip(self.system.members, self.system.split(state.unknown), strict=True)
        return [float(m.substrate.scale * z[:, 1].sum()) for m, (z, _) in parts]

    def warming_by_others(self, state: State) -> list[float]:
        """Mean rise of each film's temperature by the heat of the others [K]."""
        parts, found = list(self.system.split(state.unknown)), []
        outside = zip(self.system.members, parts, self.system.outside(parts), strict=True)
        for member, (z, _), there in outside:
            member.substrate.outside = there
            with_others = member.substrate.temperature(z[:, 1])
            member.substrate.outside = Outside()
            alone = member.substrate.temperature(z[:, 1])
            found.append(float(member.newton.weights @ (with_others - alone)))
        return found


def _summed(readings: Sequence[Reading], common: float) -> Reading:
    """What a chip shows as a whole: drive, sum of the currents and powers, largest temperature."""
    current = sum(reading.I for reading in readings)
    return Reading(
        V_film=common,
        V_device=common,
        I=current,
        R=common / current if current else np.nan,
        R_contact=np.nan,
        P=sum(reading.P for reading in readings),
        T_max=max(reading.T_max for reading in readings),
        T_center=np.nan,
        T_edge=np.nan,
        barrier_width=np.nan,
        barrier_position=np.nan,
        hot_across=np.nan,
    )
