"""Tables over two abscissae as sums of products of tables over one.

Circuit simulators know tables over one abscissa only. What depends smoothly on two is a short sum
of products, which the singular value decomposition finds.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from mitmodels.checks import FloatArray
from mitmodels.compact.table import Table


@dataclass(frozen=True, eq=False)
class Sheet:
    """Sum over k of rows_k(x) columns_k(y), constant beyond the ends of both.

    Attributes
    ----------
    rows, columns : Table
        Over x and y; as many columns each.
    """

    rows: Table
    columns: Table

    @classmethod
    def of(
        cls, over: tuple[str, str], x: FloatArray, y: FloatArray, values: FloatArray, error: float
    ) -> Self:
        """Return as few products, on as few points, as an error allows.

        Parameters
        ----------
        over : tuple of str
            Names and units of both abscissae.
        x, y : ndarray, shapes (n,) and (m,)
            Abscissae that rise.
        values : ndarray, shape (n, m)
        error : float
            Largest difference at the given points.
        """
        left, size, right = np.linalg.svd(values, full_matrices=False)
        errors = [
            np.abs(left[:, :k] * size[:k] @ right[:k] - values).max() for k in range(1, len(size))
        ]
        rank = 1 + next((k for k, found in enumerate(errors) if found <= error / 2), len(errors))
        columns = right[:rank].T
        scale = np.abs(columns).max(axis=0)
        rows, columns = left[:, :rank] * size[:rank] * scale, columns / scale
        names = tuple(str(k) for k in range(rank))
        over_x, over_y = (
            Table(points, found, name, names)
            for points, found, name in zip((x, y), (rows, columns), over, strict=True)
        )
        allowed, weight = error, np.maximum(np.abs(rows).max(axis=0), error)
        while True:
            found = cls(over_x.reduced([allowed] * rank), over_y.reduced(allowed / weight))
            if np.abs(found(x[:, None], y) - values).max() <= error:
                return found
            allowed /= 1.5

    def __call__(self, x: npt.ArrayLike, y: npt.ArrayLike) -> FloatArray:
        """Values at points, whose arrays are broadcast."""
        return np.asarray(np.sum(self.rows.at(x) * self.columns.at(y), axis=-1))
