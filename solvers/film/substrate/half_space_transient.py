r"""Half-space substrate that stores heat: in an implicit step T = T0 + history + S b.

As in the steady half-space the heat b into the substrate is the unknown; S is the surface operator
of the step's length, and the history is what the modes before it leave at its end.
"""

from functools import lru_cache
from typing import Protocol

from petsc4py import PETSc

from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.layout import Layout
from mitmodels.solvers.film.newton import Substrate
from mitmodels.solvers.film.substrate.half_space import DenseInverse
from mitmodels.solvers.film.substrate.heat_modes import HeatModes

Array = npt.NDArray[np.float64]
_KEPT = 16  # operators of as many lengths of steps


class Storage(Substrate, Protocol):
    """A substrate in time. States of storage form a linear space, in which ``cold`` is zero."""

    space: fem.FunctionSpace

    @property
    def cold(self) -> Array:
        """State without heat."""

    def begin(self, before: Array, duration: float) -> None:
        """Make everything below that of an implicit step [s] from a state of storage."""

    def rise(self, state: Array) -> Array:
        """Temperature rise [K] per node of a state of storage."""

    def stored(self, unknown: Array) -> Array:
        """State of storage at the end of the step, from the second component of the unknown."""

    def to_nodes(self, state: Array) -> Array:
        """Values of a state at the owned nodes of ``space``, from which it can be made again."""

    def from_nodes(self, values: Array) -> Array:
        """State of values at the owned nodes. Collective."""


class HalfSpaceStorage:
    """Maps heat to temperature within an implicit step and solves its Newton system.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of the modes' plan.
    modes : HeatModes
    """

    patience = 12

    def __init__(self, film: ElectrothermalFilm, modes: HeatModes) -> None:
        self.modes, self.ambient, self.scale = modes, film.ambient, film.power_scale
        self.space = modes.space
        self.layout = Layout(film.comm, film.owned, replicated=True)
        self.start = self.layout.gather(film.fields)
        self.start[:, 1] = 0.0
        self._step = lru_cache(_KEPT)(modes.step)
        self._inverse = DenseInverse(np.empty((0, 0)))

    @property
    def cold(self) -> Array:
        """State without heat."""
        return self.modes.cold

    def begin(self, before: Array, duration: float) -> None:
        """Take over the state of the modes before an implicit step, and the step's length [s]."""
        # Lengths that differ by rounding share an operator.
        self._before, self._now = before, self._step(float(f"{duration:.12e}"))
        self._history = self.modes.rise(self.modes.advance(self._now, before, None))
        self._inverse.S = self.scale * self._now.surface

    def rise(self, state: Array) -> Array:
        """Temperature rise [K] per node of a state of the modes."""
        return self.modes.rise(state)

    def stored(self, unknown: Array) -> Array:
        """State of the modes at the end of the step."""
        return self.modes.advance(self._now, self._before, self.scale * unknown)

    def to_nodes(self, state: Array) -> Array:
        """Values of the modes at the owned nodes of the plan."""
        return self.modes.to_nodes(state)

    def from_nodes(self, values: Array) -> Array:
        """State of values at the owned nodes."""
        return self.modes.from_nodes(values)

    def temperature(self, unknown: Array) -> Array:
        """T0 + history + S b."""
        return self.ambient + self._history + self.push(unknown)

    def push(self, change: Array) -> Array:
        """S b [K] for b in units of the reference power."""
        return self._inverse.S @ change

    def pull(self, gradient: Array) -> Array:
        """S is symmetric."""
        return self.push(gradient)

    def heat(self, unknown: Array) -> Array:
        """The unknown itself."""
        return unknown

    def factor(self, matrix: PETSc.Mat, renew: bool) -> None:
        """Factorise the potential block, and the heat block if it is to be renewed."""
        self._inverse.factor(matrix, renew)

    def multiply(self, change: Array) -> Array:
        """Apply the film's Jacobian to changes of psi and T."""
        return self._inverse.multiply(change)

    def solve(self, rhs: Array) -> Array:
        """Approximate J^-1 by elimination of the potential."""
        return self._inverse.solve(rhs)
