"""Distance of measured points from the path of a computed curve."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray

_TOUCHING = 1e-9  # distance within which a point lies on the path


class Foot(NamedTuple):
    """Place of a path that is nearest to a point.

    Attributes
    ----------
    segment : int
        Number of the straight piece.
    fraction : float
        Of that piece.
    distance : float
        Negative on the right of the path.
    away : ndarray, shape (2,)
        Direction from there in which the distance grows, of length 1.
    """

    segment: int
    fraction: float
    distance: float
    away: FloatArray


def nearest(points: ArrayLike, path: ArrayLike) -> list[Foot]:
    """Return the place of a polyline that is nearest to each point.

    Parameters
    ----------
    points : shape (n, 2)
    path : shape (m, 2)
        Repeated points are left out.

    Raises
    ------
    ValueError
        If the path has no length.
    """
    P, line = np.asarray(points, dtype=float), np.asarray(path, dtype=float)
    steps = np.diff(line, axis=0)
    long = np.flatnonzero((steps != 0).any(axis=1))
    if not len(long):
        raise ValueError("the path has no length: give two different points at least")
    begins, steps = line[:-1][long], steps[long]
    off = P[:, None] - begins
    fraction = np.clip((off * steps).sum(axis=2) / (steps**2).sum(axis=1), 0.0, 1.0)
    rest = off - fraction[:, :, None] * steps
    square = (rest**2).sum(axis=2)
    found = []
    for row, number in enumerate(square.argmin(axis=1)):
        (dx, dy), (x, y), apart = steps[number], off[row, number], np.sqrt(square[row, number])
        side = -1.0 if dx * y - dy * x < 0 else 1.0
        across = np.array([-dy, dx]) / np.hypot(dx, dy)
        away = side * rest[row, number] / apart if apart > _TOUCHING else across
        place = int(long[number]), float(fraction[row, number])
        found.append(Foot(*place, float(side * apart), away))
    return found


def signed_distance(points: ArrayLike, path: ArrayLike) -> FloatArray:
    """Distance of points from a polyline, negative on its right.

    Other than the difference of two values at one abscissa it stays smooth where a curve is steep,
    jumps or folds back: a point between the jump that was measured and the one that was computed
    is as far away as they are apart.

    Parameters
    ----------
    points : shape (n, 2)
        In units of their errors.
    path : shape (m, 2)
        In the same units; repeated points are left out.

    Returns
    -------
    ndarray, shape (n,)

    Raises
    ------
    ValueError
        If the path has no length.
    """
    return np.array([foot.distance for foot in nearest(points, path)])
