"""Film under one bias as a Kerr microscope sees it: amplitude, apparent width, what has gone."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import numpy.typing as npt
import scipy

from mitmodels.checks import FloatArray
from mitmodels.magnetism.kerr_map import apparent_width, contrast_level, kerr_map
from mitmodels.magnetism.magnetisation import Brillouin

IntArray = npt.NDArray[np.int64]

LAW = Brillouin()
SPACING = 0.25e-6  # [m]
_FRAME = 20e-6  # bare surroundings that a map shows [m]
_GONE = {"V_full_moke_50": 0.5, "V_full_moke_10": 0.1}  # amplitude that no film has any more


class FilmGrid:
    """Square grid over a film and what is around it, on which its mesh is sampled.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Nodes of the whole film [m].
    triangles : ndarray, shape (m, 3)
        Their numbers, of linear elements.
    """

    def __init__(self, points: FloatArray, triangles: IntArray) -> None:
        from matplotlib.tri import Triangulation  # only who asks for a map waits for it

        film = points[np.unique(triangles)]
        low, high = film.min(axis=0), film.max(axis=0)
        self.shape = tuple(np.rint((high - low + 2 * _FRAME) / SPACING).astype(int) + 1)
        axes = (
            start - _FRAME + SPACING * np.arange(n)
            for start, n in zip(low, self.shape, strict=True)
        )
        # Points on the edge are in the film, whatever is rounded.
        middle = (low + high) / 2
        x, y = (np.ravel(c) for c in np.meshgrid(*axes, indexing="ij"))
        x, y = (m + (c - m) * (1 - 1e-9) for m, c in zip(middle, (x, y), strict=True))
        finder = Triangulation(points[:, 0], points[:, 1], triangles).get_trifinder()
        inside = np.asarray(finder(x, y), dtype=np.int64)
        self._nodes = np.flatnonzero(inside >= 0)
        corners = triangles[inside[self._nodes]]
        self._weights = _barycentric(points, corners, x[self._nodes], y[self._nodes])

    def sampled(self, values: FloatArray) -> FloatArray:
        """Values of the nodes on the grid, NaN where there is no film, shape (x, y)."""
        found = np.full(np.prod(self.shape), np.nan)
        found[self._nodes] = self._weights @ values
        return np.asarray(found.reshape(self.shape))


def _barycentric(
    points: FloatArray, corners: IntArray, x: FloatArray, y: FloatArray
) -> scipy.sparse.csr_array:
    """Matrix of the linear functions of triangles at a point in each of them."""
    a, b, c = (points[corners[:, i]].T for i in range(3))
    (u, v), (p, q), (r, s) = b - a, c - a, (x - a[0], y - a[1])
    area = u * q - v * p
    second, third = (r * q - s * p) / area, (u * s - v * r) / area
    weights = np.column_stack([1 - second - third, second, third])
    rows = np.arange(len(corners) + 1) * 3
    return scipy.sparse.csr_array(
        (weights.ravel(), corners.ravel(), rows), shape=(len(corners), len(points))
    )


@dataclass(frozen=True, eq=False)
class KerrState:
    """Film under one bias.

    Attributes
    ----------
    label : voltage, or current, of the source, or temperature
    voltage : source voltage [V]
    ambient : temperature of the film without bias [K]
    temperature : on a square grid of `SPACING`, NaN where there is no film, shape (x, y) [K]
    """

    label: str
    voltage: float
    ambient: float
    temperature: FloatArray

    def at(self, T: float) -> KerrState:
        """Return the same film without bias, all of it at a temperature [K]."""
        even = np.where(np.isnan(self.temperature), np.nan, T)
        return replace(self, label=f"{T:g} K", voltage=0.0, temperature=even)

    @property
    def line(self) -> FloatArray:
        """Temperature along the mid-line of the film [K]."""
        middle = self.temperature[:, self.temperature.shape[1] // 2]
        return middle[~np.isnan(middle)]

    @property
    def above(self) -> float:
        """Length of the mid-line above the Curie temperature [m]."""
        return float(np.count_nonzero(self.line > LAW.curie_temperature)) * SPACING

    @property
    def gradient(self) -> float:
        """Steepest slope of the temperature where the mid-line passes T_c [K/m], 0 for none."""
        step = np.diff(self.line)
        hot = self.line > LAW.curie_temperature
        return float(np.abs(step[hot[1:] != hot[:-1]]).max(initial=0.0)) / SPACING

    def amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude over that of the film without bias, shape (x, y)."""
        bright = float(LAW(self.ambient))
        return np.asarray(kerr_map(self.temperature, LAW, SPACING, spot) / bright)

    def line_amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude along the mid-line, where the film is."""
        half = self.temperature.shape[1] // 2
        return np.asarray(self.amplitude(spot)[~np.isnan(self.temperature[:, half]), half])

    def extremes(self, spot: float) -> tuple[float, float, float, float]:
        """Least amplitude on the mid-line, largest of film and across its middle, in its centre."""
        kerr, film = self.amplitude(spot), ~np.isnan(self.temperature)
        across, half = (n // 2 for n in film.shape)
        return (
            float(kerr[film[:, half], half].min()),
            float(kerr[film].max()),
            float(kerr[across, film[across]].max()),
            float(kerr[across, half]),
        )

    def width(self, spot: float) -> float:
        """Apparent width of the barrier at half depth [m], zero without film above T_c."""
        if not 0 < self.above < self.line.size * SPACING:
            return self.above
        kerr = self.line_amplitude(spot)
        return float(apparent_width(kerr, contrast_level(kerr, kerr.max()), SPACING))

    def dark(self, spot: float) -> float:
        """Length of the mid-line below half the amplitude of the film without bias [m]."""
        return float(apparent_width(self.line_amplitude(spot), 0.5, SPACING))


def findings(
    states: Sequence[KerrState], nucleated: KerrState | None, spot: float
) -> dict[str, tuple[float | None, str, str]]:
    """Return what the paper reads from its maps, of an upward sweep in ascending voltage.

    ``d_moke`` is the width at half depth behind the jump, where ``largest_nucleated`` is what is
    left of the amplitude; ``V_full_moke_50`` and ``_10`` are the voltages at which no film has 50
    or 10 % of it any more, linearly between two states.
    """
    read: tuple[float, ...] | None = None
    if nucleated:
        read = nucleated.width(spot), nucleated.extremes(spot)[1], nucleated.gradient
    units = {"d_moke": "m", "largest_nucleated": "", "gradient_nucleated": "K/m"}
    found: dict[str, tuple[float | None, str, str]] = {
        name: (read[i] if read else None, unit, "no state behind a jump is stored")
        for i, (name, unit) in enumerate(units.items())
    }

    @cache
    def largest(i: int) -> float:
        return states[i].extremes(spot)[1]

    for name, level in _GONE.items():
        # It only falls on the way up.
        i = bisect_left(range(len(states)), True, key=lambda i: largest(i) < level)
        if i in (0, len(states)):
            found[name] = (None, "V", f"no two states are on either side of {level:.0%}")
        else:
            part = (largest(i - 1) - level) / (largest(i - 1) - largest(i))
            before, after = states[i - 1].voltage, states[i].voltage
            found[name] = (before + part * (after - before), "V", "")
    return found
