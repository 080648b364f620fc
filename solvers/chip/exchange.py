r"""Heat that films on one substrate exchange.

Away from its source the kernel of the substrate is smooth: between two films it is interpolated by
polynomials at Chebyshev points of their footprints,

.. math:: S_{ij} = B_i K(x_i, x_j) B_j^T, \qquad B_i = M_i^{-1} \int \varphi\, L ,

with the mass M of a film's nodes and the Lagrange polynomials L of the points, which are as many as
the nearest neighbour asks for. What one film gives to another is so what that one would give to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, permutations, product

import basix.ufl
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import assemble_matrix

import numpy as np
import scipy.interpolate
import scipy.sparse
import scipy.sparse.linalg

from mitmodels.chip.footprint import Footprint
from mitmodels.solvers.film.electrothermal import TEMPERATURE, ElectrothermalFilm
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.substrate.surface_operator import replicate

_PRECISION = 1e-5  # of the interpolated kernel
_FEWEST, _MOST = 3, 24  # points along a side
_QUADRATURE = 8  # degree: pads have few elements


@dataclass(frozen=True, eq=False)
class _Interpolation:
    """Points of a footprint on the chip, and the polynomials of them at the nodes of its film."""

    points: Array
    basis: Array


class Exchange:
    """Heat between films, each on all ranks.

    Parameters
    ----------
    films : sequence of ElectrothermalFilm
    footprints : sequence of Footprint
        Theirs, apart from each other. A quarter of a film stands for its mirror images: it gives
        and takes their mean.
    coupled : callable
        Whether two films, by their numbers, heat each other; without, all do.

    Attributes
    ----------
    points : ndarray, shape (m, 2)
        Of all films on the chip [m].
    distances : ndarray, shape (m, m)
        Between them [m], infinite between points whose films do not heat each other.
    slices : list of slice
        Where the points of each film are.
    """

    def __init__(
        self,
        films: Sequence[ElectrothermalFilm],
        footprints: Sequence[Footprint],
        coupled: Callable[[int, int], bool] = lambda _i, _j: True,
    ) -> None:
        parts = [_interpolation(*pair, footprints) for pair in zip(films, footprints, strict=True)]
        self._bases = [part.basis for part in parts]
        self.points = np.concatenate([part.points for part in parts])
        ends = np.cumsum([0, *(len(part.points) for part in parts)])
        self.slices = [slice(*pair) for pair in pairwise(ends)]
        self.distances = np.full((len(self.points), len(self.points)), np.inf)
        for i, j in permutations(range(len(parts)), 2):
            if coupled(i, j):
                apart = parts[i].points[:, None] - parts[j].points
                self.distances[self.slices[i], self.slices[j]] = np.linalg.norm(apart, axis=2)

    def charge(self, number: int, heat: Array) -> Array:
        """Heat at the points of a film [W] of that of all its nodes."""
        return self._bases[number].T @ heat

    def to_film(self, number: int, values: Array) -> Array:
        """Values at all nodes of a film from those at its points."""
        return self._bases[number] @ values

    def charges(self, heats: Sequence[Array]) -> Array:
        """Heat at all points [W] of that of all nodes of each film."""
        return np.concatenate([self.charge(i, heat) for i, heat in enumerate(heats)])

    def to_nodes(self, values: Array) -> list[Array]:
        """Values at all nodes of each film from those at all points."""
        return [self.to_film(i, values[there]) for i, there in enumerate(self.slices)]


def _interpolation(
    film: ElectrothermalFilm, own: Footprint, footprints: Sequence[Footprint]
) -> _Interpolation:
    gap = min((own.gap(other) for other in footprints if other is not own), default=np.inf)
    sides = [_chebyshev(half, _count(gap / half)) for half in np.array([own.length, own.width]) / 2]
    points = np.array(list(product(*sides)))
    return _Interpolation(own.on_chip(points), _basis(film, sides))


def _count(gap: float) -> int:
    """Points along a side for a source at a gap beside it, over half of its length.

    The error falls with the sum of the half axes of the ellipse through the kernel's pole.
    """
    radius = gap + np.hypot(1, gap)
    count = np.ceil(-np.log(_PRECISION) / np.log(radius)) if np.isfinite(radius) else 0
    return int(np.clip(count, _FEWEST, _MOST))


def _chebyshev(half: float, count: int) -> Array:
    return half * np.cos(np.pi * (np.arange(count) + 0.5) / count)


def _basis(film: ElectrothermalFilm, sides: Sequence[Array]) -> Array:
    """Projections of the Lagrange polynomials onto the nodes of a film, shape (nodes, points)."""
    device = replace(film.device, quadrature_degree=_QUADRATURE)
    element = basix.ufl.quadrature_element(device.mesh.basix_cell(), degree=_QUADRATURE)
    space = fem.functionspace(device.mesh, element)
    u, v = ufl.TrialFunction(film.space), ufl.TestFunction(film.space)
    mass = _assembled(ufl.inner(u, v) * device.dA())[TEMPERATURE::2, TEMPERATURE::2]
    load = _assembled(ufl.TrialFunction(space) * v[TEMPERATURE] * device.dA())[TEMPERATURE::2]
    points = np.concatenate(film.comm.allgather(_quadrature_points(space)))
    loads = load @ _polynomials(points, sides, device.copies).T
    return np.asarray(scipy.sparse.linalg.splu(mass.tocsc()).solve(loads))


def _assembled(form: ufl.Form) -> scipy.sparse.csr_matrix:
    """Return the whole matrix of a form on every rank."""
    matrix = assemble_matrix(fem.form(form))
    matrix.assemble()
    whole = replicate(matrix)
    matrix.destroy()
    return whole


def _quadrature_points(space: fem.FunctionSpace) -> Array:
    """Coordinates of the points of a quadrature space that this rank owns."""
    mesh, dofs = space.mesh, space.dofmap
    where = fem.Expression(ufl.SpatialCoordinate(mesh), space.element.interpolation_points)
    cells = np.arange(len(dofs.list), dtype=np.int32)
    x = np.empty((dofs.list.size, 2))
    x[dofs.list.reshape(-1)] = where.eval(mesh, cells)[..., :2].reshape(-1, 2)
    return x[: dofs.index_map.size_local]


def _polynomials(x: Array, sides: Sequence[Array], copies: tuple[int, int]) -> Array:
    """Lagrange polynomials of a grid at points, shape (grid, points), mean over mirror images."""
    along, across = (
        (_lagrange(side, values) + _lagrange(side, -values)) / 2
        if images == 2
        else _lagrange(side, values)
        for side, values, images in zip(sides, x.T, copies, strict=True)
    )
    return np.asarray((along[:, None] * across[None]).reshape(-1, len(x)))


def _lagrange(nodes: Array, x: Array) -> Array:
    """All Lagrange polynomials of some nodes at x, shape (nodes, x)."""
    return np.asarray(scipy.interpolate.BarycentricInterpolator(nodes, np.eye(len(nodes)))(x).T)
