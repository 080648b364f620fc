"""Outline of the filament: the only state of a growing cell.

An outline is a polyline in the (r, z) half-plane from the tip on the axis to the triple point on
the counter electrode (z = 0), both in metres. The curve through its nodes is a cubic spline that
is mirrored at the axis, and at z = 0 unless the filament overhangs the electrode.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.interpolate import CubicSpline, PPoly

from mitmodels.errors import RunError

Array = npt.NDArray[np.float64]

_End = Any  # condition at the end of a spline, see scipy.interpolate.CubicSpline
_UPRIGHT = 0.05  # slope dr/dz at the electrode above which the filament overhangs it
_STEEPEST = 0.7  # sine of the contact angle below which the triple point gets no faster
_GAUSS, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(4)


class OutlineError(RunError):
    """An outline that does not bound a filament."""


@dataclass(frozen=True, eq=False)
class Outline:
    """Nodes of the filament's outline, from the tip to the triple point.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
        Radius and height [m].
    """

    points: Array

    @classmethod
    def nucleus(cls, radius: float, nodes: int) -> "Outline":
        """Return a quarter circle of the given radius [m]."""
        angle = np.linspace(0, np.pi / 2, nodes)
        points = radius * np.column_stack((np.sin(angle), np.cos(angle)))
        points[0, 0] = points[-1, 1] = 0.0
        return cls(points)

    @property
    def r(self) -> Array:
        """Radii of the nodes [m]."""
        return self.points[:, 0]

    @property
    def z(self) -> Array:
        """Heights of the nodes [m]."""
        return self.points[:, 1]

    @property
    def tip_height(self) -> float:
        """Height on the axis [m]."""
        return float(self.z[0])

    @property
    def height(self) -> float:
        """Largest height [m]."""
        return float(self.z.max())

    @property
    def radius(self) -> float:
        """Largest radius [m]."""
        return float(self.r.max())

    @property
    def extent(self) -> float:
        """Largest distance of a node from the foot of the axis [m]."""
        return float(np.linalg.norm(self.points, axis=1).max())

    @cached_property
    def lengths(self) -> Array:
        """Lengths of the segments [m], shape (n - 1,)."""
        return np.linalg.norm(np.diff(self.points, axis=0), axis=1)

    @cached_property
    def knots(self) -> Array:
        """Parameter of the spline at the nodes: the length of the polyline up to them [m]."""
        return np.concatenate(([0.0], np.cumsum(self.lengths)))

    @cached_property
    def spline(self) -> CubicSpline:
        """Spline (r(s), z(s)) through the nodes, mirrored at the axis and at z = 0.

        Where the filament overhangs the electrode, its outline ends there without a condition.
        """
        free = self._spline("not-a-knot", "not-a-knot")
        dr, dz = free(self.knots[-1], 1)
        overhangs = dr < -_UPRIGHT * abs(dz)
        return free if overhangs else self._spline((1, 0.0), (2, 0.0))

    def _spline(self, r_at_base: _End, z_at_base: _End) -> CubicSpline:
        r_ends: _End = ((2, 0.0), r_at_base)
        z_ends: _End = ((1, 0.0), z_at_base)
        r = CubicSpline(self.knots, self.r, bc_type=r_ends)
        z = CubicSpline(self.knots, self.z, bc_type=z_ends)
        return CubicSpline.construct_fast(np.stack((r.c, z.c), axis=-1), self.knots)

    @cached_property
    def normals(self) -> Array:
        """Unit normals into the electrolyte at the nodes, shape (n, 2)."""
        tangent = self.spline(self.knots, 1)
        normal = np.column_stack((-tangent[:, 1], tangent[:, 0]))
        normal[0] = 0.0, 1.0
        return normal / np.linalg.norm(normal, axis=1, keepdims=True)

    @property
    def directions(self) -> Array:
        """Displacement of the nodes per normal displacement of the outline, shape (n, 2).

        The normals, but for the triple point, which slides along the counter electrode. If the
        filament overhangs, it is where the wall that moves downwards meets the electrode.
        """
        found = self.normals.copy()
        found[-1] = 1 / max(found[-1, 0], _STEEPEST), 0.0
        return found

    @cached_property
    def curvature(self) -> Array:
        """Curvature in the half-plane at the nodes [1/m], positive for a convex filament."""
        (dr, dz), (ddr, ddz) = self.spline(self.knots, 1).T, self.spline(self.knots, 2).T
        curvature: Array = (dz * ddr - dr * ddz) / (dr**2 + dz**2) ** 1.5
        return curvature

    @property
    def mean_curvature(self) -> Array:
        """Sum of both principal curvatures of the revolved outline at the nodes [1/m]."""
        around = self.curvature.copy()
        around[1:] = self.normals[1:, 0] / self.r[1:]
        return self.curvature + around

    @cached_property
    def stretch(self) -> tuple[Array, Array]:
        """Area of the revolved spline over that of the revolved polyline, where they are near.

        At the nodes, shape (n,), and halfway between them, shape (n - 1,).
        """
        middle = (self.knots[1:] + self.knots[:-1]) / 2
        at_nodes, halfway = (
            np.linalg.norm(self.spline(s, 1), axis=1) for s in (self.knots, middle)
        )
        at_nodes[0] *= self.spline(0.0, 1)[0] * self.lengths[0] / self.r[1]
        return at_nodes, halfway * self.spline(middle)[:, 0] * 2 / (self.r[1:] + self.r[:-1])

    def refined(self, pieces: int) -> Array:
        """Points of the spline that cut every segment into pieces [m], shape (m, 2).

        Where the radius is extreme there is a point too: what overhangs is as wide as the curve.
        """
        n = len(self.points) - 1
        s = np.interp(np.arange(pieces * n + 1) / pieces, np.arange(n + 1), self.knots)
        slope = PPoly(self.spline.c[..., 0], self.knots).derivative()
        turns = slope.roots(extrapolate=False)
        return self.spline(np.union1d(s, turns[np.isfinite(turns)]))

    @property
    def volume(self) -> float:
        """Volume inside the revolved spline [m3]."""
        half = self.lengths / 2
        s = (self.knots[:-1] + half)[:, None] + half[:, None] * _GAUSS
        r, dz = self.spline(s)[..., 0], self.spline(s, 1)[..., 1]
        return float(-np.pi * np.sum(half[:, None] * _GAUSS_WEIGHTS * r**2 * dz))

    @cached_property
    def ring_areas(self) -> Array:
        """Area of the revolved polyline that belongs to each node [m2], shape (n,)."""
        return ring_areas(self.points)

    def profile(self, heights: Array, below_tip: float = 1e-9) -> Array:
        """Largest radius at each height [m]; above ``below_tip`` under the top, the radius there.

        Nothing is known of a wire that is thinner than an atom, and the tip of the outline is:
        its electrons scatter like those in the wire just below it.
        """
        height = np.clip(heights, 0.0, max(self.height - below_tip, 0.0))[:, None]
        low, high = np.minimum(self.z[:-1], self.z[1:]), np.maximum(self.z[:-1], self.z[1:])
        t = (height - self.z[:-1]) / np.where(high > low, np.diff(self.z), np.inf)
        radius = self.r[:-1] + np.clip(t, 0.0, 1.0) * np.diff(self.r)
        return np.max(np.where((low <= height) & (height <= high), radius, 0.0), axis=1)

    def distance(self, points: Array) -> Array:
        """Distance of points [m], shape (m, 2), to the polyline."""
        r, z = points.T[:, :, None] - self.points[:-1].T[:, None, :]
        dr, dz = np.diff(self.points, axis=0).T
        t = np.clip((r * dr + z * dz) / self.lengths**2, 0.0, 1.0)
        return np.sqrt(((r - t * dr) ** 2 + (z - t * dz) ** 2).min(axis=1))

    def displaced(self, displacement: Array) -> "Outline":
        """Return the outline whose nodes went by a vector [m], shape (n, 2)."""
        points = self.points + displacement
        points[0, 0] = points[-1, 1] = 0.0
        return Outline(points)

    def resampled(self, spacing: Array, longest: float = 1.3) -> "Outline":
        """Add nodes where segments are longer than wanted and drop them where shorter.

        Other nodes stay where they are; if all do, the outline is returned. A segment is split that
        is longer than ``longest`` times the spacing [m] at its ends, shape (n,). A node goes that
        is closer than half the spacing to the one before it, or about to pass through the counter
        electrode.
        """
        kept = self._thinned(spacing)
        s, wanted = self.knots[kept], spacing[kept]
        sizes = (wanted[:-1] + wanted[1:]) / 2
        pieces = [_pieces(*pair, longest) for pair in zip(np.diff(s), sizes, strict=True)]
        if len(kept) == len(self.points) and max(pieces) == 1:
            return self
        parameters = [
            np.linspace(start, stop, n + 1)[1:]
            for start, stop, n in zip(s[:-1], s[1:], pieces, strict=True)
        ]
        points: Array = self.spline(np.concatenate((s[:1], *parameters)))
        if kept[-1] - kept[-2] > 1:
            # The spline winds through the nodes that went at the foot: a straight line replaces it.
            foot = self.points[kept[-2:]]
            n = _pieces(float(np.linalg.norm(foot[1] - foot[0])), sizes[-1], longest)
            line = np.linspace(foot[0], foot[1], n + 1)[1:]
            points = np.concatenate((points[: len(points) - pieces[-1]], line))
        points[0, 0] = points[-1, 1] = 0.0
        return Outline(points)

    def _thinned(self, spacing: Array) -> npt.NDArray[np.intp]:
        kept, last = [0], len(self.points) - 1
        clear = self.z >= 0.3 * spacing[last]
        for i in range(1, last):
            if clear[i] and self.knots[i] - self.knots[kept[-1]] >= 0.5 * spacing[i]:
                kept.append(i)
        if len(kept) > 1 and self.knots[last] - self.knots[kept[-1]] < 0.5 * spacing[last]:
            kept.pop()
        return np.array([*kept, last])

    def violations(self, spacing: Array, longest: float = 1.3) -> int:
        """Count the segments outside 0.5 to ``longest`` times the spacing [m], shape (n,)."""
        ratio = self.lengths / ((spacing[:-1] + spacing[1:]) / 2)
        return int(np.sum((ratio < 0.5) | (ratio > longest)))

    def check(self) -> None:
        """Refuse an outline that cannot bound a filament.

        Raises
        ------
        OutlineError
            If a coordinate is not finite, a node other than the ends touches the axis or the
            electrode, or the outline crosses itself.
        """
        if not np.isfinite(self.points).all():
            raise OutlineError("the outline has nodes that are not finite")
        if (self.r[1:] <= 0).any() or (self.z[:-1] <= 0).any():
            raise OutlineError("the outline leaves the quadrant r > 0, z > 0")
        if (self.lengths <= 0).any():
            raise OutlineError("the outline has a segment without length")
        if self._crosses_itself():
            raise OutlineError("the outline crosses itself")

    def _crosses_itself(self) -> bool:
        p, q = self.points[:-1], self.points[1:]

        def side(a: Array, b: Array, c: Array) -> Array:
            u, v = b - a, c - a
            return u[..., 0] * v[..., 1] - u[..., 1] * v[..., 0]

        i, j = np.triu_indices(len(p), 2)
        apart = side(p[i], q[i], p[j]) * side(p[i], q[i], q[j])
        across = side(p[j], q[j], p[i]) * side(p[j], q[j], q[i])
        return bool(((apart < 0) & (across < 0)).any())


def _pieces(length: float, spacing: float, longest: float) -> int:
    """Into how many pieces a segment is split."""
    return 1 if length <= longest * spacing else int(np.ceil(length / spacing))


def ring_areas(points: Array) -> Array:
    """Area of a revolved polyline that belongs to each of its nodes [m2], shape (n,)."""
    return rings(points[:, 0], np.linalg.norm(np.diff(points, axis=0), axis=1))


def rings(r: Array, lengths: Array) -> Array:
    """Likewise for radii [m], shape (n, ...), and lengths between them [m], shape (n - 1, ...)."""
    inner, outer = r[:-1], r[1:]
    area = np.zeros_like(r)
    area[:-1] += np.pi * lengths * (2 * inner + outer) / 3
    area[1:] += np.pi * lengths * (inner + 2 * outer) / 3
    return area
