"""Checks of numerical arguments: one sentence with the name, the value and the unit."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def _refuse(bad: NDArray[np.bool_], array: FloatArray, name: str, words: str, unit: str) -> None:
    """Raise ValueError with the first entry that is bad, if one is."""
    if bad.any():
        raise ValueError(f"{name} must {words}, got {array[bad].flat[0]} {unit}".rstrip())


def finite(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array.

    Raises
    ------
    ValueError
        If an entry is NaN or infinite.
    """
    array = np.asarray(value, dtype=float)
    _refuse(~np.isfinite(array), array, name, "be finite", unit)
    return array


def not_negative(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array without negative entries.

    Raises
    ------
    ValueError
        If an entry is negative, NaN or infinite.
    """
    array = finite(name, value, unit)
    _refuse(array < 0, array, name, "not be negative", unit)
    return array


def positive(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array of positive entries.

    Raises
    ------
    ValueError
        If an entry is zero, negative, NaN or infinite.
    """
    array = finite(name, value, unit)
    _refuse(array <= 0, array, name, "be positive", unit)
    return array


def within(name: str, value: ArrayLike, low: float, high: float, unit: str) -> FloatArray:
    """Return `value` as a float array with entries from `low` to `high`.

    Raises
    ------
    ValueError
        If an entry is outside the interval, NaN or infinite.
    """
    array = finite(name, value, unit)
    words = f"lie between {low:g} and {high:g} {unit}"
    _refuse((array < low) | (array > high), array, name, words, unit)
    return array


def broadcast(**arrays: Any) -> tuple[FloatArray, ...]:
    """Broadcast named arrays against one another.

    Raises
    ------
    ValueError
        If the shapes do not match.
    """
    try:
        return tuple(np.broadcast_arrays(*arrays.values()))
    except ValueError:
        shapes = ", ".join(f"{name} {np.shape(array)}" for name, array in arrays.items())
        raise ValueError(f"shapes do not match: {shapes}") from None
