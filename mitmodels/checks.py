"""Checks of numerical arguments: one sentence with the name, the value and the unit."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def _with_unit(value: object, unit: str) -> str:
    return f"{value} {unit}".rstrip()


def finite(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array.

    Raises
    ------
    ValueError
        If an entry is NaN or infinite.
    """
    array = np.asarray(value, dtype=float)
    bad = ~np.isfinite(array)
    if bad.any():
        raise ValueError(f"{name} must be finite, got {_with_unit(array[bad].flat[0], unit)}")
    return array


def not_negative(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array without negative entries.

    Raises
    ------
    ValueError
        If an entry is negative, NaN or infinite.
    """
    array = finite(name, value, unit)
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative, got {_with_unit(array.min(), unit)}")
    return array


def positive(name: str, value: ArrayLike, unit: str) -> FloatArray:
    """Return `value` as a float array of positive entries.

    Raises
    ------
    ValueError
        If an entry is zero, negative, NaN or infinite.
    """
    array = finite(name, value, unit)
    if (array <= 0).any():
        raise ValueError(f"{name} must be positive, got {_with_unit(array.min(), unit)}")
    return array


def within(name: str, value: ArrayLike, low: float, high: float, unit: str) -> FloatArray:
    """Return `value` as a float array with entries from `low` to `high`.

    Raises
    ------
    ValueError
        If an entry is outside the interval, NaN or infinite.
    """
    array = finite(name, value, unit)
    outside = (array < low) | (array > high)
    if outside.any():
        entry = _with_unit(array[outside].flat[0], unit)
        raise ValueError(f"{name} must lie between {low:g} and {high:g} {unit}, got {entry}")
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
