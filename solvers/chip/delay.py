r"""Heat between films in time: a sum of decays in the place of the kernel of a half-space.

One watt at a point from the time zero on raises the surface at a distance r by

.. math:: \frac{1}{2\pi\kappa r}\,\mathrm{erfc}\frac{r}{\sqrt{4 D t}}
          \approx \sum_m A_m(r)\,(1 - e^{-\lambda_m t})

(Carslaw and Jaeger, section 10.2), with rates that all pairs of points share. What a film has
given is so one filtered heat for every rate and point, which any later time is read from. Films
take steps of their own: the one that is furthest behind goes next, and what the others give after
its beginning has not arrived yet: their heat stays what it was then, so that like films stay alike.
"""

from collections.abc import Sequence

import numpy as np
from scipy.special import erfc

from mitmodels.solvers.chip.exchange import Exchange
from mitmodels.solvers.film.interfaces import Array, Surroundings
from mitmodels.solvers.runs.checkpoints import Content

# What a checkpoint holds of all films.
KEPT = ("filtered", "begin", "end", "from", "to")

# Ratio of neighbouring rates; the fastest one in units of D over the square of the shortest
# distance, the slowest one over the inverse of the whole time: the kernel errs by 2e-4.
_RATIO, _FASTEST, _SLOWEST = 1.5, 100.0, 0.3
_TIMES = 400  # in which decays are fitted
# A step takes less than the square of the gap over this times D: until then 0.5 % have arrived.
_ARRIVAL = 16.0


class DelayedExchange:
    """Filtered heat of all films, each up to its own last step.

    Parameters
    ----------
    exchange : Exchange
    conductivity : float
        [W/(m K)]
    diffusivity : float
        D [m2/s].
    duration : float
        Of the whole run [s].
    """

    def __init__(
        self, exchange: Exchange, conductivity: float, diffusivity: float, duration: float
    ) -> None:
        self._exchange = exchange
        shortest = float(exchange.distances.min(initial=np.inf))
        if np.isinf(shortest):  # nothing is to be fitted
            shortest = np.sqrt(duration * diffusivity)
        unit = shortest**2 / diffusivity
        count = int(np.log(_FASTEST / _SLOWEST * max(duration / unit, 1.0)) / np.log(_RATIO)) + 2
        rates: Array = _FASTEST * _RATIO ** -np.arange(count, dtype=float)
        self._rates = rates[:, None] / unit
        fit = _Fit(rates, duration / unit)
        # The kernel of no distance, of points that do not heat each other, is zero.
        self._gains = [
            fit(exchange.distances[rows] / shortest) / (2 * np.pi * conductivity * shortest)
            for rows in exchange.slices
        ]
        points = len(exchange.points)
        self._filtered = np.zeros((count, points))
        self._begin, self._end = np.zeros(points), np.zeros(points)
        self._from, self._to = np.zeros(points), np.zeros(points)

    def start(self, heats: Sequence[Array]) -> None:
        """Begin with films that have been at rest with their heat [W] for ever."""
        self._from = self._to = self._exchange.charges(heats)
        self._filtered = np.tile(self._to, (len(self._rates), 1))

    def content(self) -> Content:
        """Return what `restore` needs to go on."""
        kept = self._filtered, self._begin, self._end, self._from, self._to
        return dict(zip(KEPT, (array.copy() for array in kept), strict=True))

    def restore(self, content: Content) -> None:
        """Go on from what `content` returned."""
        kept = (content[name].copy() for name in KEPT)
        self._filtered, self._begin, self._end, self._from, self._to = kept

    def record(self, number: int, time: float, heat: Array) -> None:
        """Take note of the heat [W] of a film at the end of its step [s]."""
        there = self._exchange.slices[number]
        now, _ = self._at(self._end, self._end)
        self._filtered[:, there] = now[:, there]
        self._begin[there], self._end[there] = self._end[there], time
        self._from[there] = self._to[there]
        self._to[there] = self._exchange.charge(number, heat)

    def surroundings(self, number: int) -> Surroundings:
        """What the others do to a film, which is nowhere further than they are."""
        gains, own = self._gains[number], self._exchange.slices[number].start

        def warm(time: float) -> tuple[Array, Array]:
            known = np.minimum(self._end, self._end[own])
            filtered, rates = self._at(np.full_like(known, time), known)
            rise, rate = (np.einsum("mij,mj->i", gains, y) for y in (filtered, rates))
            return self._exchange.to_film(number, rise), self._exchange.to_film(number, rate)

        return warm

    def _at(self, time: Array, known: Array) -> tuple[Array, Array]:
        """Filtered heats at a time for each point, and their rates of change.

        The heat is that on a line through its last step up to a time [s] and stays so from then on.
        """
        length = self._end - self._begin
        slope = (self._to - self._from) / np.where(length > 0, length, np.inf)
        within = np.minimum(time, known) - self._begin
        lag, heat = slope / self._rates, self._from + slope * within
        filtered = heat - lag
        filtered = filtered + (self._filtered - self._from + lag) * np.exp(-self._rates * within)
        after = np.maximum(time - known, 0.0)
        filtered = heat + (filtered - heat) * np.exp(-self._rates * after)
        return filtered, self._rates * (heat - filtered)

    @staticmethod
    def longest_step(gap: float, diffusivity: float) -> float:
        """Step [s] within which nearly nothing arrives over a gap [m]."""
        return gap**2 / (_ARRIVAL * diffusivity)


class _Fit:
    """Fit of decays to the kernel, lengths in units of the shortest distance and times likewise."""

    def __init__(self, rates: Array, duration: float) -> None:
        self._times = np.append(np.geomspace(1e-2, max(duration, 1.0), _TIMES), np.inf)
        self._inverse = np.linalg.pinv(-np.expm1(-self._times[:, None] * rates), rcond=1e-10)

    def __call__(self, distances: Array) -> Array:
        """Coefficients of the decays, before the distances."""
        finite = np.where(np.isfinite(distances), distances, 1.0)
        reached = erfc(finite / np.sqrt(4 * self._times[:, None, None])) / distances
        return np.einsum("mt,tij->mij", self._inverse, reached)
