r"""Steady states of several films that heat each other through one substrate.

Each film has its bordered system with the condition of its own source, which goes in proportion to
one common drive; the whole is bordered by the constraint on that drive,

.. math::
    F_i(z_i, V_i, \textstyle\sum_{j \ne i} S_{ij} b_j) = 0, \qquad
    \lambda_i(V_i, I_i) = \lambda\,\hat\lambda_i, \qquad c(T, \lambda) = 0 ,

solved by Newton's method with the exact mutual blocks, preconditioned film by film.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np

from mitmodels.solvers.chip.exchange import Exchange
from mitmodels.solvers.film.bordered import BorderedSystem
from mitmodels.solvers.film.constraints import Drive, Linear
from mitmodels.solvers.film.interfaces import Array, Constraint, Layout, Outside, State
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate
from mitmodels.solvers.film.substrate.kirchhoff import KirchhoffDerivative
from mitmodels.solvers.petsc import callback


@dataclass(frozen=True, eq=False)
class Member:
    """A film of the chip and its source.

    Attributes
    ----------
    newton : BorderedNewton
        Of the film alone, on a dense half-space or slab.
    drive : Drive
        What its source controls.
    target : float
        Value of that [V or A] where the common drive is 1.
    scale : float
        Typical value [V or A].
    """

    newton: BorderedNewton
    drive: Drive
    target: float
    scale: float

    @property
    def system(self) -> BorderedSystem:
        """Bordered system of the film alone."""
        return self.newton.system

    @property
    def substrate(self) -> HalfSpaceSubstrate:
        """Substrate with an input from outside."""
        found = self.newton.substrate
        assert isinstance(found, HalfSpaceSubstrate)
        return found

    @property
    def nodes(self) -> int:
        """Nodes of film and pads."""
        return self.newton.layout.nodes

    @property
    def cold(self) -> Array:
        """Temperatures of the cold film [K]."""
        return np.full(self.nodes, self.newton.film.ambient)

    def source(self, common: float) -> Linear:
        """Condition of the source at a value of the common drive."""
        return Linear(1 / self.scale * self.drive, common * self.by_common)

    @property
    def by_common(self) -> float:
        """Target in units of the scale."""
        return self.target / self.scale


@dataclass(frozen=True)
class ChipState(State):
    """A state of all films: their rows one below the other, behind each that of its voltage.

    ``voltage`` is the common drive, ``current`` the sum of all.

    Attributes
    ----------
    films : tuple of State
    """

    films: tuple[State, ...] = ()


def films_of(state: State) -> tuple[State, ...]:
    """Return the states of the films that a state of a chip consists of."""
    assert isinstance(state, ChipState)
    return state.films


class CoupledSystem:
    """Residual and Jacobian of the whole; PETSc's context.

    Parameters
    ----------
    members : sequence of Member
    exchange : Exchange
        Between their films.
    kernel : ndarray
        Rise of the conductivity's integral [1/m] at the points of ``exchange`` by one watt there.
    comm : MPI.Comm
        Of the meshes; all rows are on every rank.

    Attributes
    ----------
    constraint : Constraint
        On the common drive and the temperatures, of the solve under way.
    """

    failed = float("nan")
    constraint: Constraint

    def __init__(
        self, members: Sequence[Member], exchange: Exchange, kernel: Array, comm: MPI.Comm
    ) -> None:
        self.members, self.exchange, self.kernel = tuple(members), exchange, kernel
        self._ends = np.cumsum([member.nodes + 1 for member in members])
        rows = int(self._ends[-1])
        self.layout = Layout(comm, rows if comm.rank == 0 else 0, replicated=True)
        self.error: BaseException | None = None

    def split(self, rows: Array) -> Iterator[tuple[Array, float]]:
        """Rows of each film, and the first entry of the one behind them."""
        for part in np.split(rows, self._ends[:-1]):
            yield part[:-1], float(part[-1].flat[0])

    def join(self, parts: Sequence[tuple[Array, float]]) -> Array:
        """Put rows of each film and the entry behind them below one another."""
        return np.concatenate([piece for rows, last in parts for piece in (rows, [[last, 0.0]])])

    def outside(self, parts: Sequence[tuple[Array, float]]) -> list[Outside]:
        """What the heat of the others, the second component of each film's rows, does to each."""
        heats = [m.substrate.scale * z[:, 1] for m, (z, _) in zip(self.members, parts, strict=True)]
        rises = self.exchange.to_nodes(self.kernel @ self.exchange.charges(heats))
        total = sum(heat.sum() for heat in heats)
        return [Outside(r, float(total - h.sum())) for r, h in zip(rises, heats, strict=True)]

    def thermal_resistances(self) -> Array:
        """Mean temperature of each cold film per watt spread evenly over another one [K/W]."""
        weights, columns = [member.newton.weights for member in self.members], []
        cold = [m.substrate.derivative(np.zeros(m.nodes), m.cold) for m in self.members]
        for source, (own, w) in enumerate(zip(self.members, weights, strict=True)):
            heats = [w if i == source else np.zeros_like(v) for i, v in enumerate(weights)]
            rises = self.exchange.to_nodes(self.kernel @ self.exchange.charges(heats))
            warming = [d.from_outside(Outside(r, 1.0)) for d, r in zip(cold, rises, strict=True)]
            warming[source] = cold[source](w / own.substrate.scale)
            columns.append([v @ dT for v, dT in zip(weights, warming, strict=True)])
        return np.transpose(columns)

    def residual(self, rows: Array, common: float) -> tuple[Array, float]:
        """Rows of all films, each with the distance of its source from its target, and c."""
        parts = list(self.split(rows))
        for member, outside in zip(self.members, self.outside(parts), strict=True):
            member.substrate.outside = outside
        found = [
            m.system.residual(z, V * m.newton.film.voltage_scale, m.source(common))
            for m, (z, V) in zip(self.members, parts, strict=True)
        ]
        residual = self.join(found)
        residual[self._ends - 1, 1] = rows[self._ends - 1, 1]
        temperature = self.temperatures(parts)
        return residual, self.constraint(temperature, common, 0.0).value

    def temperatures(self, parts: Sequence[tuple[Array, float]]) -> Array:
        """Temperatures of all films [K], zero in the rows of voltages."""
        found = [
            np.append(m.substrate.temperature(z[:, 1]), 0.0)
            for m, (z, _) in zip(self.members, parts, strict=True)
        ]
        return np.concatenate(found)

    def linearise(self, rows: Array, common: float, iterations: int = 0) -> None:
        """Prepare `jacobian_times` and `precondition` at a linearisation point."""
        parts = list(self.split(rows))
        for member, outside in zip(self.members, self.outside(parts), strict=True):
            member.substrate.outside = outside
        for m, (z, V) in zip(self.members, parts, strict=True):
            at = z, V * m.newton.film.voltage_scale
            m.system.linearise(*at, m.source(common), iterations)
        linear = self.constraint(self.temperatures(parts), common, 0.0)
        self._by_T = np.zeros(len(rows)) if linear.by_T is None else linear.by_T
        self._corner = linear.by_V
        self._eliminate()

    def _eliminate(self) -> None:
        """Response of the films, each alone, to the common drive."""
        column = [(np.zeros((m.nodes, 2)), -m.by_common) for m in self.members]
        self._border = self._alone(column)
        self._schur = self._corner - self._by_T @ self._warming(self._border)

    def refactor(self) -> None:
        """Renew the factorisations where the system is linearised."""
        for member in self.members:
            member.system.refactor()
        self._eliminate()

    @property
    def is_lagged(self) -> bool:
        """Whether a factorisation in use is that of an earlier Jacobian."""
        return any(member.system.is_lagged for member in self.members)

    def renew(self) -> None:
        """Make the next linearisation renew all factorisations."""
        for member in self.members:
            member.system.renew()

    def changes(self, rows: Array) -> list[Array]:
        """Changes of psi and T of each film with those of all."""
        parts = list(self.split(rows))
        found = []
        for m, (z, _), outside in zip(self.members, parts, self.outside(parts), strict=True):
            by_heat = m.system.temperature_of_heat
            assert isinstance(by_heat, KirchhoffDerivative)
            fields = m.system.fields_of(z).copy()
            fields[:, 1] += by_heat.from_outside(outside)
            found.append(fields)
        return found

    def jacobian_times(self, rows: Array, common: float) -> tuple[Array, float]:
        """Changes of the residual with those of all films and of the common drive."""
        changes = self.changes(rows)
        found = []
        for m, (z, V), fields in zip(self.members, self.split(rows), changes, strict=True):
            own, distance = m.system.jacobian_times(z, V, fields)
            found.append((own, distance - common * m.by_common))
        product = self.join(found)
        product[self._ends - 1, 1] = rows[self._ends - 1, 1]
        warming = np.concatenate([np.append(fields[:, 1], 0.0) for fields in changes])
        return product, float(self._by_T @ warming + self._corner * common)

    def precondition(self, rows: Array, last: float) -> tuple[Array, float]:
        """Solve film by film, as if each were alone, by elimination of the common drive."""
        change = self._alone(list(self.split(rows)))
        change[self._ends - 1, 1] = rows[self._ends - 1, 1]
        common = (last - self._by_T @ self._warming(change)) / self._schur
        return change - common * self._border, float(common)

    def _alone(self, parts: Sequence[tuple[Array, float]]) -> Array:
        pairs = zip(self.members, parts, strict=True)
        return self.join([m.system.precondition(rows, last) for m, (rows, last) in pairs])

    def _warming(self, rows: Array) -> Array:
        """Change of the temperatures with that of each film's own heat."""
        found = [
            np.append(m.system.temperature_of_heat(z[:, 1]), 0.0)
            for m, (z, _) in zip(self.members, self.split(rows), strict=True)
        ]
        return np.concatenate(found)

    def vector(self) -> PETSc.Vec:
        """Create a vector of the system."""
        return PETSc.Vec().createMPI((2 * self.layout.nodes + 1, None), comm=self.layout.comm)

    def pack(self, vector: PETSc.Vec, rows: Array, last: float) -> None:
        """Put rows and the last entry into a vector."""
        vector.array_w = np.append(rows.reshape(-1), last)

    def unpack(self, vector: PETSc.Vec) -> tuple[Array, float]:
        """Rows and the last entry of a vector, equal on all ranks."""
        array = self.layout.agree(vector.array_r.copy())
        return array[:-1].reshape(-1, 2), float(array[-1])

    @callback
    def function(self, _snes: PETSc.SNES, x: PETSc.Vec, f: PETSc.Vec) -> None:
        """Evaluate the residual for PETSc's nonlinear solver."""
        self.pack(f, *self.residual(*self.unpack(x)))
        self.layout.agree(f.array_w)

    @callback
    def jacobian(self, snes: PETSc.SNES, x: PETSc.Vec, _J: PETSc.Mat, _P: PETSc.Mat) -> None:
        """Linearise for PETSc's nonlinear solver."""
        self.linearise(*self.unpack(x), snes.getKSP().getIterationNumber())

    @callback
    def mult(self, _mat: PETSc.Mat, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Multiply by the Jacobian for PETSc."""
        self.pack(y, *self.jacobian_times(*self.unpack(x)))

    @callback
    def apply(self, _pc: PETSc.PC, x: PETSc.Vec, y: PETSc.Vec) -> None:
        """Precondition for PETSc."""
        self.pack(y, *self.precondition(*self.unpack(x)))
