r"""Outline of a filament whose surface moves by its own curvature.

The nodes go along the normals, at a speed that depends on the sum K of both principal curvatures,
and along the outline so that they stay evenly spaced. The curvature in the half-plane is that of
the circle through a node and its neighbours, mirrored at the axis and at the counter electrode: a
polygon in a circle stays one.

Such a flow is stiff, and its speed may range over many decades, for a law of kinetics is
exponential in K. Hence BDF steps in the distance :math:`\lambda` that the nodes travel in the root
mean square, and the time follows as :math:`t = \int d\lambda / V`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from scipy.integrate import BDF

from mitmodels.errors import RunError
from mitmodels.solvers.cell.nucleus import stump
from mitmodels.solvers.cell.outline import Array, Outline, rings

_GAUSS, _GAUSS_WEIGHTS = np.polynomial.legendre.leggauss(3)
_EVENING = 1.0  # rate at which the spacing gets even, per extent of the outline travelled
_LONGEST = 0.2  # step over radius and height of the filament
_MOST_STEPS = 10_000
_UPRIGHT = 1e-6  # height of the normal at the foot

Law = Callable[[Array, Array, Array, Array], Array]


@dataclass(frozen=True, eq=False)
class Relaxed:
    """State of an outline that moves by its curvature.

    Attributes
    ----------
    t : float
        Time [s].
    outline : Outline
    released : float
        Volume that has gone through the surface so far, by the integral of its speed [m3].
    cut : float
        Volume that has lost its contact and been left out so far [m3].
    """

    t: float
    outline: Outline
    released: float = 0.0
    cut: float = 0.0


@dataclass(frozen=True, eq=False)
class _Geometry:
    """Polylines (r, z), all arrays of shape (n, k) or, between the nodes, (n - 1, k)."""

    r: Array
    z: Array
    curvature: Array
    normal: tuple[Array, Array]
    tangent: tuple[Array, Array]
    segments: tuple[Array, Array]
    lengths: Array

    @property
    def areas(self) -> Array:
        """Area of the revolved polyline that belongs to each node."""
        return rings(self.r, self.lengths)


def _geometry(nodes: Array) -> _Geometry:
    """Read what a flow needs off the nodes, their radii above their heights, shape (2 n, k)."""
    r, z = np.split(nodes, 2)
    dr = np.diff(np.concatenate((-r[1:2], r, r[-2:-1])), axis=0)
    dz = np.diff(np.concatenate((z[1:2], z, -z[-2:-1])), axis=0)
    length = np.hypot(dr, dz)
    before, after = length[:-1], length[1:]
    chord = np.hypot(dr[:-1] + dr[1:], dz[:-1] + dz[1:])
    turn = dr[1:] * dz[:-1] - dr[:-1] * dz[1:]
    curvature = 2 * turn / (before * after * chord)
    tr, tz = (after / before * d[:-1] + before / after * d[1:] for d in (dr, dz))
    norm = np.hypot(tr, tz)
    tangent = tr / norm, tz / norm
    normal = -tangent[1], tangent[0]
    curvature[0] *= 2
    curvature[1:] += normal[0][1:] / r[1:]
    return _Geometry(r, z, curvature, normal, tangent, (dr[1:-1], dz[1:-1]), length[1:-1])


def mean_curvatures(points: Array) -> Array:
    """Sum of both principal curvatures at the nodes of a polyline [1/m], shape (n,).

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Radii and heights [m].
    """
    return _geometry(points.T.reshape(-1, 1)).curvature[:, 0]


def surface_curvature(outline: Outline) -> Array:
    """Likewise of an outline, which has no mirror image at its foot where it overhangs there."""
    curvature = mean_curvatures(outline.points)
    if abs(outline.normals[-1, 1]) > _UPRIGHT:
        curvature[-1] = curvature[-2]
    return curvature


class _Flow:
    """Change of the nodes by the distance that they travel; lengths over a size [m]."""

    def __init__(self, law: Law, size: float) -> None:
        self.law, self.size = law, size

    def speed(self, at: _Geometry) -> Array:
        """Normal speed of the nodes [1/s]."""
        size = self.size
        return self.law(at.curvature / size, at.areas * size**2, at.r * size, at.z * size) / size

    def rates(self, nodes: Array) -> tuple[Array, Array]:
        """Root mean square of the speed [1/s] and rate of the volume released [1/s]."""
        at = _geometry(nodes)
        speed = self.speed(at)
        return _rms(speed), -np.sum(at.areas * speed, axis=0)

    def __call__(self, _: float, nodes: Array) -> Array:
        """Return the change of the nodes, shape (2 n,) or (2 n, k)."""
        columns = nodes.reshape(len(nodes), -1)
        at = _geometry(columns)
        speed = self.speed(at)
        speed = speed / _rms(speed)
        dr, dz = (speed * normal for normal in at.normal)
        dr[0], dz[-1] = 0.0, 0.0
        along = _evening(at, dr, dz, np.abs(speed).max(axis=0))
        change = np.concatenate((dr + along * at.tangent[0], dz + along * at.tangent[1]))
        return change.reshape(nodes.shape)


def _evening(at: _Geometry, dr: Array, dz: Array, fastest: Array) -> Array:
    """Speed along the outline that keeps its nodes evenly spaced, none at its ends."""
    lengths = at.lengths
    stretching = at.segments[0] * np.diff(dr, axis=0) + at.segments[1] * np.diff(dz, axis=0)
    stretching /= lengths
    whole = lengths.sum(axis=0)
    wanted = lengths * stretching.sum(axis=0) / whole
    wanted += _EVENING * fastest * (lengths.mean(axis=0) - lengths) / whole
    along = np.zeros_like(dr)
    along[1:-1] = np.cumsum(wanted - stretching, axis=0)[:-1]
    return along


def _rms(speed: Array) -> Array:
    return np.asarray(np.sqrt(np.mean(speed**2, axis=0)))


def relax(
    outline: Outline, law: Law, end: float, atom: float, nodes: int = 61, tolerance: float = 1e-5
) -> Iterator[Relaxed]:
    """Follow an outline that moves by its curvature until it is lower than a height.

    What stands on a neck thinner than an atom has lost its contact: it is left out, and the stump
    goes on, see `stump`.

    Parameters
    ----------
    outline : Outline
        At the beginning.
    law : callable
        Normal speed [m/s] of the nodes, from the sum of both principal curvatures [1/m], the areas
        [m2] that belong to them, their radii and heights [m], all of shape (n, k).
    end : float
        Height [m].
    atom : float
        Radius of a neck that loses contact [m]; 0 for none.
    nodes : int
        Of the outline.
    tolerance : float
        Of a step, relative.

    Yields
    ------
    Relaxed
        The beginning and the state after every step.

    Raises
    ------
    RunError
        If a step fails; the sentence says when and where.
    """
    state = Relaxed(0.0, outline)
    yield state
    while state.outline.tip_height > end:
        for after in _until_cut(state, law, nodes, tolerance):
            rest = stump(after.outline, atom) if atom > 0 else None
            lost = 0.0 if rest is None else after.outline.volume - rest.volume
            outline = after.outline if rest is None else rest
            state = Relaxed(after.t, outline, after.released, after.cut + lost)
            yield state
            if rest is not None or outline.tip_height <= end:
                break


def _until_cut(begin: Relaxed, law: Law, nodes: int, tolerance: float) -> Iterator[Relaxed]:
    """Follow an outline as long as the caller wants."""
    outline, size = begin.outline, begin.outline.extent
    points = outline.spline(np.linspace(0.0, outline.knots[-1], nodes))
    points[0, 0] = points[-1, 1] = 0.0
    flow, now = _Flow(law, size), Outline(points)
    solver = BDF(
        flow,
        0.0,
        points.T.ravel() / size,
        np.inf,
        rtol=tolerance,
        atol=tolerance / 10,
        vectorized=True,
    )
    t, released = begin.t, begin.released
    for _ in range(_MOST_STEPS):
        # A prediction beyond the vanishing of the filament has no Jacobian.
        solver.max_step = _LONGEST * min(now.radius, now.tip_height) / size
        message = solver.step()
        now = Outline(solver.y.reshape(2, -1).T * size)
        if solver.status == "failed":
            raise RunError(_failure(message or "", flow, solver.y, t, size))
        now.check()
        half = (solver.t - solver.t_old) / 2
        speed, rate = flow.rates(solver.dense_output()(solver.t_old + half * (1 + _GAUSS)))
        t += half * float(np.sum(_GAUSS_WEIGHTS / speed))
        released += half * float(np.sum(_GAUSS_WEIGHTS * rate / speed)) * size**3
        yield Relaxed(t, now, released, begin.cut)
    raise RunError(_failure(f"more than {_MOST_STEPS} steps", flow, solver.y, t, size))


def _failure(reason: str, flow: _Flow, y: Array, t: float, size: float) -> str:
    at = _geometry(y[:, None])
    fastest = int(np.argmax(np.abs(flow.speed(at))))
    r, z = np.split(y * size * 1e9, 2)
    return (
        f"the filament cannot be relaxed beyond {t:.6g} s: {reason.rstrip('.')}; its surface is "
        f"fastest at r = {r[fastest]:.3g} nm, z = {z[fastest]:.3g} nm"
    )
