"""Smooth curves through computed points."""

import numpy as np
import numpy.typing as npt

type Array = npt.NDArray[np.float64]

_POINTS = 40  # drawn per computed one


def smooth(x: Array, y: Array) -> tuple[Array, Array]:
    """Akima curve through points of a curve that may fold back, by its scaled chord length."""
    steps = np.hypot(np.diff(x) / np.ptp(x), np.diff(y) / max(np.ptp(y), 1e-30))
    kept = np.concatenate([[True], steps > 0])
    length = np.concatenate([[0.0], np.cumsum(steps)])[kept]
    if len(length) < 3:
        return x, y
    fine = np.linspace(0.0, length[-1], _POINTS * len(length))
    curve = makima(length, np.column_stack([x, y])[kept], fine)
    return curve[:, 0], curve[:, 1]


def makima(x: Array, y: Array, at: Array) -> Array:
    """Interpolate by Akima's cubics with modified weights, as SciPy does, which takes long to load.

    Parameters
    ----------
    x : ndarray, shape (n,), n > 2
        Rising.
    y : ndarray, shape (n, d)
    at : ndarray, shape (m,)
        Within the range of ``x``.

    Returns
    -------
    ndarray, shape (m, d)
    """
    h = np.diff(x)[:, None]
    chords = np.diff(y, axis=0) / h
    first, last = chords[0] - chords[1], chords[-1] - chords[-2]
    slopes = np.vstack(
        [chords[0] + 2 * first, chords[0] + first, chords, chords[-1] + last, chords[-1] + 2 * last]
    )
    weights = np.abs(np.diff(slopes, axis=0)) + np.abs(slopes[1:] + slopes[:-1]) / 2
    left, right = weights[2:], weights[:-2]
    total = left + right
    mean = (left * slopes[1:-2] + right * slopes[2:-1]) / np.where(total > 0, total, 1.0)
    i = np.clip(np.searchsorted(x, at, side="right") - 1, 0, len(h) - 1)
    s = (at[:, None] - x[i, None]) / h[i]
    bend = mean[i] - chords[i], mean[i + 1] - chords[i]
    return y[i] + s * h[i] * (chords[i] + (1 - s) * ((1 - s) * bend[0] - s * bend[1]))
