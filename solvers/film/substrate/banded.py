r"""Cholesky factors of a sparse matrix within its band, for one right-hand side or for many.

LAPACK solves with a banded factor one column after the other. Cut into blocks of the bandwidth, the
factor is block bidiagonal, and thousands of columns are solved by products of dense blocks.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import scipy
from numpy.lib.stride_tricks import as_strided

from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.petsc import SolverError

_BLOCK = 32  # least rows of a block, for the sake of the dense products


def band_order(matrix: scipy.sparse.csr_matrix) -> npt.NDArray[np.int32]:
    """Order of the rows of a symmetric pattern that keeps its entries near the diagonal."""
    return scipy.sparse.csgraph.reverse_cuthill_mckee(matrix, symmetric_mode=True)


class Band:
    """Where the entries of some rows and columns of a sparse matrix stand in LAPACK's band.

    Parameters
    ----------
    matrix : csr_matrix
        Of any values.
    rows : ndarray of int
        Of it, and columns, in `band_order`.
    """

    def __init__(self, matrix: scipy.sparse.csr_matrix, rows: npt.NDArray[np.integer]) -> None:
        numbers = np.arange(matrix.nnz, dtype=float)
        numbered = scipy.sparse.csr_matrix(
            (numbers, matrix.indices, matrix.indptr), shape=matrix.shape
        )
        part = numbered[rows][:, rows].tocoo()
        below = part.row - part.col
        self.width, self.size = max(_BLOCK, int(below.max(initial=0))), len(rows)
        lower = below >= 0
        self._places = below[lower], part.col[lower]
        self._numbers = part.data[lower].astype(np.int64)

    def of(self, matrix: scipy.sparse.csr_matrix) -> Array:
        """Band of a matrix of this pattern."""
        band = np.zeros((self.width + 1, self.size), order="F")
        band[self._places] = matrix.data[self._numbers]
        return band


class BandedCholesky:
    """Factors of a symmetric definite part of a matrix.

    Parameters
    ----------
    band : Band
    matrix : csr_matrix

    Raises
    ------
    SolverError
        If the part is not definite.
    """

    def __init__(self, band: Band, matrix: scipy.sparse.csr_matrix) -> None:
        self._width = band.width
        self._band, info = scipy.linalg.lapack.dpbtrf(band.of(matrix), lower=1, overwrite_ab=1)
        if info:
            raise SolverError(
                "a matrix of the film or its substrate cannot be factorised: it is not definite "
                f"at row {info}"
            )

    def solve(self, rhs: Array) -> Array:
        """Solution for a right-hand side, or for each column of many, in their precision."""
        if rhs.ndim == 1:
            return np.asarray(scipy.linalg.lapack.dpbtrs(self._band, rhs, lower=1)[0])
        x, blocks = rhs.copy(), self._blocks(rhs.dtype)
        for here, inverse, before, link in blocks:
            x[here] = inverse @ (x[here] - link @ x[before])
        for here, inverse, before, link in reversed(blocks):
            x[here] = inverse.T @ x[here]
            x[before] -= link.T @ x[here]
        return x

    def _blocks(self, precision: npt.DTypeLike) -> list[tuple[slice, Array, slice, Array]]:
        """Rows of each block, its inverse, the rows before, and the factor's block left of it."""
        size, width = self._band.shape[1], self._width
        flat = self._band.ravel(order="F")  # (i, j) of the factor stands at i + width j
        step, blocks = flat.strides[0], []
        for start in range(0, size, width):
            stop, before = min(start + width, size), max(start - width, 0)
            rows, columns = stop - start, start - before
            block = as_strided(flat[start + width * start :], (rows, rows), (step, width * step))
            inverse, _ = scipy.linalg.lapack.dtrtri(np.tril(block), lower=1)
            link = as_strided(flat[start + width * before :], (rows, columns), (step, width * step))
            parts = (part.astype(precision) for part in (inverse, np.triu(link)))
            inverse, link = parts
            blocks.append((slice(start, stop), inverse, slice(before, start), link))
        return blocks
