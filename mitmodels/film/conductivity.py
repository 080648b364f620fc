r"""Thermal conductivity of a substrate as a law of the temperature, and its integral.

With Kirchhoff's transform, the integral of the conductivity from a fixed temperature on,

.. math:: \Theta(T) = \int^T \kappa(T')\, dT' ,

:math:`\nabla\cdot(\kappa(T)\nabla T) = 0` is Laplace's equation for :math:`\Theta`, and
:math:`\kappa\,\partial_n T = \partial_n\Theta`: whatever is solved for a constant conductivity
holds for :math:`\Theta`.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from mitmodels.film.table import Beyond, check_points, end_slopes

Array = npt.NDArray[np.float64]

_COLDEST, _HOTTEST = 1.0, 1e4  # [K] a law is held beyond them: an iteration may pass
_STEP = 1 / 400  # of ln T between two knots of the integral, whose error is about its fourth power
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(6)


@dataclass(frozen=True)
class TabulatedConductivity:
    r"""Monotone cubic of :math:`\ln\kappa` over :math:`\ln T` through measured points.

    Beyond the points the conductivity is held, or goes on as the power of T of the last tenth of
    them; towards high temperatures it falls no faster than 1/T, or a finite heat would find no
    temperature.

    Attributes
    ----------
    temperatures : tuple of float
        Increasing, at least two [K].
    conductivities : tuple of float
        Positive [W/(m K)].
    beyond : {"end", "hold", "slope"}
        What holds beyond the points. Who uses a law that ends takes no state there; an iteration
        may pass, where it is held.

    Raises
    ------
    ValueError
        If the points are not such a table.

    References
    ----------
    G. Kirchhoff, Vorlesungen ueber die Theorie der Waerme (1894); H. S. Carslaw and J. C. Jaeger,
    Conduction of Heat in Solids, section 1.6 (1959).
    """

    temperatures: tuple[float, ...]
    conductivities: tuple[float, ...]
    beyond: Beyond = "end"

    def __post_init__(self) -> None:
        """Refuse what is not a table."""
        T, kappa = np.array(self.temperatures), np.array(self.conductivities)
        check_points(T, kappa, "conductivities")
        if not (np.all(T > 0) and np.all(kappa > 0)):
            raise ValueError("temperatures and conductivities must be positive")

    @classmethod
    def power(cls, at_300_K: float, exponent: float = 0.0) -> Self:
        r"""Return the power law :math:`\kappa_{300} (300\,K/T)^n`, from 1 to 10,000 K.

        Above 300 K it falls as its exponent says also beyond 1; beyond 10,000 K it is held.
        """
        ends = np.array([_COLDEST, _HOTTEST])
        return cls(tuple(ends), tuple(at_300_K * (300 / ends) ** exponent), "hold")

    @property
    def range(self) -> tuple[float, float]:
        """First and last temperature [K]."""
        return self.temperatures[0], self.temperatures[-1]

    def __call__(self, T: Any) -> Any:
        """Conductivity [W/(m K)] at the temperature ``T`` [K], a float or an array."""
        knots = self._knots
        return self._law(np.clip(T, knots[0], knots[-1]))

    def integral(self, T: Any) -> Any:
        """Integral of the conductivity [W/m] from a fixed temperature up to ``T`` [K]."""
        return _held(self._integral, self._knots, T)

    def temperature(self, integral: Any) -> Any:
        """Temperature [K] up to which the conductivity's integral is that [W/m]."""
        return _held(self._inverse, self._integral(self._knots), integral)

    def _law(self, T: Any) -> Any:
        x, ends, (below, above) = np.log(T), np.log(self.range), self._slopes
        tails = below * np.minimum(x - ends[0], 0) + above * np.maximum(x - ends[1], 0)
        return np.exp(self._cubic(np.clip(x, *ends)) + tails)

    @cached_property
    def _cubic(self) -> Any:
        from scipy.interpolate import PchipInterpolator  # only here: it takes longer than the rest

        return PchipInterpolator(np.log(self.temperatures), np.log(self.conductivities))

    @cached_property
    def _slopes(self) -> tuple[float, float]:
        """Powers of T before the first and after the last point."""
        if self.beyond != "slope":
            return 0.0, 0.0
        x, y = np.log(self.temperatures), np.log(self.conductivities)
        below, above = end_slopes(x, y)
        return below, max(above, -1.0)

    @cached_property
    def _knots(self) -> Array:
        """Temperatures [K], dense between the points and the ends of the law."""
        ends = min(_COLDEST, self.temperatures[0]), max(_HOTTEST, self.temperatures[-1])
        x = np.log(np.unique([*ends, *self.temperatures]))
        parts = [
            np.linspace(a, b, int(np.ceil((b - a) / _STEP)), endpoint=False) for a, b in pairwise(x)
        ]
        return np.exp(np.concatenate([*parts, x[-1:]]))

    @cached_property
    def _integral(self) -> Any:
        from scipy.interpolate import CubicHermiteSpline

        T = self._knots
        half, middle = np.diff(T)[:, None] / 2, (T[1:] + T[:-1])[:, None] / 2
        pieces = half[:, 0] * (self._law(middle + half * _POINTS) @ _WEIGHTS)
        values = np.concatenate([[0.0], np.cumsum(pieces)])
        return CubicHermiteSpline(T, values, self._law(T))

    @cached_property
    def _inverse(self) -> Any:
        from scipy.interpolate import CubicHermiteSpline

        T = self._knots
        return CubicHermiteSpline(self._integral(T), T, 1 / self._law(T))


def _held(curve: Any, ends: Array, x: Any) -> Any:
    """Value of a curve, which goes on straight beyond the first and the last of its knots."""
    inside = np.clip(x, ends[0], ends[-1])
    slopes = curve([ends[0], ends[-1]], 1)
    return (
        curve(inside)
        + slopes[0] * np.minimum(x - inside, 0)
        + slopes[1] * np.maximum(x - inside, 0)
    )
