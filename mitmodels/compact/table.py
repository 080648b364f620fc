"""Tables of a compact model: columns over one abscissa, straight lines between the rows."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mitmodels.checks import FloatArray, finite


@dataclass(frozen=True, eq=False)
class Table:
    """Columns over one abscissa that rises, constant beyond both ends.

    Attributes
    ----------
    x : ndarray, shape (n,)
        The abscissa.
    values : ndarray, shape (n, m)
        The columns.
    x_name : str
        Name and unit of the abscissa, ``T_hot [K]``.
    names : tuple of str, m entries
        Names and units of the columns.
    """

    x: FloatArray
    values: FloatArray
    x_name: str
    names: tuple[str, ...]

    def __post_init__(self) -> None:
        finite("a column", self.values, "")
        if self.values.shape != (len(self.x), len(self.names)):
            raise ValueError("as many names as columns and as many values in each as abscissae")
        if len(self.x) < 2 or not np.all(np.diff(self.x) > 0):
            raise ValueError(f"{self.x_name} must rise from row to row")

    @property
    def range(self) -> tuple[float, float]:
        """Smallest and largest abscissa."""
        return float(self.x[0]), float(self.x[-1])

    def column(self, number: int) -> "Curve":
        """Return one column over the abscissa."""
        return Curve(self.x, self.values[:, number])

    def at(self, x: npt.ArrayLike) -> FloatArray:
        """Return the columns at abscissae, shape (..., m)."""
        curves = [self.column(i)(x) for i in range(len(self.names))]
        return np.stack(curves, axis=-1)

    def reduced(self, errors: npt.ArrayLike) -> "Table":
        """Return as few of the rows as straight lines between them need, see `vertices`."""
        kept = vertices(self.x, self.values, errors)
        return Table(self.x[kept], self.values[kept], self.x_name, self.names)


@dataclass(frozen=True, eq=False)
class Curve:
    """Straight lines between points, constant beyond their ends.

    Attributes
    ----------
    x, y : ndarray, shape (n,)
        The points; x rises.
    """

    x: FloatArray
    y: FloatArray

    def __call__(self, x: npt.ArrayLike) -> FloatArray:
        """Values at abscissae."""
        found: FloatArray = np.interp(np.asarray(x, dtype=float), self.x, self.y)
        return found

    def scaled(self, factor: float) -> "Curve":
        """Return the curve times a factor."""
        return Curve(self.x, factor * self.y)


def vertices(x: FloatArray, values: FloatArray, errors: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Rows between which straight lines err by no more than is allowed, as few as a sweep finds.

    From every vertex on, the next one is the last row up to which the line to it holds all rows
    between them.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Abscissae that rise.
    values : ndarray, shape (n, m)
    errors : array_like, shape (m,)
        Largest error of each column; infinite for one that is not looked at.

    Returns
    -------
    ndarray of int
        Numbers of the rows that are kept, the first and the last among them.
    """
    allowed, kept = np.asarray(errors, dtype=float), [0]
    while (first := kept[-1]) < len(x) - 1:
        last = first + 1
        for end in range(first + 2, len(x)):
            inside = slice(first + 1, end)
            part = ((x[inside] - x[first]) / (x[end] - x[first]))[:, None]
            line = values[first] + part * (values[end] - values[first])
            if np.all(np.abs(line - values[inside]) <= allowed):
                last = end
            elif end > 2 * last - first + 8:  # far beyond what a line holds
                break
        kept.append(last)
    return np.array(kept)
