"""Table of a measured resistivity as a law: its points put in order, smoothed and interpolated."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
Beyond = Literal["end", "hold", "slope"]

_MOST = 2000  # points; of more, neighbours are averaged
_NOISY = 1 / 3  # fraction of the inner points that are local extrema
_REACH = 4  # how far the kernel of the smoothing is summed up, in its widths
_TAIL = 0.1  # fraction of the points whose slope goes on beyond the last one


@dataclass(frozen=True)
class TabulatedResistivity:
    r"""Monotone, once differentiable interpolation of measured points.

    Between two points the curve is the cubic of Fritsch and Carlson, which nowhere overshoots them.
    Beyond the last point :math:`\rho_n`, and likewise before the first, it is constant, or goes on
    with the slope :math:`m` of the last tenth of the points: with
    :math:`u = m (T - T_n) / \rho_n` it is :math:`\rho_n (1 + u)` where it rises and
    :math:`\rho_n e^u`, which stays positive, where it falls.

    Attributes
    ----------
    temperatures : tuple of float
        Increasing, at least two [K].
    resistivities : tuple of float
        Positive [ohm m].
    beyond : {"end", "hold", "slope"}
        What holds beyond the points. Who uses a law that ends takes no state there; an iteration
        may pass, where it is held.

    Raises
    ------
    ValueError
        If the points are not such a table.

    References
    ----------
    F. N. Fritsch and R. E. Carlson, SIAM J. Numer. Anal. 17, 238 (1980).
    """

    temperatures: tuple[float, ...]
    resistivities: tuple[float, ...]
    beyond: Beyond = "end"

    def __post_init__(self) -> None:
        """Refuse what is not a table."""
        T, rho = np.array(self.temperatures), np.array(self.resistivities)
        check_points(T, rho, "resistivities")
        if not np.all(rho > 0):
            raise ValueError(f"the resistivities must be positive: there is {rho.min():g} ohm m")

    @property
    def range(self) -> tuple[float, float]:
        """First and last temperature [K]."""
        return self.temperatures[0], self.temperatures[-1]

    @property
    def spacing(self) -> float:
        """Typical distance between two temperatures [K]."""
        return float(np.median(np.diff(self.temperatures)))

    @property
    def is_noisy(self) -> bool:
        """Whether the resistivity goes up and down from point to point."""
        turns = np.diff(np.sign(np.diff(self.resistivities))) != 0
        return len(turns) > 2 and float(np.mean(turns)) > _NOISY

    def __call__(self, T: Any) -> Any:
        """Resistivity [ohm m] at the temperature ``T`` [K], a float or an array."""
        factor, _ = self._continued(T)
        return self._cubic(np.clip(T, *self.range)) * factor

    def slope(self, T: Any) -> Any:
        """Derivative of the resistivity [ohm m/K]."""
        _, slope = self._continued(T)
        inside = np.clip(T, *self.range)
        return np.where(inside == T, self._derivative(inside), slope)

    @cached_property
    def _cubic(self) -> Any:
        from scipy.interpolate import PchipInterpolator  # only here: it takes longer than the rest

        return PchipInterpolator(self.temperatures, self.resistivities)

    @cached_property
    def _derivative(self) -> Any:
        return self._cubic.derivative()

    @cached_property
    def _ends(self) -> tuple[tuple[float, float, float], ...]:
        """Temperature, resistivity and slope at the first and at the last point."""
        T, rho = np.array(self.temperatures), np.array(self.resistivities)
        first, last = end_slopes(T, rho) if self.beyond == "slope" else (0.0, 0.0)
        return (T[0], rho[0], first), (T[-1], rho[-1], last)

    def _continued(self, T: Any) -> tuple[Any, Any]:
        """Factor of the end's resistivity beyond both ends, and the slope there [ohm m/K]."""
        (first, rho_first, m_first), (last, rho_last, m_last) = self._ends
        below, above = np.minimum(T - first, 0.0), np.maximum(T - last, 0.0)
        u = below * (m_first / rho_first) + above * (m_last / rho_last)
        m = np.where(below < 0, m_first, np.where(above > 0, m_last, 0.0))
        falling = np.exp(np.minimum(u, 0.0))
        return np.where(u > 0, 1 + u, falling), m * np.where(u > 0, 1.0, falling)


def check_points(T: Array, values: Array, name: str) -> None:
    """Refuse what is no table of the named values over increasing temperatures [K].

    Raises
    ------
    ValueError
        If the lengths differ, there are fewer than two points, or a temperature is out of order.
    """
    if len(T) != len(values) or len(T) < 2:
        counts = f"{len(values)} and {len(T)}"
        raise ValueError(f"needs as many {name} as temperatures, two or more: there are {counts}")
    if not np.all(np.diff(T) > 0):
        at = int(np.argmin(np.diff(T) > 0))
        raise ValueError(f"the temperatures must increase: {T[at + 1]:g} K follows {T[at]:g} K")


def end_slopes(x: Array, y: Array) -> tuple[float, float]:
    """Return the slopes of the first and of the last tenth of some points, at least two."""
    count = max(2, int(_TAIL * len(x)))
    first, last = (
        float(np.polyfit(x[part], y[part], 1)[0])
        for part in (slice(None, count), slice(-count, None))
    )
    return first, last


def in_order(T: Array, rho: Array) -> tuple[Array, Array]:
    """Return measured points in the order of their temperatures, repeated ones averaged.

    Of more than 2000 temperatures neighbours are averaged, the same number in each group; the first
    and the last stay.
    """
    distinct, group = np.unique(T, return_inverse=True)
    if len(distinct) > _MOST:
        group = 1 + (group - 1) * (_MOST - 2) // (len(distinct) - 2)
    count = np.bincount(group)
    return np.bincount(group, T) / count, np.bincount(group, rho) / count


def smoothed(T: Array, rho: Array, width: float) -> Array:
    r"""Return resistivities without their noise.

    At each temperature it is the value of a line through the neighbours of :math:`\ln\rho`, which
    count as :math:`e^{-(T - T_i)^2/2w^2}` (local linear regression).

    Parameters
    ----------
    T, rho : ndarray, shape (n,)
        In order [K], and positive [ohm m].
    width : float
        Standard deviation w of the kernel [K].
    """
    result, values = np.empty_like(rho), np.log(rho)
    begin, end = (np.searchsorted(T, T + side * _REACH * width) for side in (-1, 1))
    for i, part in enumerate(map(slice, begin, np.maximum(end, begin + 1))):
        x, y = T[part] - T[i], values[part]
        w = np.exp(-((x / width) ** 2) / 2)
        w /= w.sum()
        middle, mean = w @ x, w @ y
        spread = w @ (x - middle) ** 2
        line = w @ ((x - middle) * (y - mean)) / spread if spread > 0 else 0.0
        result[i] = np.exp(mean - line * middle)
    return result
