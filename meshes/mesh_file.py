"""Meshes of triangles with named parts in the formats of meshio.

A part is a region (triangles), a boundary (lines) or a set of points. In a file its name is a
physical name (Gmsh), a set of cells or points (Abaqus, ...) or, where a format has neither, one of
the names that, joined by ``-``, are the name of an integer array whose values count them from 0: so
meshio itself turns sets into data.
"""

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import meshio
import numpy as np
import numpy.typing as npt

from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import Arrays
from mitmodels.meshes.quality import qualities

Points = npt.NDArray[np.float64]
Numbers = npt.NDArray[np.int64]
Parts = Mapping[str, Numbers]

_DIMENSIONS = {"triangle": 2, "line": 1, "vertex": 0}
_CELLS = {dimension: kind for kind, dimension in _DIMENSIONS.items()}
_KINDS = {2: "region of triangles", 1: "boundary of lines", 0: "point"}
_FLAT = 1e-9  # of the extent
_WITHOUT_AREA = 4e-9  # quality of a triangle
_GMSH = "gmsh22"  # which every Gmsh reads


@dataclass(frozen=True, eq=False)
class NamedMesh:
    """Nodes in a plane and named parts.

    Attributes
    ----------
    points : ndarray, shape (n, 2)
        Coordinates in the unit of the file.
    parts : mapping
        Name -> numbers of the nodes, shape (k, dimension + 1).
    """

    points: Points
    parts: Parts

    def dimension(self, name: str) -> int:
        """2 of a region, 1 of a boundary, 0 of points."""
        return int(self.parts[name].shape[1]) - 1

    def require(self, names: Mapping[str, int]) -> None:
        """Check that there are parts of some names and dimensions.

        Raises
        ------
        InputError
            If one is missing or is something else; a predicate of the file.
        """
        for name, dimension in names.items():
            if name not in self.parts:
                known = ", ".join(sorted(self.parts)) or "nothing with a name"
                raise InputError(
                    f'has no {_KINDS[dimension]} called "{name}": name one; it has {known}'
                )
            if self.dimension(name) != dimension:
                raise InputError(
                    f'has "{name}" as a {_KINDS[self.dimension(name)]}: name a {_KINDS[dimension]} '
                    "so"
                )

    def pack(self, names: Sequence[str], unit: float) -> Arrays:
        """Return some of the parts, and the nodes they have, as `unpack_device` takes them.

        Parameters
        ----------
        names
            Of regions, which make the mesh, and of boundaries and points of theirs.
        unit
            Length of one unit of the coordinates [m].

        Raises
        ------
        InputError
            If two parts overlap, triangles are flat or lie on one another, or a boundary is not one
            of the regions; a predicate of the file.
        """
        regions = [self.parts[name] for name in names if self.dimension(name) == 2]
        used, flat = np.unique(np.concatenate(regions), return_inverse=True)
        _check_triangles(self.points[used], flat.reshape(-1, 3))
        arrays = {
            "x": self.points[used] * unit,
            "cells": flat.reshape(-1, 3),
            "names": np.array(list(names)),
            "groups": np.array([(self.dimension(name), i) for i, name in enumerate(names, 1)]),
        }
        known = {2: arrays["cells"], 1: _edges(arrays["cells"]), 0: np.arange(len(used))[:, None]}
        for dimension in _KINDS:
            own = [(i, n) for i, n in enumerate(names, 1) if self.dimension(n) == dimension]
            if not own:
                continue
            for _, name in own:
                if not _are_among(np.searchsorted(used, self.parts[name]), known[dimension]):
                    raise InputError(f'has parts of "{name}" that belong to none of its regions')
            entities = np.concatenate([np.searchsorted(used, self.parts[n]) for _, n in own])
            if len(np.unique(np.sort(entities, axis=1), axis=0)) < len(entities):
                listed = ", ".join(name for _, name in own)
                raise InputError(f"has parts that overlap or occur twice among {listed}")
            arrays[f"entities_{dimension}"] = entities
            arrays[f"values_{dimension}"] = np.concatenate(
                [np.full(len(self.parts[name]), tag) for tag, name in own]
            )
        return arrays


def _check_triangles(x: Points, cells: Numbers) -> None:
    """Check that triangles have areas, and neighbours lie on different sides of their edge.

    DOLFINx expects that without a look and may end the process where it does not hold.
    """
    quality = qualities(x, cells)
    flat = np.flatnonzero(np.abs(quality) <= _WITHOUT_AREA)
    if len(flat):
        raise InputError(f"has a triangle without area at {_place(x[cells[flat[0]]])}")
    ordered = np.where(quality[:, None] < 0, cells[:, ::-1], cells)  # anticlockwise
    edges, counts = np.unique(_edges(ordered), axis=0, return_counts=True)
    doubled = np.flatnonzero(counts > 1)
    if len(doubled):
        raise InputError(f"has triangles that lie on one another at {_place(x[edges[doubled[0]]])}")


def _place(x: Points) -> str:
    return "({:g}, {:g})".format(*x.mean(axis=0))


def _edges(cells: Numbers) -> Numbers:
    """Pairs of nodes, in the order in which one comes to them around each triangle."""
    return cells[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)


def _are_among(entities: Numbers, known: Numbers) -> bool:
    """Whether all entities, whatever the order of their nodes, are among the known ones."""
    rows = {tuple(row) for row in np.sort(known, axis=1).tolist()}
    return all(tuple(row) in rows for row in np.sort(entities, axis=1).tolist())


def read_mesh(path: Path) -> NamedMesh:
    """Read the named parts of a mesh in a plane z = const.

    Raises
    ------
    InputError
        If meshio cannot read the file, or its mesh is not plane or lacks nodes.
    """
    mesh = _quietly(path, "read", lambda: meshio.read(path))
    points = np.asarray(mesh.points, dtype=np.float64)
    if points.ndim != 2 or not len(points) or not np.isfinite(points).all():
        raise InputError(f"{path}: has no points: give a mesh of triangles")
    if points.shape[1] == 3 and np.ptp(points[:, 2]) > _FLAT * np.ptp(points, axis=0).max():
        raise InputError(f"{path}: is not plane: give a mesh of triangles at one z")
    parts: dict[str, list[Numbers]] = {}
    # meshio reads files whose sets do not fit their cells.
    for name, nodes in _quietly(path, "read", lambda: list(_named(mesh))):
        if len(nodes):
            parts.setdefault(name, []).append(np.asarray(nodes, dtype=np.int64))
    mixed = [name for name, found in parts.items() if len({rows.shape[1] for rows in found}) > 1]
    if mixed:
        raise InputError(f'{path}: has cells of several kinds called "{mixed[0]}": name them apart')
    joined = {name: np.concatenate(rows) for name, rows in parts.items()}
    for name, nodes in joined.items():
        if nodes.min() < 0 or nodes.max() >= len(points):
            raise InputError(f'{path}: has not all nodes of "{name}": write it again')
    return NamedMesh(points[:, :2], joined)


def write_mesh(path: Path, arrays: Arrays) -> None:
    """Write what `pack_device` returned; the suffix says in which format.

    Raises
    ------
    InputError
        If meshio cannot write such a file.
    """
    given = (str(name) for name in arrays["names"])
    parts = {
        name: arrays[f"entities_{dim}"][arrays[f"values_{dim}"] == tag]
        for name, (dim, tag) in zip(given, arrays["groups"], strict=True)
    }
    x = np.column_stack((arrays["x"], np.zeros(len(arrays["x"]))))
    write = {".msh": _physical, ".inp": _sets}.get(path.suffix, _data)
    kind = _GMSH if path.suffix == ".msh" else None
    try:
        _quietly(path, "written", lambda: write(x, parts).write(path, file_format=kind))
    except InputError:
        path.unlink(missing_ok=True)  # what there is of it
        raise


def _blocks(parts: Parts) -> list[tuple[str, Numbers]]:
    return [(_CELLS[nodes.shape[1] - 1], nodes) for nodes in parts.values()]


def _physical(x: Points, parts: Parts) -> meshio.Mesh:
    """Mesh with Gmsh's physical names."""
    names = {
        name: np.array([i, rows.shape[1] - 1]) for i, (name, rows) in enumerate(parts.items(), 1)
    }
    tags = [np.full(len(rows), i, dtype=np.int32) for i, rows in enumerate(parts.values(), 1)]
    data = {"gmsh:physical": tags, "gmsh:geometrical": tags}
    return meshio.Mesh(x, _blocks(parts), cell_data=data, field_data=names)


def _sets(x: Points, parts: Parts) -> meshio.Mesh:
    """Mesh with sets of cells and points."""
    cells = {name: nodes for name, nodes in parts.items() if nodes.shape[1] > 1}
    points = {name: nodes[:, 0] for name, nodes in parts.items() if nodes.shape[1] == 1}
    nothing = np.empty(0, dtype=np.int64)
    sets = {
        name: [np.arange(len(rows)) if other == name else nothing for other, rows in cells.items()]
        for name in cells
    }
    return meshio.Mesh(x, _blocks(cells), cell_sets=sets, point_sets=points)


def _data(x: Points, parts: Parts) -> meshio.Mesh:
    """Mesh with integer arrays whose names have the names."""
    mesh = _sets(x, parts)
    mesh.cell_sets_to_data()
    mesh.point_sets_to_data()
    return mesh


def _named(mesh: meshio.Mesh) -> Iterator[tuple[str, Numbers]]:
    """Yield name and nodes of every part of a meshio mesh, whichever way it is named."""
    physical = mesh.cell_data.get("gmsh:physical")
    if physical is not None:
        yield from _by_physical_name(mesh, physical)
        return
    for name, chosen in mesh.cell_sets.items():
        yield from ((name, block.data[rows]) for block, rows in _known(mesh, chosen) if len(rows))
    yield from ((name, np.reshape(nodes, (-1, 1))) for name, nodes in mesh.point_sets.items())
    for key, data in mesh.cell_data.items():
        for block, values in _known(mesh, data):
            yield from ((name, block.data[rows]) for name, rows in _counted(key, values))
    for key, values in mesh.point_data.items():
        yield from ((name, rows[:, None]) for name, rows in _counted(key, values))


def _by_physical_name(
    mesh: meshio.Mesh, physical: Sequence[Numbers]
) -> Iterator[tuple[str, Numbers]]:
    names = {(int(dim), int(tag)): name for name, (tag, dim) in mesh.field_data.items()}
    for block, values in _known(mesh, physical):
        for tag in np.unique(values):
            name = names.get((_DIMENSIONS[block.type], int(tag)))
            if name:
                yield name, block.data[values == tag]


def _known(mesh: meshio.Mesh, data: Sequence[Any]) -> Iterator[tuple[meshio.CellBlock, Any]]:
    """Pairs of a block of triangles, lines or points and what the data have of it."""
    for block, part in zip(mesh.cells, data, strict=True):
        if block.type in _DIMENSIONS and part is not None:
            yield block, part


def _counted(key: str, values: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Names in the name of an integer array, and where its values count to each."""
    if values.ndim == 1 and values.dtype.kind in "iu":
        for i, name in enumerate(key.split("-")):
            yield name, np.flatnonzero(values == i)


def _quietly[Result](path: Path, verb: str, action: Callable[[], Result]) -> Result:
    """Let meshio do something; it prints and ends the process where others raise."""
    said = io.StringIO()
    try:
        with (
            contextlib.redirect_stdout(said),
            contextlib.redirect_stderr(said),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            return action()
    except (Exception, SystemExit) as error:
        reason = said.getvalue() if isinstance(error, SystemExit) else str(error)
        text = " ".join((reason or type(error).__name__).split())
        raise InputError(
            f"{path}: cannot be {verb} as a mesh ({text[:200]}): use a format that meshio knows, "
            "such as .msh, .vtu or .inp"
        ) from None
