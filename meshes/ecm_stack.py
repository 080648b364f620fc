"""Axisymmetric metallization cell: counter electrode, filament, electrolyte, active electrode."""

from dataclasses import dataclass, replace
from itertools import pairwise

from mpi4py import MPI

import dolfinx

import gmsh
import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device
from mitmodels.meshes.generator import generated, mesh_named
from mitmodels.meshes.mesh_arrays import Arrays, pack_device, unpack_device

Array = npt.NDArray[np.float64]
_CURVES = ("outline", "electrode")
_NANOMETRE = 1e-9  # the unit of the model
_DECIMALS = 6  # of a nanometre: else rounding errors, which differ with the ranks, flip a triangle


@dataclass(frozen=True, eq=False)
class EcmMesh:
    """Mesh of a cell whose curves are known node by node.

    Attributes
    ----------
    device : Device
        Axisymmetric, coordinates (r, z) in metres, z = 0 on the counter electrode.
    outline, electrode : ndarray of int
        Index of each node of the filament's outline and of the active electrode's surface among
        this rank's mesh nodes, -1 where the rank has no such node.
    outline_points, electrode_points : ndarray, shape (n, 2)
        Where these nodes are [m]: where they were asked for, but for 1e-6 nm.
    """

    device: Device
    outline: npt.NDArray[np.int32]
    electrode: npt.NDArray[np.int32]
    outline_points: Array
    electrode_points: Array

    def pack(self, positions: Array) -> Arrays:
        """Return everything as arrays on rank 0, a part of it elsewhere. Collective.

        Parameters
        ----------
        positions : ndarray, shape (n, 3)
            Where this rank's nodes are to be [m], in the order of ``device.mesh.geometry.x``.
        """
        geometry = self.device.mesh.geometry
        numbers = np.asarray(geometry.input_global_indices, dtype=np.int64)
        packed = dict(pack_device(self.device, positions))
        for name in _CURVES:
            nodes = getattr(self, name)
            packed[name] = np.where(nodes >= 0, numbers[nodes], -1)
            self.device.mesh.comm.Allreduce(MPI.IN_PLACE, packed[name], op=MPI.MAX)
            packed[f"{name}_points"] = getattr(self, f"{name}_points")
        return packed

    @classmethod
    def unpack(cls, arrays: Arrays, comm: MPI.Comm) -> "EcmMesh":
        """Return the mesh that was packed, on any number of ranks. Collective."""
        device = unpack_device(arrays, comm, axisymmetric=True)
        outline, electrode = _local_nodes(device.mesh, [arrays[name] for name in _CURVES])
        points = [arrays[f"{name}_points"] for name in _CURVES]
        return cls(device, outline, electrode, points[0], points[1])


@dataclass(frozen=True)
class EcmStack:
    """Layers of a metallization cell; lengths in metres.

    Attributes
    ----------
    radius : float
        Of the cell, which sets the area of the active electrode.
    oxide : float
        Thickness of the electrolyte.
    counter, active : float
        Thicknesses of the counter electrode and of the active electrode.
    """

    radius: float
    oxide: float
    counter: float
    active: float

    def __post_init__(self) -> None:
        """Refuse lengths that make no geometry."""
        for name in ("radius", "oxide", "counter", "active"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)} m must be positive")

    @property
    def height(self) -> float:
        """Height of the top above the counter electrode [m]."""
        return self.oxide + self.active

    @property
    def coarsest(self) -> float:
        """Element length far from the filament [m]: 2 nm, in large cells a tenth of their size."""
        return max(2e-9, 0.1 * min(self.radius, self.counter + self.height))

    def build(self, outline: Array, electrode: Array, comm: MPI.Comm) -> EcmMesh:
        """Mesh the cell with Gmsh on rank 0 and distribute it.

        Regions: ``counter``, ``filament``, ``oxide`` (with the void), ``active``. Boundaries:
        ``outline`` (filament to oxide), ``electrode`` (oxide to active electrode), ``base``
        (filament to counter electrode), ``floor`` (oxide to counter electrode), ``bottom``,
        ``top``, ``axis``, ``side``. Every given node is a node of the mesh, but for 1e-6 nm, and
        the two curves have no others; elements are there as long as the distance of the nodes.

        Parameters
        ----------
        outline, electrode : ndarray, shape (n, 2)
            Nodes of the curves (r, z) [m]: from the axis to the counter electrode, and from the
            axis to the side.

        Raises
        ------
        MeshingError
            On every rank, if Gmsh fails.
        """
        curves = [
            np.round(np.column_stack((points, _sizes(points))) / _NANOMETRE, _DECIMALS)
            for points in (outline, electrode)
        ]
        device, indices = generated(comm, lambda: _generate(self, *curves), _NANOMETRE)
        device = replace(device, axisymmetric=True)
        front, surface = _local_nodes(device.mesh, indices)
        points = [curve[:, :2] * _NANOMETRE for curve in curves]
        return EcmMesh(device, front, surface, points[0], points[1])


def _sizes(points: Array) -> Array:
    """Mean length of the segments at each node."""
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate((lengths[:1], (lengths[1:] + lengths[:-1]) / 2, lengths[-1:]))


def _local_nodes(
    mesh: dolfinx.mesh.Mesh, indices: list[npt.NDArray[np.int64]]
) -> list[npt.NDArray[np.int32]]:
    """Local index of nodes known by their index in the Gmsh model, -1 where there is none."""
    given = mesh.geometry.input_global_indices
    order = np.argsort(given)
    found = []
    for wanted in indices:
        at = np.minimum(np.searchsorted(given[order], wanted), len(given) - 1)
        here = given[order][at] == wanted
        found.append(np.where(here, order[at], -1).astype(np.int32))
    return found


def _generate(stack: EcmStack, outline: Array, electrode: Array) -> list[npt.NDArray[np.int64]]:
    """Make the mesh in nanometres; return the indices of the nodes of both curves."""
    gmsh.model.add("ecm_stack")
    geo = gmsh.model.geo
    radius, far = stack.radius / _NANOMETRE, stack.coarsest / _NANOMETRE
    bottom, top = -stack.counter / _NANOMETRE, stack.height / _NANOMETRE

    def point(r: float, z: float, size: float) -> int:
        return int(geo.addPoint(r, z, 0.0, size))

    def path(points: list[int]) -> list[int]:
        return [geo.addLine(a, b) for a, b in pairwise(points)]

    front = [point(*p) for p in outline]
    surface = [point(*p) for p in electrode]
    root = point(0.0, 0.0, min(outline[-1, 0] / 2, far))
    rim = ((0.0, bottom), (radius, bottom), (radius, 0.0), (radius, top), (0.0, top))
    corners = [point(r, z, far) for r, z in rim]
    front_lines, surface_lines = path(front), path(surface)
    for line in (*front_lines, *surface_lines):
        geo.mesh.setTransfiniteCurve(line, 2)
    base, floor = geo.addLine(root, front[-1]), geo.addLine(front[-1], corners[2])
    axis = path([corners[0], root, front[0], surface[0], corners[4]])
    side = path([corners[1], corners[2], surface[-1], corners[3]])
    ground = geo.addLine(corners[0], corners[1])
    anode = geo.addLine(corners[4], corners[3])
    reverse = [-line for line in reversed(surface_lines)]
    loops = {
        "counter": [ground, side[0], -floor, -base, -axis[0]],
        "filament": [base, *[-line for line in reversed(front_lines)], -axis[1]],
        "oxide": [floor, side[1], *reverse, -axis[2], *front_lines],
        "active": [*surface_lines, side[2], -anode, -axis[3]],
    }
    regions = {n: [geo.addPlaneSurface([geo.addCurveLoop(loop)])] for n, loop in loops.items()}
    boundaries = {
        "outline": front_lines,
        "electrode": surface_lines,
        "base": [base],
        "floor": [floor],
        "bottom": [ground],
        "top": [anode],
        "axis": axis,
        "side": side,
    }
    mesh_named(regions, boundaries)
    return [_node_indices(front), _node_indices(surface)]


def _node_indices(points: list[int]) -> npt.NDArray[np.int64]:
    """Index of the mesh nodes at geometric points: their tag in the dense numbering, less one."""
    tags = [int(gmsh.model.mesh.getNodes(0, point)[0][0]) for point in points]
    return np.array(tags, dtype=np.int64) - 1
