"""Distance of measured points from the path of a computed curve."""

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray


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
    P, line = np.asarray(points, dtype=float), np.asarray(path, dtype=float)
    steps = np.diff(line, axis=0)
    long = (steps != 0).any(axis=1)
    if not long.any():
        raise ValueError("the path has no length: give two different points at least")
    begins, steps = line[:-1][long], steps[long]
    off = P[:, None] - begins
    fraction = np.clip((off * steps).sum(axis=2) / (steps**2).sum(axis=1), 0.0, 1.0)
    rest = off - fraction[:, :, None] * steps
    square = (rest**2).sum(axis=2)
    nearest = square.argmin(axis=1)
    row = np.arange(len(P))
    (dx, dy), (x, y) = steps[nearest].T, off[row, nearest].T
    side = np.where(dx * y - dy * x < 0, -1.0, 1.0)
    distance: FloatArray = side * np.sqrt(square[row, nearest])
    return distance
