r"""Half-space substrate that stores heat: in an implicit step T = T0 + history + S b.

As in the steady half-space the heat b into the substrate is the unknown; S is the surface operator
of the step's length, and the history is what the modes before it leave at its end.
"""

from functools import lru_cache

from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array, Layout
from mitmodels.solvers.film.substrate.half_space import DenseInverse, HeatUnknown
from mitmodels.solvers.film.substrate.heat_modes import HeatModes
from mitmodels.solvers.film.substrate.kirchhoff import SymmetricDerivative

_KEPT = 16  # operators of as many lengths of steps


class TransientHalfSpace(HeatUnknown):
    """Half-space in time; its thermal states are those of the modes.

    Parameters
    ----------
    film : ElectrothermalFilm
        On the film and pads of the modes' plan.
    modes : HeatModes

    Attributes
    ----------
    outside : ndarray or float
        Rise of the temperature by heat from elsewhere at the end of the step [K].
    """

    outside: Array | float = 0.0

    def __init__(self, film: ElectrothermalFilm, modes: HeatModes) -> None:
        self.modes, self.space = modes, modes.space
        self.rise, self.initial_state = modes.rise, modes.initial_state
        self.to_nodes, self.from_nodes = modes.to_nodes, modes.from_nodes
        self._step = lru_cache(_KEPT)(modes.step)
        super().__init__(film, Layout(film.comm, film.owned, replicated=True), DenseInverse())

    def start_step(self, before: Array, duration: float) -> None:
        """Take over the state of the modes before an implicit step, and the step's length [s]."""
        # Lengths that differ by rounding share an operator.
        self._before, self._now = before, self._step(float(f"{duration:.12e}"))
        self._history = self.modes.rise(self.modes.advance(self._now, before, None))
        self._surface = SymmetricDerivative(self.scale * self._now.surface)

    def temperature(self, unknown: Array) -> Array:
        """T0 + history + S b, and what heat from elsewhere adds."""
        return self.ambient + self.outside + self._history + self._surface(unknown)

    def derivative(self, _unknown: Array, _temperature: Array, /) -> SymmetricDerivative:
        """Return the surface operator of the step."""
        return self._surface

    def thermal_state(self, unknown: Array) -> Array:
        """State of the modes at the end of the step."""
        return self.modes.advance(self._now, self._before, self.scale * unknown)
