"""Kirchhoff's laws on a rectangular grid of cells with four equal arms each."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import sparse
from scipy.linalg import solveh_banded

from mitmodels.checks import FloatArray


@dataclass(frozen=True)
class ResistorGrid:
    """Cells in columns along the current and rows across it, between two contacts.

    An arm of a cell joins an arm of its neighbour to a link; in the first and in the last column
    it alone is the link to the contact, at the lateral edges it leads nowhere. The voltages of
    the links are `difference` @ (cell potentials) + `drive` * (applied voltage), their
    resistances `arms` @ (arm resistances). Cells are numbered column by column.

    Parameters
    ----------
    columns, rows : number of cells along and across the current

    Raises
    ------
    ValueError
        If there are fewer than two columns or there is no row.
    """

    columns: int
    rows: int

    def __post_init__(self) -> None:
        if self.columns < 2 or self.rows < 1:
            raise ValueError(
                "the grid needs at least 2 columns and 1 row, "
                f"got columns = {self.columns} and rows = {self.rows}"
            )

    @property
    def cells(self) -> int:
        """Number of cells."""
        return self.columns * self.rows

    @cached_property
    def difference(self) -> sparse.csr_array:
        """Potential differences of the links: axial ones from contact to contact, then lateral."""
        columns, rows = self.columns, self.rows
        eye = sparse.eye_array
        axial = sparse.kron(eye(columns + 1, columns, k=-1) - eye(columns + 1, columns), eye(rows))
        lateral = sparse.kron(eye(columns), eye(rows - 1, rows) - eye(rows - 1, rows, k=1))
        return sparse.csr_array(sparse.vstack([axial, lateral]))

    @cached_property
    def arms(self) -> sparse.csr_array:
        """Arms of the cells (columns) in the links (rows)."""
        return abs(self.difference)

    @cached_property
    def links(self) -> sparse.csr_array:
        """Links (columns) of the cells (rows): the transpose of `arms`."""
        return sparse.csr_array(self.arms.T)

    @cached_property
    def drive(self) -> FloatArray:
        """One for the links to the driven contact, zero for the others."""
        drive = np.zeros(self.difference.shape[0])
        drive[: self.rows] = 1.0
        return drive

    def potential(self, g: FloatArray) -> FloatArray:
        """Cell potentials at unit voltage for link conductances g, shape (links,)."""
        axial, lateral = g[: self.cells + self.rows], g[self.cells + self.rows :]
        band = np.zeros((self.rows + 1, self.cells))
        band[0] = self.links @ g
        by_column = band[1].reshape(self.columns, self.rows)
        by_column[:, :-1] = -lateral.reshape(self.columns, self.rows - 1)
        band[self.rows, : -self.rows] = -axial[self.rows : -self.rows]
        source = np.zeros(self.cells)
        source[: self.rows] = axial[: self.rows]
        return solveh_banded(band, source, lower=True, overwrite_ab=True, check_finite=False)

    def currents(self, R: FloatArray) -> FloatArray:
        """Link currents at unit voltage for arm resistances R, shape (cells,)."""
        g = 1 / (self.arms @ R)
        return g * (self.difference @ self.potential(g) + self.drive)
