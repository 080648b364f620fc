r"""Surface operator of a substrate by Fourier transforms on a uniform grid, for many nodes.

With the mass matrix M of film and pads, the transfer P of their shape functions to a grid, and the
convolution G with the substrate's kernel, the heat b per node raises the surface by

.. math:: S b = M^{-1} P G P^T M^{-1} b ,

a symmetric operator that costs O(n log n) in time and O(n) in memory.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Self

from mpi4py import MPI

import numpy as np
import scipy

from mitmodels.solvers.film.interfaces import Array, Layout
from mitmodels.solvers.film.substrate.convolution import (
    Convolution,
    half_space_kernel,
    slab_kernel,
)
from mitmodels.solvers.film.substrate.grid_transfer import Grid, Surface, transfer

_TERMS = 12  # of the polynomial: it errs by 4e-6 for the shortest waves of a mesh


class FourierOperator:
    """Surface operator of a substrate without a matrix, whatever it conducts; see `HalfSpace`.

    Parameters
    ----------
    comm : MPI.Comm
        Of the mesh.
    owned : int
        Number of nodes of this rank.
    surface : Surface
        Film and pads, equal on all ranks.
    grid : Grid
        At most half a cell of the surface wide: on one as wide the operator is singular.
    thickness : float
        Of a slab [m], infinite for a half-space.

    Attributes
    ----------
    points : int
        Of the grid.
    """

    matrix = None

    def __init__(
        self, comm: MPI.Comm, owned: int, surface: Surface, grid: Grid, thickness: float = np.inf
    ) -> None:
        self.surface, self.thickness = surface, thickness
        self._nodes = NodesOnGrid(comm, owned, surface, grid)
        self.layout, self.points = self._nodes.layout, self._nodes.points
        kernel = half_space_kernel if np.isinf(thickness) else slab_kernel(thickness)
        self._convolution = Convolution(grid, kernel)

    @classmethod
    def of(cls, comm: MPI.Comm, owned: int, surface: Surface, thickness: float) -> Self:
        """Operator of a half-space, or of a slab of a thickness [m], on a grid that resolves it."""
        x, y = (min(spacing, thickness / 2) for spacing in surface.half_a_cell)
        return cls(comm, owned, surface, Grid.over(surface, (x, y)), thickness)

    def changed(self, motion: Callable[[Array], Array] | None, growth: float) -> Self:
        """Return that of a surface whose points [m], shape (n, 2), have moved, on its own grid.

        The thickness of a slab has grown by so much [m].
        """
        corners, layout = self.surface.corners, self.layout
        if motion:
            corners = corners + motion(corners.reshape(-1, 2)).reshape(corners.shape)
        surface, thickness = replace(self.surface, corners=corners), self.thickness + growth
        return type(self).of(layout.mesh_comm, layout.owned_nodes, surface, thickness)

    def __call__(self, heat: Array) -> Array:
        """Rise of the conductivity's integral [W/m] for the heat [W], both in ``layout``."""
        return self._nodes.values(self._convolution(self._nodes.flow(heat)))


class NodesOnGrid:
    """Heat of the nodes of a surface on a uniform grid, and temperatures back from there.

    Parameters
    ----------
    comm : MPI.Comm
        Of the mesh.
    owned : int
        Number of nodes of this rank.
    surface : Surface
        Film and pads, equal on all ranks.
    grid : Grid

    Attributes
    ----------
    layout : Layout
        Of the nodes.
    points : int
        Of the grid.
    """

    def __init__(self, comm: MPI.Comm, owned: int, surface: Surface, grid: Grid) -> None:
        self.layout = Layout(comm, owned, replicated=False)
        end = comm.scan(owned)
        self._mine = slice(end - owned, end)
        self._flux = InverseMass(surface.mass)
        self._transfer = transfer(surface, grid)
        self.points = self._transfer.shape[1]
        self._copies = surface.copies[0] * surface.copies[1]

    def flow(self, heat: Array) -> Array:
        """Heat [W] of all points of the grid, on every rank, of that per owned node."""
        return np.asarray(self._transfer.T @ self._flux(self.layout.all_rows(heat))) / self._copies

    def values(self, on_grid: Array) -> Array:
        """Values at the owned nodes of those times the area of a point."""
        return self._flux(self._transfer @ on_grid)[self._mine]


class InverseMass:
    """Inverse of a mass matrix of linear triangles: a polynomial that keeps every heat whole.

    In units of the nodes' areas the eigenvalues lie between 1/4 and 1, and 1 is that of an even
    flux, which the first step makes exact.

    Parameters
    ----------
    mass : csr_matrix
        [m2]
    """

    def __init__(self, mass: scipy.sparse.csr_matrix) -> None:
        self._mass, self._areas = mass, mass @ np.ones(mass.shape[0])

    def __call__(self, heat: Array) -> Array:
        """Heat flux [W/m2] at the nodes for the heat [W] per node: Chebyshev's iteration."""
        middle, radius = 5 / 8, 3 / 8
        flux = heat / self._areas
        ratio, change = radius / middle, self._residual(heat, flux) / middle
        for _ in range(_TERMS):
            flux += change
            before, ratio = ratio, 1 / (2 * middle / radius - ratio)
            change = ratio * (before * change + 2 / radius * self._residual(heat, flux))
        return flux

    def _residual(self, heat: Array, flux: Array) -> Array:
        return np.asarray((heat - self._mass @ flux) / self._areas)
