"""The device: a mesh whose regions, boundaries and points have names, and weighted measures."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import dolfinx
import ufl
from dolfinx.io.gmsh import PhysicalGroup

import numpy as np
import numpy.typing as npt

from mitmodels.errors import InputError
from mitmodels.meshes.jit import check_compiler

_KIND = {0: "region", 1: "boundary", 2: "point"}  # by codimension


class UnknownNameError(InputError):
    """A region, boundary or point that the mesh does not have."""


@dataclass(frozen=True)
class WeightedMeasure:
    """A UFL measure times a weight: `integrand * measure` is the weighted form."""

    weight: float | ufl.core.expr.Expr
    measure: ufl.Measure

    def __rmul__(self, integrand: float | ufl.core.expr.Expr) -> ufl.Form:
        """Return the form of ``integrand`` over the weighted measure."""
        return (self.weight * integrand) * self.measure


@dataclass(frozen=True, eq=False)
class Device:
    """Mesh with named parts; the frame (planar or axisymmetric) lives in its measures only.

    Attributes
    ----------
    mesh : dolfinx.mesh.Mesh
        Coordinates in metres.
    tags : tuple of MeshTags or None
        Markers of cells, facets and vertices.
    names : mapping
        Name of a part -> (dimension, tag).
    thickness : float
        Extent of a planar device normal to the plane [m]; 1 for an axisymmetric one.
    copies : tuple of int
        How many mirror images of the mesh, along x and along y, make the whole device.
    axisymmetric : bool
        Coordinates are (r, z) and the measures carry 2 pi r.
    quadrature_degree : int or None
        Of all measures; UFL's estimate if None, which is wasteful for steep laws.
    """

    mesh: dolfinx.mesh.Mesh
    tags: tuple[dolfinx.mesh.MeshTags | None, ...]
    names: Mapping[str, PhysicalGroup]
    thickness: float = 1.0
    copies: tuple[int, int] = (1, 1)
    axisymmetric: bool = False
    quadrature_degree: int | None = None

    def __post_init__(self) -> None:
        check_compiler()

    def entities(self, name: str) -> tuple[int, npt.NDArray[np.int32]]:
        """Dimension and local indices of the mesh entities called ``name``.

        Raises
        ------
        UnknownNameError
            If the mesh has no part of that name.
        """
        group = self._group(name)
        tags = self.tags[self.mesh.topology.dim - group.dim]
        if tags is None:
            return group.dim, np.empty(0, dtype=np.int32)
        return group.dim, tags.find(group.tag)

    def dx(self, *regions: str) -> WeightedMeasure:
        """Volume measure [m3] of the named regions, all if none is named."""
        return WeightedMeasure(self._frame() * self.thickness, self._measure("dx", 0, regions))

    def dA(self, *regions: str) -> WeightedMeasure:
        """Plan-area measure [m2] of the named regions of a planar device."""
        return WeightedMeasure(self._frame(), self._measure("dx", 0, regions))

    def ds(self, *boundaries: str) -> WeightedMeasure:
        """Area measure [m2] of the named outer boundaries."""
        return WeightedMeasure(self._frame() * self.thickness, self._measure("ds", 1, boundaries))

    def dl(self, *boundaries: str) -> WeightedMeasure:
        """Plan-length measure [m] of the named outer boundaries of a planar device."""
        return WeightedMeasure(self._frame(), self._measure("ds", 1, boundaries))

    def dS(self, *boundaries: str) -> WeightedMeasure:
        """Area measure [m2] of the named interior boundaries."""
        return WeightedMeasure(self._frame() * self.thickness, self._measure("dS", 1, boundaries))

    def dofs(self, space: dolfinx.fem.FunctionSpace, *names: str) -> npt.NDArray[np.int32]:
        """Blocked degrees of freedom of ``space`` in the closure of the named parts (local)."""
        found = []
        for name in names:
            dim, entities = self.entities(name)
            self.mesh.topology.create_connectivity(dim, self.mesh.topology.dim)
            found.append(dolfinx.fem.locate_dofs_topological(space, dim, entities))
        return np.unique(np.concatenate(found)) if found else np.empty(0, dtype=np.int32)

    def restrict(self, *regions: str) -> tuple["Device", dolfinx.mesh.EntityMap]:
        """Return the device on the named regions only, and the map to the cells of this one."""
        mesh, tdim = self.mesh, self.mesh.topology.dim
        cells = np.unique(np.concatenate([self.entities(name)[1] for name in regions]))
        submesh, cell_map, vertex_map, _ = dolfinx.mesh.create_submesh(mesh, tdim, cells)
        tags: list[dolfinx.mesh.MeshTags | None] = []
        for marker in self.tags:
            if marker is not None:
                mesh.topology.create_connectivity(marker.dim, tdim)
                submesh.topology.create_connectivity(marker.dim, tdim)
                marker = dolfinx.mesh.transfer_meshtags_to_submesh(
                    marker, submesh, vertex_map, cell_map
                )
            tags.append(marker)
        kept = {
            name: group for name, group in self.names.items() if group.dim < tdim or name in regions
        }
        return replace(self, mesh=submesh, tags=tuple(tags), names=kept), cell_map

    def _group(self, name: str) -> PhysicalGroup:
        if name not in self.names:
            raise UnknownNameError(
                f"the mesh has no part called '{name}': it has {', '.join(sorted(self.names))}"
            )
        return self.names[name]

    def _frame(self) -> float | ufl.core.expr.Expr:
        if self.axisymmetric:
            return 2 * np.pi * ufl.SpatialCoordinate(self.mesh)[0]
        return float(np.prod(self.copies))

    def _measure(self, kind: str, codimension: int, names: tuple[str, ...]) -> ufl.Measure:
        dim = self.mesh.topology.dim - codimension
        for name in names:
            if self._group(name).dim != dim:
                raise UnknownNameError(f"'{name}' is not a {_KIND[codimension]} of the mesh")
        degree = self.quadrature_degree
        measure = ufl.Measure(
            kind,
            domain=self.mesh,
            subdomain_data=self.tags[codimension],
            metadata=None if degree is None else {"quadrature_degree": degree},
        )
        return measure(tuple(self.names[name].tag for name in names)) if names else measure


def vertex_dofs(space: dolfinx.fem.FunctionSpace) -> npt.NDArray[np.int32]:
    """Degree of freedom of a scalar Lagrange space at each node of the mesh."""
    geometry = space.mesh.geometry
    nodes = geometry.dofmaps[0]
    found = np.zeros(len(geometry.x), dtype=np.int32)
    found[nodes] = space.dofmap.list[:, : nodes.shape[1]]
    return found


def facet_dofs(
    space: dolfinx.fem.FunctionSpace, facets: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Local degrees of freedom in the closure of each facet, those of its corners first."""
    topology, layout = space.mesh.topology, space.dofmap.dof_layout
    dim = topology.dim - 1
    topology.create_connectivity(dim, dim + 1)
    topology.create_connectivity(dim + 1, dim)
    cells_of, facets_of = topology.connectivity(dim, dim + 1), topology.connectivity(dim + 1, dim)
    found = np.empty((len(facets), len(layout.entity_closure_dofs(dim, 0))), dtype=np.int32)
    for dofs, facet in zip(found, facets, strict=True):
        cell = cells_of.links(facet)[0]
        local = int(np.flatnonzero(facets_of.links(cell) == facet)[0])
        dofs[:] = space.dofmap.cell_dofs(cell)[layout.entity_closure_dofs(dim, local)]
    return found


def edge_dofs(
    space: dolfinx.fem.FunctionSpace, facets: npt.NDArray[np.int32], nodes: npt.NDArray[np.int32]
) -> npt.NDArray[np.int32]:
    """Degree of freedom of a quadratic Lagrange space on each edge of a chain of nodes.

    Parameters
    ----------
    space : FunctionSpace
    facets : ndarray
        The edges of the chain, in any order.
    nodes : ndarray, shape (n,)
        Indices of its nodes among those of this rank, -1 where it has none.

    Returns
    -------
    ndarray, shape (n - 1,)
        -1 for the edges that are not on this rank.
    """
    mesh = space.mesh
    ends = dolfinx.mesh.entities_to_geometry(mesh, 1, facets)
    position = np.full(len(mesh.geometry.x), len(nodes), dtype=np.int32)
    position[nodes[nodes >= 0]] = np.flatnonzero(nodes >= 0)
    found = np.full(len(nodes) - 1, -1, dtype=np.int32)
    found[position[ends].min(axis=1)] = facet_dofs(space, facets)[:, -1]
    return found
