"""Transfer between the nodes of film and pads and a uniform grid, conserving the heat."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Self

from dolfinx import fem

import numpy as np
import numpy.typing as npt
import scipy

from mitmodels.solvers.film.interfaces import Array

_GAUSS = 0.5 / np.sqrt(3)  # two points of a unit interval: exact for a hat times a shape function
_CHUNK = 40_000  # pieces of triangles at a time: memory limits it
_MOST_POINTS = 1e6  # of a grid that follows the smallest triangles


@dataclass(frozen=True, eq=False)
class Surface:
    """Linear triangles of film and pads, whole on every rank.

    Attributes
    ----------
    corners : ndarray, shape (cells, 3, 2)
        [m]
    nodes : ndarray of int, shape (cells, 3)
        Their numbers.
    size : int
        Number of nodes.
    copies : tuple of int
        How many mirror images, along x and along y, make the whole device.
    """

    corners: Array
    nodes: npt.NDArray[np.int64]
    size: int
    copies: tuple[int, int] = (1, 1)

    @classmethod
    def of(cls, space: fem.FunctionSpace, copies: tuple[int, int] = (1, 1)) -> Self:
        """Gather the triangles of a linear space, nodes in the order of the ranks. Collective."""
        mesh, numbering = space.mesh, space.dofmap.index_map
        owned = mesh.topology.index_map(2).size_local
        corners = mesh.geometry.x[mesh.geometry.dofmaps[0][:owned], :2]
        # The order of the corners in both maps is that of the reference triangle.
        dofs = space.dofmap.list[:owned]
        nodes = numbering.local_to_global(dofs.ravel()).reshape(-1, 3)
        parts = mesh.comm.allgather((corners, nodes))
        corners, nodes = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return cls(corners, nodes, numbering.size_global, copies)

    @property
    def half_a_cell(self) -> tuple[float, float]:
        """Half the median extent of the triangles along x and y [m].

        At most it is 1.5 times the smallest, unless that takes too many points of a grid.
        """
        extents = np.ptp(self.corners, axis=1)
        half = np.median(extents, axis=0) / 2
        finest = np.minimum(half, 1.5 * extents.min(axis=0))
        points = np.prod(np.ptp(self.corners, axis=(0, 1)) / finest)
        x, y = np.minimum(half, finest * max(np.sqrt(points / _MOST_POINTS), 1.0))
        return float(x), float(y)

    @property
    def mass(self) -> scipy.sparse.csr_matrix:
        """Mass matrix [m2] of the mesh itself, without images."""
        (ax, ay), (bx, by) = (self.corners[:, 1:] - self.corners[:, :1]).transpose(1, 2, 0)
        areas = np.abs(ax * by - ay * bx) / 2
        values = areas[:, None, None] * (1 + np.eye(3)) / 12
        rows = np.broadcast_to(self.nodes[:, :, None], values.shape)
        columns = rows.transpose(0, 2, 1)
        entries = (values.ravel(), (rows.ravel(), columns.ravel()))
        return scipy.sparse.coo_matrix(entries, shape=(self.size, self.size)).tocsr()


@dataclass(frozen=True)
class Grid:
    """Uniform grid of points; mirrored along an axis, the mirror is half a spacing before them.

    Attributes
    ----------
    spacing, origin : tuple of float
        Along x and y [m].
    shape : tuple of int
    mirrored : tuple of bool
    """

    spacing: tuple[float, float]
    origin: tuple[float, float]
    shape: tuple[int, int]
    mirrored: tuple[bool, bool]

    @classmethod
    def over(cls, surface: Surface, spacing: tuple[float, float]) -> Self:
        """Grid around a surface, whose mirror images are those of the grid."""
        mirrored = surface.copies[0] > 1, surface.copies[1] > 1
        low, high = (bound(surface.corners, axis=(0, 1)) for bound in (np.min, np.max))
        h = np.array(spacing)
        origin = np.where(mirrored, h / 2, low)
        x, y = np.floor((high - origin) / h).astype(int) + 2
        return cls(spacing, (float(origin[0]), float(origin[1])), (int(x), int(y)), mirrored)


def transfer(surface: Surface, grid: Grid) -> scipy.sparse.csr_matrix:
    """Integrals [m2] of each node's shape function times the bilinear hat of each grid point.

    Columns are the points, in C order. Every triangle is cut along the lines of the grid.
    """
    corners = (surface.corners - grid.origin) / grid.spacing
    boxes = np.prod(np.ptp(corners, axis=1) + 1, axis=1).cumsum()
    ends = np.searchsorted(boxes, np.arange(_CHUNK, boxes[-1] + _CHUNK, _CHUNK)) + 1
    parts = [
        _part(corners[start:end], surface.nodes[start:end], grid)
        for start, end in pairwise([0, *ends])
        if start < end
    ]
    rows, columns, values = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    shape = (surface.size, grid.shape[0] * grid.shape[1])
    whole = scipy.sparse.coo_matrix((values, (rows, columns)), shape=shape).tocsr()
    whole.data *= grid.spacing[0] * grid.spacing[1]
    return whole


def _part(
    corners: Array, nodes: npt.NDArray[np.int64], grid: Grid
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Array]:
    """Rows, columns and integrals of some triangles, in units of the grid."""
    rows, columns, values = [], [], []
    known, local = np.unique(nodes, return_inverse=True)
    local = local.reshape(nodes.shape).astype(np.int32)
    a, b, c = (corners[:, i] for i in range(3))
    (bx, by), (cx, cy) = (b - a).T, (c - a).T
    determinant = bx * cy - by * cx
    for cell, x, y, weight in _lines(corners):
        i, j = np.floor(x[0]).astype(np.int32), np.floor(y).astype(np.int32)
        shapes = []
        for place in x:
            dx, dy = place - a[cell, 0], y - a[cell, 1]
            second = (dx * cy[cell] - dy * cx[cell]) / determinant[cell]
            third = (dy * bx[cell] - dx * by[cell]) / determinant[cell]
            shapes.append((1 - second - third, second, third))
        for m in (0, 1):
            along = [weight * np.abs(1 - m - (place - i)) for place in x]
            for n in (0, 1):
                across = np.abs(1 - n - (y - j))
                # What lies beyond a mirror is the image of the first points.
                point = np.maximum(i + m, 0) * np.int32(grid.shape[1]) + np.maximum(j + n, 0)
                for node in range(3):
                    value = sum(w * shape[node] for w, shape in zip(along, shapes, strict=True))
                    rows.append(local[cell, node])
                    columns.append(point)
                    values.append(across * value)
    entries = np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))
    part = scipy.sparse.coo_matrix(entries, shape=(len(known), grid.shape[0] * grid.shape[1]))
    summed = part.tocsr().tocoo()
    return known[summed.row].astype(np.int32), summed.col, summed.data


def _lines(
    corners: Array,
) -> Iterator[tuple[npt.NDArray[np.int64], list[Array], Array, Array]]:
    """Lines across triangles, within boxes: triangle, both Gauss points, ordinate and weight."""
    order = np.argsort(corners[:, :, 1], axis=1)
    low, middle, high = np.take_along_axis(corners, order[:, :, None], axis=1).transpose(1, 0, 2)
    for start, stop in ((low, middle), (middle, high)):
        cell, ordinates, height = _pieces(start[:, 1], stop[:, 1])
        for y in ordinates:
            ends = [
                p[cell, 0]
                + (y - p[cell, 1]) * (q[cell, 0] - p[cell, 0]) / (q[cell, 1] - p[cell, 1])
                for p, q in ((start, stop), (low, high))
            ]
            line, x, width = _pieces(np.minimum(*ends), np.maximum(*ends))
            yield cell[line], x, y[line], width * height[line]


def _pieces(low: Array, high: Array) -> tuple[npt.NDArray[np.int64], list[Array], Array]:
    """Cut intervals at the whole numbers: interval, Gauss points and their weight, by pieces."""
    first = np.floor(low)
    counts = (np.floor(high) - first).astype(np.int64) + 1
    interval = np.repeat(np.arange(len(low)), counts)
    number = np.arange(len(interval)) - np.repeat(np.cumsum(counts) - counts, counts)
    start = first[interval] + number
    start, stop = np.maximum(start, low[interval]), np.minimum(start + 1, high[interval])
    kept = stop > start
    interval, start, length = interval[kept], start[kept], (stop - start)[kept]
    return interval, [start + place * length for place in (0.5 - _GAUSS, 0.5 + _GAUSS)], length / 2
