"""Rectangles that devices cover on a chip."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Footprint:
    """Rectangle of film and pads on the chip.

    Attributes
    ----------
    x, y : float
        Centre [m].
    length, width : float
        Along the current, pads included, and across it [m].
    turned : bool
        By 90 degrees: the current flows along y.
    """

    x: float
    y: float
    length: float
    width: float
    turned: bool = False

    @property
    def sides(self) -> tuple[float, float]:
        """Extent along x and y of the chip [m]."""
        return (self.width, self.length) if self.turned else (self.length, self.width)

    def on_chip(self, points: Array) -> Array:
        """Bring points from the frame of the film, shape (n, 2), onto the chip."""
        x, y = points.T
        along, across = (-y, x) if self.turned else (x, y)
        return np.column_stack([self.x + along, self.y + across])

    def gap(self, other: "Footprint") -> float:
        """Distance between two rectangles [m], at most zero where they overlap or touch."""
        centres = np.abs((self.x - other.x, self.y - other.y))
        apart = centres - (np.array(self.sides) + other.sides) / 2
        return float(np.hypot(*np.maximum(apart, 0)) if apart.max() > 0 else apart.max())

    def distance(self, other: "Footprint") -> float:
        """Distance between the centres [m]."""
        return float(np.hypot(self.x - other.x, self.y - other.y))
