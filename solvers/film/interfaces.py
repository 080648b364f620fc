"""Interfaces of the film solvers: rows over the ranks, state, constraint and substrate."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from mpi4py import MPI
from petsc4py import PETSc

import numpy as np
import numpy.typing as npt

from mitmodels.film.observables import Reading

Array = npt.NDArray[np.float64]


class Layout:
    """Rows of nodes, either each with the rank that owns it or all of them on every rank.

    A dense operator needs all rows anyway: then the linear algebra is replicated, its vectors
    live on a communicator of one, and ranks talk only to assemble.

    Parameters
    ----------
    comm : MPI.Comm
        Of the mesh.
    owned : int
        Number of nodes of this rank.
    replicated : bool
    """

    def __init__(self, comm: MPI.Comm, owned: int, replicated: bool) -> None:
        self.replicated, self.mesh_comm = replicated, comm
        self.comm = MPI.COMM_SELF if replicated else comm
        self._counts = comm.allgather(owned)
        self._start = sum(self._counts[: comm.rank])
        self.owned_nodes = owned
        self.nodes = sum(self._counts) if replicated else owned

    def gather(self, owned: Array) -> Array:
        """Bring rows of the owned nodes into this layout."""
        if not self.replicated:
            return owned
        whole = np.empty((self.nodes, *owned.shape[1:]))
        width = int(np.prod(owned.shape[1:]))
        counts = [width * count for count in self._counts]
        self.mesh_comm.Allgatherv(np.ascontiguousarray(owned), (whole, counts))
        return whole

    def owned(self, rows: Array) -> Array:
        """Rows of the nodes that this rank owns."""
        return rows[self._start : self._start + self.owned_nodes] if self.replicated else rows

    def all_rows(self, rows: Array) -> Array:
        """Rows of all nodes on every rank, in the order of the ranks."""
        return rows if self.replicated else np.concatenate(self.mesh_comm.allgather(rows))

    def agree(self, rows: Array) -> Array:
        """Rank 0's copy of replicated rows: ranks on unlike processors differ in the last bit."""
        if self.replicated:
            self.mesh_comm.Bcast(rows)
        return rows

    def dot(self, a: Array, b: Array) -> float:
        """Inner product over all nodes."""
        return float(self.comm.allreduce(np.vdot(a, b)))


@dataclass(frozen=True)
class State:
    """A solution: unknown z and fields (psi, T) in the layout, film voltage [V], current [A]."""

    unknown: Array
    fields: Array
    voltage: float
    current: float
    reading: Reading
    iterations: int


@dataclass(frozen=True)
class Rejection:
    """A step that was not taken: where, how long (arclength or time [s] both), and why."""

    at: float
    length: float
    reason: str


class Outside(NamedTuple):
    """What heat from elsewhere does to a substrate.

    ``rise`` is that of its conductivity's integral over the temperature [W/m] at each node, and
    ``heat`` what flows through its mount besides its own [W].
    """

    rise: Array | float = 0.0
    heat: float = 0.0


class Linearised(NamedTuple):
    """A constraint at a state: value, derivatives by T (per node, None: zero), V and I."""

    value: float
    by_T: Array | None
    by_V: float
    by_I: float


class Constraint(Protocol):
    """One scalar equation c(T, V, I) = 0, scaled to be of order one."""

    def __call__(self, temperature: Array, voltage: float, current: float, /) -> Linearised:
        """Value of c, equal on all ranks, and its derivatives."""


class Traceable(Protocol):
    """Solver of steady states that a branch consists of: a film's, or that of several."""

    layout: Layout

    @property
    def start(self) -> Array:
        """Unknown of the cold device."""

    @property
    def weights(self) -> Array:
        """Fraction of the film's area that belongs to each node."""

    @property
    def resistance(self) -> float:
        """Resistance in series with the film that belongs to the device [ohm]."""

    @property
    def detail(self) -> float:
        """Distance between the details of the film's law [K]."""

    def pick(self, place: str) -> Array:
        """1 at the node of a named point, 0 elsewhere."""

    def solve(
        self,
        constraint: Constraint,
        unknown: Array,
        voltage: float,
        max_iterations: int = 12,
        tolerance: float = 1e-10,
    ) -> State:
        """Solve from a guess."""

    def tangent(self, state: State, constraint: Constraint) -> tuple[Array, float]:
        """Direction dz/ds, dV/ds along the branch with dc/ds = 1."""

    def response(self, state: State, change: Array, voltage: float) -> tuple[Array, float]:
        """Changes of T [K] and of the current [A] with those of z and V at a state."""


class TemperatureOfHeat(Protocol):
    """Derivative of the temperature by the second component of the unknown, at one state."""

    def __call__(self, change: Array, /) -> Array:
        """Change of temperature from a change of the second component."""

    def transposed(self, multipliers: Array, /) -> Array:
        """Derivatives by the second component from those by the temperature."""


class Substrate(Protocol):
    """How the second component of the unknown relates to the temperature, and how J is inverted.

    Rows are those of ``layout``; ``start`` is the unknown of the cold film. A lagged factorisation
    is renewed when a Krylov solve has taken more than ``patience`` iterations.
    """

    layout: Layout
    start: Array
    patience: int

    def temperature(self, unknown: Array, /) -> Array:
        """Temperature [K] per node from the second component."""

    def derivative(self, unknown: Array, temperature: Array, /) -> TemperatureOfHeat:
        """Derivative of ``temperature`` where it has that value [K]."""

    def heat(self, unknown: Array) -> Array:
        """Heat into the substrate per node in units of the reference power."""

    def factor(self, matrix: PETSc.Mat, by_heat: TemperatureOfHeat, renew: bool) -> None:
        """Prepare ``solve`` for the film's Jacobian; a lagged part is kept unless ``renew``."""

    def multiply(self, change: Array) -> Array:
        """Film's Jacobian times changes of psi and T, shape (nodes, 2)."""

    def multiply_transposed(self, rows: Array) -> Array:
        """Film's transposed Jacobian times multipliers of its rows, shape (nodes, 2)."""

    def solve(self, rhs: Array) -> tuple[Array, Array]:
        """Approximate J^-1 for rows of shape (nodes, 2): change of z, and that of psi and T."""

    def solve_transposed(self, rhs: Array) -> Array:
        """Approximate J^-T for derivatives by z, shape (nodes, 2)."""


class Surroundings(Protocol):
    """Heat from elsewhere that warms a film in time."""

    def __call__(self, time: float, /) -> tuple[Array, Array]:
        """Rise of the temperature per node [K] at a time [s], and its rate [K/s]."""


class Rows(Protocol):
    """Order of rows that does not depend on the ranks, see `Numbering`."""

    coordinates: Array

    def gather(self, owned: Array, /) -> Array:
        """All rows on rank 0, none elsewhere. Collective."""

    def scatter(self, rows: Array, /) -> Array:
        """Rows that this rank owns, from all of them on rank 0. Collective."""

    def check(self, coordinates: Array, /) -> None:
        """Raise RunError if rows belong to others than these. Collective."""


class TransientSubstrate(Substrate, Protocol):
    """Substrate of a film in time. Its thermal states form a linear space, 0 without heat."""

    initial_state: Array

    @property
    def numbering(self) -> Rows:
        """Order of the rows of ``to_nodes``."""

    def start_step(self, before: Array, duration: float) -> None:
        """Make everything below that of an implicit step [s] from a thermal state."""

    def rise(self, thermal: Array, /) -> Array:
        """Temperature rise [K] per node of a thermal state."""

    def thermal_state(self, unknown: Array) -> Array:
        """Thermal state at the end of the step, from the second component of the unknown."""

    def to_nodes(self, thermal: Array, /) -> Array:
        """Rows of a thermal state that this rank owns, to make it again from."""

    def from_nodes(self, values: Array, /) -> Array:
        """Thermal state of its owned rows. Collective."""
