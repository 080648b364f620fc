r"""Half-space substrate that stores heat: in an implicit step T = T0 + history + S b.

As in the steady half-space the heat b into the substrate is the unknown; S is the surface operator
of the step's length, and the history is what the modes before it leave at its end.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Layout, Rows, TemperatureOfHeat
from mitmodels.solvers.film.substrate.fourier_modes import FourierModes, FourierStep
from mitmodels.solvers.film.substrate.half_space import (
    DenseInverse,
    HeatUnknown,
    LocalLossInverse,
)
from mitmodels.solvers.film.substrate.heat_modes import HeatModes, ImplicitStep

_KEPT = 16  # operators of as many lengths of steps


class TransientHalfSpace(HeatUnknown):
    """Half-space in time; its thermal states are those of the modes.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of the modes' plan.
    modes : HeatModes or FourierModes

    Attributes
    ----------
    outside : ndarray or float
        Rise of the temperature by heat from elsewhere at the end of the step [K].
    """

    outside: Array | float = 0.0

    def __init__(self, film: ElectrothermalFilm, modes: HeatModes | FourierModes) -> None:
        self.modes = modes
        self.rise, self.initial_state = modes.rise, modes.initial_state
        self.to_nodes, self.from_nodes = modes.to_nodes, modes.from_nodes
        self._advance: Callable[[Any, Array, Array | None], Array] = modes.advance
        self._step = _remembered(modes)
        dense = isinstance(modes, HeatModes)
        layout = Layout(film.comm, film.owned, replicated=dense)
        super().__init__(film, layout, DenseInverse() if dense else LocalLossInverse(film))

    @property
    def numbering(self) -> Rows:
        """Order of the rows of `to_nodes`."""
        return self.modes.numbering

    def start_step(self, before: Array, duration: float) -> None:
        """Take over the state of the modes before an implicit step, and the step's length [s]."""
        # Lengths that differ by rounding share an operator.
        self._before, self._now = before, self._step(float(f"{duration:.12e}"))
        self._history = self.modes.rise(self._advance(self._now, before, None))
        self._surface = self._now.derivative(self.scale)

    def temperature(self, unknown: Array) -> Array:
        """T0 + history + S b, and what heat from elsewhere adds."""
        return self.ambient + self.outside + self._history + self._surface(unknown)

    def derivative(self, _unknown: Array, _temperature: Array, /) -> TemperatureOfHeat:
        """Return the surface operator of the step."""
        return self._surface

    def thermal_state(self, unknown: Array) -> Array:
        """State of the modes at the end of the step."""
        return self._advance(self._now, self._before, self.scale * unknown)


def _remembered(modes: HeatModes | FourierModes) -> Callable[[float], ImplicitStep | FourierStep]:
    """Steps of the modes by their lengths, the recent ones kept."""

    @lru_cache(_KEPT)
    def step(duration: float) -> ImplicitStep | FourierStep:
        return modes.step(duration)

    return step
