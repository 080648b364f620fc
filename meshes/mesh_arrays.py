"""A mesh with its tags as arrays: whole, and in the numbering that it was made from.

What is packed on some ranks is unpacked on any number of them; on as many, every rank gets the
same cells in the same order again.
"""

from collections.abc import Mapping
from typing import Any

from mpi4py import MPI

import dolfinx
from dolfinx.graph import adjacencylist
from dolfinx.io.gmsh import PhysicalGroup, ufl_mesh
from dolfinx.io.utils import distribute_entity_data

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.device import Device

Arrays = Mapping[str, npt.NDArray[Any]]

_TRIANGLE = 2  # in Gmsh's numbering of cells


def pack_device(device: Device, positions: npt.NDArray[np.float64]) -> Arrays:
    """Return mesh and tags of a device of triangles on rank 0, nothing elsewhere. Collective.

    Parameters
    ----------
    device : Device
    positions : ndarray, shape (n, 3)
        Where this rank's nodes are to be [m], in the order of ``device.mesh.geometry.x``.
    """
    mesh, tdim = device.mesh, device.mesh.topology.dim
    owned, cells = mesh.geometry.index_map().size_local, mesh.topology.index_map(tdim).size_local
    given = np.asarray(mesh.geometry.input_global_indices, dtype=np.int64)
    # Not all nodes of a model belong to a cell: those that do are numbered without gaps.
    kept = np.unique(np.concatenate(mesh.comm.allgather(given[:owned])))
    numbers = np.searchsorted(kept, given)
    x = _ordered(mesh.comm, numbers[:owned], positions[:owned, : mesh.geometry.dim])
    corners = numbers[mesh.geometry.dofmaps[0][:cells]]
    packed = {
        "x": x,
        "cells": _ordered(mesh.comm, mesh.topology.original_cell_index[:cells], corners),
    }
    for tags in device.tags:
        if tags is not None:
            own = tags.indices < mesh.topology.index_map(tags.dim).size_local
            nodes = dolfinx.mesh.entities_to_geometry(mesh, tags.dim, tags.indices[own])
            packed[f"entities_{tags.dim}"] = gathered(mesh.comm, numbers[nodes])
            packed[f"values_{tags.dim}"] = gathered(mesh.comm, tags.values[own])
    names = {
        "names": np.array(list(device.names)),
        "groups": np.array([(group.dim, group.tag) for group in device.names.values()]),
    }
    return {**packed, **names} if mesh.comm.rank == 0 else {}


def unpack_device(arrays: Arrays, comm: MPI.Comm, axisymmetric: bool = False) -> Device:
    """Return the device that `pack_device` was given, distributed anew. Collective."""
    root = comm.rank == 0

    def part(name: str) -> npt.NDArray[Any]:
        return arrays[name] if root else arrays[name][:0]

    mesh = dolfinx.mesh.create_mesh(
        comm,
        part("cells"),
        ufl_mesh(_TRIANGLE, arrays["x"].shape[1], dtype=np.float64),
        part("x"),
        dolfinx.mesh.create_cell_partitioner(dolfinx.mesh.GhostMode.shared_facet, 2),
    )
    tags: list[dolfinx.mesh.MeshTags | None] = []
    for dim in reversed(range(mesh.topology.dim + 1)):
        if f"values_{dim}" not in arrays:
            tags.append(None)
            continue
        given = part(f"entities_{dim}"), part(f"values_{dim}")
        entities, values = distribute_entity_data(mesh, dim, *given)
        mesh.topology.create_connectivity(dim, mesh.topology.dim)
        found = dolfinx.mesh.meshtags_from_entities(
            mesh, dim, adjacencylist(entities), values.astype(np.int32)
        )
        tags.append(found)
    groups = (PhysicalGroup(int(dim), int(tag)) for dim, tag in arrays["groups"])
    names = dict(zip(map(str, arrays["names"]), groups, strict=True))
    return Device(mesh, tuple(tags), names, axisymmetric=axisymmetric)


def gathered[Number: np.generic](comm: MPI.Comm, rows: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """Rows of all ranks on rank 0, none elsewhere."""
    parts = comm.gather(rows)
    return np.concatenate(parts) if parts else rows[:0]


def _ordered[Number: np.generic](
    comm: MPI.Comm, places: npt.NDArray[np.int64], rows: npt.NDArray[Number]
) -> npt.NDArray[Number]:
    """Likewise, each at its place."""
    return gathered(comm, rows)[np.argsort(gathered(comm, places))]
