r"""Recess that the dissolution of the active electrode leaves above the filament.

The growth of the filament is mirrored to the electrode: its surface recedes by

.. math:: s(r) = G_w * \min\!\left[v^* (H(r) - r_0)^+,\ s_\mathrm{max}\right]

where H(r) is the height of the filament seen from above, r_0 that of the nucleus and G_w a
normalised Gaussian in r. The convolution of the piecewise linear profile is evaluated in closed
form: sampling it on a grid would make the current jump whenever a steep side wall passes a sample.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.interpolate import PPoly
from scipy.special import ndtr

from mitmodels.checks import not_negative, positive
from mitmodels.solvers.cell.curvature_flow import surface_curvature
from mitmodels.solvers.cell.outline import Array, Outline

_NEAR = 3e-9  # [m]
_PIECES = 3  # of each segment of the outline's spline, for the profile seen from above


@dataclass(frozen=True)
class Dissolution:
    """How the active electrode recedes (Buttberg et al. 2025, section 2.3).

    Attributes
    ----------
    ratio : float
        Speed of dissolution over that of growth, v*.
    deepest : float
        Bound of the recess [m].
    width : float
        Standard deviation of the smoothing [m]: a parameter of the model, not of the numerics.
    nucleus : float
        Height from which growth counts, r0 [m].
    """

    ratio: float
    deepest: float
    width: float
    nucleus: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        not_negative("dissolution ratio", self.ratio, "")
        not_negative("deepest recess", self.deepest, "m")
        positive("width of the recess", self.width, "m")
        positive("nucleus", self.nucleus, "m")

    def recess(self, outline: Outline) -> "Recess":
        """Return the recess above a filament."""
        pieces = _seen_from_above(outline.refined(_PIECES))
        if self.ratio > 0:
            for level in (self.nucleus, self.nucleus + self.deepest / self.ratio):
                pieces = _split(pieces, level)
        start, stop, *heights = pieces
        first, last = (
            np.clip(self.ratio * (height - self.nucleus), 0.0, self.deepest) for height in heights
        )
        return Recess(
            np.concatenate((-stop[::-1], start, stop[-1:])),
            np.concatenate((last[::-1], first)),
            np.concatenate((first[::-1], last)),
            self.width,
        )


def _seen_from_above(points: Array) -> Array:
    """Pieces (r from, r to, height from, height to) of the profile seen from above, inside out."""
    r, z = points.T
    reached = np.maximum.accumulate(r)
    start, stop = reached[:-1], r[1:]
    i = np.flatnonzero(stop - start > 1e-9 * reached[-1])
    slope = (z[i + 1] - z[i]) / (r[i + 1] - r[i])
    # What is left out is too narrow to count, but the pieces must touch.
    ends = stop[i]
    begins = np.concatenate(([0.0], ends[:-1]))
    return np.stack((begins, ends, z[i] + slope * (begins - r[i]), z[i + 1]))


def _split(pieces: Array, level: float) -> Array:
    """Split the pieces that cross a height."""
    _, _, low, high = pieces
    crossing = (low - level) * (high - level) < 0
    a, b, f, g = pieces[:, crossing]
    middle = a + (level - f) / (g - f) * (b - a)
    left = np.stack((a, middle, f, np.full_like(a, level)))
    right = np.stack((middle, b, np.full_like(a, level), g))
    found = np.concatenate((pieces[:, ~crossing], left, right), axis=1)
    return found[:, np.argsort(found[0])]


@dataclass(frozen=True, eq=False)
class Recess:
    """A smoothed piecewise linear depth, which may jump between its pieces.

    Attributes
    ----------
    knots : ndarray, shape (n + 1,)
        Radii between which the pieces lie, from the mirror image's edge to the edge [m].
    first, last : ndarray, shape (n,)
        Depth at the beginning and at the end of each piece [m].
    width : float
        Standard deviation of the smoothing [m].
    """

    knots: Array
    first: Array
    last: Array
    width: float

    @property
    def edge(self) -> float:
        """Radius where the unsmoothed recess ends [m]."""
        return float(self.knots[-1])

    def depth(self, r: Array, derivatives: int = 0) -> tuple[Array, ...]:
        """Return the depth [m] at the radii r [m] and its first derivatives, at most two."""
        offset = self.knots - np.asarray(r, dtype=float)[..., None]
        slope = (self.last - self.first) / np.diff(self.knots)
        u = offset / self.width
        inside, density = np.diff(ndtr(u)), np.exp(-0.5 * u * u) / np.sqrt(2 * np.pi)
        at_a, at_b = density[..., :-1], density[..., 1:]
        here = self.first - slope * offset[..., :-1]
        found = [np.sum(here * inside - slope * self.width * (at_b - at_a), axis=-1)]
        if derivatives > 0:
            ends = (self.last * at_b - self.first * at_a) / self.width
            found.append(np.sum(slope * inside - ends, axis=-1))
        if derivatives > 1:
            ends = slope * (at_b - at_a)
            ends += (self.last * u[..., 1:] * at_b - self.first * u[..., :-1] * at_a) / self.width
            found.append(-np.sum(ends, axis=-1) / self.width)
        return tuple(found)


def _quintic(values: Array, step: float) -> Array:
    """Coefficients, shape (6, n - 1), of polynomials through values and two derivatives.

    Parameters
    ----------
    values : ndarray, shape (3, n)
        Function and its first two derivatives at nodes.
    step : float
        Between the nodes.
    """
    f, d, c = values * step ** np.arange(3)[:, None]
    c = c / 2
    a, b, e = np.diff(f) - d[:-1] - c[:-1], np.diff(d) - 2 * c[:-1], np.diff(c)
    high = 6 * a - 3 * b + e, -15 * a + 7 * b - 2 * e, 10 * a - 4 * b + e
    scaled = np.stack((*high, c[:-1], d[:-1], f[:-1]))
    return np.asarray(scaled / step ** np.arange(5, -1, -1)[:, None])


@dataclass(frozen=True, eq=False)
class ActiveElectrode:
    """Surface z = thickness + depth(r) of the active electrode.

    Attributes
    ----------
    thickness : float
        Of the electrolyte, before dissolution [m].
    radius : float
        Of the cell [m].
    recess : Recess
    """

    thickness: float
    radius: float
    recess: Recess

    def height(self, r: Array) -> Array:
        """Height of the surface [m]."""
        return self.thickness + self._depth(0, r)

    def gap(self, points: Array) -> Array:
        """Distance of points to the surface [m], shape (n,), negative behind it.

        The nearest of a hundred samples is refined by Newton's method, if it is so near that
        electrons tunnel.
        """
        r, z = points.T
        squared = np.sum((points[:, None, :] - self._samples) ** 2, axis=-1)
        nearest = np.argmin(squared, axis=1)
        distance = np.sqrt(squared[np.arange(len(points)), nearest])
        near = np.flatnonzero(distance < _NEAR)
        distance[near] = self._refined(r[near], z[near], self._samples[nearest[near], 0])
        behind = z > self.thickness
        behind[behind] = self.height(r[behind]) < z[behind]
        return np.where(behind, -distance, distance)

    @cached_property
    def _samples(self) -> Array:
        """Points of the surface, dense where it is curved, shape (m, 2)."""
        dense = self._depths[0].x
        coarse = np.linspace(dense[-1], max(self.radius, 1.1 * dense[-1]), 40)[1:]
        r = np.concatenate((dense, coarse))
        return np.column_stack((r, self.height(r)))

    def _depth(self, order: int, r: Array) -> Array:
        """Return a derivative of the depth of the recess."""
        depth = self._depths[order]
        return np.asarray(np.where(r < depth.x[-1], depth(r), 0.0))

    @cached_property
    def _depths(self) -> tuple[PPoly, PPoly, PPoly]:
        """Polynomials of the fifth degree through depth and derivatives, and their derivatives.

        They are 2e-8 of the deepest recess off and cost a tenth.
        """
        step = self.recess.width / 4
        r = np.arange(0.0, self.recess.edge + 7 * self.recess.width, step)
        known = np.array(self.recess.depth(r, derivatives=2))
        depth = PPoly.construct_fast(_quintic(known, step), r)
        return depth, depth.derivative(), depth.derivative(2)

    def _refined(self, r: Array, z: Array, x: Array) -> Array:
        """Distance of (r, z) to the surface, nearest close to the radius x."""
        step = self.recess.width / 4
        low, high = np.maximum(x - step, 0.0), x + step
        for _ in range(4):
            s, ds, dds = (self._depth(order, x) for order in range(3))
            above = self.thickness + s - z
            curvature = 1 + ds**2 + above * dds
            slope = (x - r) + above * ds
            x = np.clip(x - slope / np.maximum(curvature, 0.1), low, high)
        return np.asarray(np.hypot(x - r, self.height(x) - z))


@dataclass(frozen=True, eq=False)
class Shape:
    """A filament and the electrode that receded above it.

    The surface energy of one that is ``held``, a seed, does not count.
    """

    outline: Outline
    electrode: ActiveElectrode
    held: bool = False

    @cached_property
    def curvature(self) -> Array:
        """Sum of both principal curvatures of the outline, at its nodes [1/m]."""
        outline = self.outline
        return np.zeros(len(outline.points)) if self.held else surface_curvature(outline)

    @cached_property
    def _both(self) -> Array:
        knots = self.outline.knots
        middle = self.outline.spline((knots[1:] + knots[:-1]) / 2)
        return self.electrode.gap(np.concatenate((self.outline.points, middle)))

    @property
    def gaps(self) -> Array:
        """Distance of the outline's nodes to the electrode [m], negative behind it."""
        return self._both[: len(self.outline.points)]

    @property
    def middle_gaps(self) -> Array:
        """Likewise of the outline's curve halfway between its nodes, shape (n - 1,)."""
        return self._both[len(self.outline.points) :]

    @cached_property
    def nearest(self) -> tuple[float, float]:
        """Smallest distance of the outline's curve to the electrode [m], and its radius [m].

        Between the nodes too: the smallest of the nodes' is too large by some percent, and jumps
        with them.
        """
        outline = self.outline
        knots, n = outline.knots, len(outline.points)
        s, gaps = np.empty((2, 2 * n - 1))
        s[::2], s[1::2] = knots, (knots[1:] + knots[:-1]) / 2
        gaps[::2], gaps[1::2] = self.gaps, self.middle_gaps
        i = int(gaps.argmin())
        if i in (0, len(s) - 1):  # on the axis the curve is level
            return float(gaps[i]), float(outline.r[i // 2])
        around = s[i - 1 : i + 2]
        slopes = np.diff(gaps[i - 1 : i + 2]) / np.diff(around)
        level = outline.spline(np.interp(0.0, slopes, (around[1:] + around[:-1]) / 2))
        return float(self.electrode.gap(level[None])[0]), float(level[0])
