"""Meshes of triangles with named parts in the formats of meshio.

A part is a region (triangles), a boundary (lines) or a set of points. In a file its name is a
physical name (Gmsh), a set of cells or points (Abaqus, ...) or, where a format has neither, one of
the names that, joined by ``-``, are the name of an integer array whose values count them from 0: so
meshio itself turns sets into data.
"""

import contextlib
import io
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import meshio
import numpy as np

from mitmodels.errors import InputError
from mitmodels.meshes.mesh_arrays import Arrays
from mitmodels.meshes.mesh_checks import Numbers, Points, place
from mitmodels.meshes.named_mesh import NamedMesh

Parts = Mapping[str, Numbers]

_DIMENSIONS = {"triangle": 2, "line": 1, "vertex": 0}
_CELLS = {dimension: kind for kind, dimension in _DIMENSIONS.items()}
_FLAT = 1e-9  # of the extent
_GMSH = "gmsh22"  # which every Gmsh reads


def read_mesh(path: Path) -> NamedMesh:
    """Read the named parts of a mesh in a plane z = const.

    Raises
    ------
    InputError
        If meshio cannot read the file, or its mesh is not plane or lacks nodes.
    """
    head = _quietly(path, "read", lambda: _gmsh_head(path))
    if re.search(r"\$MeshFormat\s+4(\.0)?\s", head):
        raise InputError(
            f"{path}: is in the format MSH 4.0, of which only one group of a cell is read: write "
            "MSH 4.1 (in Gmsh Mesh.MshFileVersion = 4.1)"
        )
    mesh = _quietly(path, "read", lambda: meshio.read(path))
    points = np.asarray(mesh.points, dtype=np.float64)
    if points.ndim != 2 or not points.size or not np.isfinite(points).all():
        raise InputError(f"{path}: has no points, or not all of them: give a mesh of triangles")
    faults = _faults(head, mesh)
    parts: dict[str, list[Numbers]] = {}
    # meshio reads files whose sets do not fit their cells.
    for name, kind, nodes in _quietly(path, "read", lambda: list(_named(mesh))):
        if nodes.min() < 0 or nodes.max() >= len(points):
            raise InputError(f'{path}: has not all nodes of "{name}": write it again')
        if kind in _DIMENSIONS:
            parts.setdefault(name, []).append(nodes)
        else:
            where = place(points[nodes[0], :2])
            faults[name] = f'has "{name}" with cells of the kind {kind} at {where}: {_remedy(kind)}'
    for name in (name for name, rows in parts.items() if len({r.shape[1] for r in rows}) > 1):
        faults[name] = f'has cells of several kinds called "{name}": name them apart'
    joined = {name: np.concatenate(rows) for name, rows in parts.items() if name not in faults}
    _check_plane(path, points, joined)
    return NamedMesh(points[:, :2], joined, faults)


def _remedy(kind: str) -> str:
    """How to write triangles instead of a kind of cells."""
    if kind.startswith("quad") and kind != "quad":
        return "write triangles of three nodes (in Gmsh no Recombine and Mesh.ElementOrder = 1)"
    if kind == "quad":
        return "write triangles (in Gmsh no Recombine)"
    if kind.startswith(("triangle", "line")):
        return "write cells of the first order (in Gmsh Mesh.ElementOrder = 1)"
    return "name only triangles, lines and points of a plane so"


def _check_plane(path: Path, points: Points, parts: Parts) -> None:
    if points.shape[1] < 3 or not parts:
        return
    used = points[np.unique(np.concatenate([rows.reshape(-1) for rows in parts.values()]))]
    off = np.abs(used[:, 2] - np.median(used[:, 2]))
    if off.max() > _FLAT * np.ptp(used, axis=0).max():
        worst = used[off.argmax()]
        raise InputError(
            f"{path}: is not plane, its point ({worst[0]:g}, {worst[1]:g}) is {off.max():.3g} off: "
            "give a mesh of triangles at one z"
        )


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
    names = {
        name: np.array([i, rows.shape[1] - 1]) for i, (name, rows) in enumerate(parts.items(), 1)
    }
    tags = [np.full(len(rows), i, dtype=np.int32) for i, rows in enumerate(parts.values(), 1)]
    data = {"gmsh:physical": tags, "gmsh:geometrical": tags}
    return meshio.Mesh(x, _blocks(parts), cell_data=data, field_data=names)


def _sets(x: Points, parts: Parts) -> meshio.Mesh:
    cells = {name: nodes for name, nodes in parts.items() if nodes.shape[1] > 1}
    points = {name: nodes[:, 0] for name, nodes in parts.items() if nodes.shape[1] == 1}
    nothing = np.empty(0, dtype=np.int64)
    sets = {
        name: [np.arange(len(rows)) if other == name else nothing for other, rows in cells.items()]
        for name in cells
    }
    return meshio.Mesh(x, _blocks(cells), cell_sets=sets, point_sets=points)


def _data(x: Points, parts: Parts) -> meshio.Mesh:
    mesh = _sets(x, parts)
    mesh.cell_sets_to_data()
    mesh.point_sets_to_data()
    return mesh


def _named(mesh: meshio.Mesh) -> Iterator[tuple[str, str, Numbers]]:
    """Yield name, kind of cell and nodes of every part of a meshio mesh, however it is named."""
    sets = {name: rows for name, rows in mesh.cell_sets.items() if not name.startswith("gmsh:")}
    named = chain(_by_set(mesh, sets), _by_array(mesh))
    if "gmsh:physical" in mesh.cell_data:  # with sets only what is reversed is missing from them
        named = chain(_by_set(mesh, sets), _by_physical_name(mesh, reversed_only=bool(sets)))
    for name, kind, nodes in named:
        if len(nodes):
            yield name, kind, np.asarray(nodes, dtype=np.int64)


def _by_physical_name(mesh: meshio.Mesh, reversed_only: bool) -> Iterator[tuple[str, str, Numbers]]:
    names = {(int(dim), int(tag)): name for name, (tag, dim) in mesh.field_data.items()}
    for block, values in zip(mesh.cells, mesh.cell_data["gmsh:physical"], strict=True):
        for tag in np.unique(values):
            name = names.get((block.dim, abs(int(tag))))
            if name and (tag < 0 or not reversed_only):
                yield name, block.type, block.data[values == tag]


def _by_set(
    mesh: meshio.Mesh, sets: Mapping[str, Sequence[Numbers | None]]
) -> Iterator[tuple[str, str, Numbers]]:
    for name, chosen in sets.items():
        for block, rows in zip(mesh.cells, chosen, strict=True):
            if rows is not None:
                yield name, block.type, block.data[rows]
    for name, nodes in mesh.point_sets.items():
        yield name, "vertex", np.reshape(nodes, (-1, 1))


def _by_array(mesh: meshio.Mesh) -> Iterator[tuple[str, str, Numbers]]:
    for key, data in mesh.cell_data.items():
        for block, values in zip(mesh.cells, data, strict=True):
            yield from ((n, block.type, block.data[rows]) for n, rows in _counted(key, values))
    for key, values in mesh.point_data.items():
        yield from ((name, "vertex", rows[:, None]) for name, rows in _counted(key, values))


def _counted(key: str, values: Numbers) -> Iterator[tuple[str, Numbers]]:
    """Names in the name of an integer array, and where its values count to each."""
    if values.ndim == 1 and values.dtype.kind in "iu":
        for i, name in enumerate(key.split("-")):
            yield name, np.flatnonzero(values == i)


def _faults(head: str, mesh: meshio.Mesh) -> dict[str, str]:
    """Why some names do not say what they are the names of."""
    found: dict[str, str] = {}
    arrays = [(key, values) for key, data in mesh.cell_data.items() for values in data]
    for key, values in (*arrays, *mesh.point_data.items()):
        names = key.split("-")
        if values.dtype.kind in "iu" and values.size and values.max() >= len(names):
            found |= dict.fromkeys(
                names,
                f'has the value {values.max()} in its array "{key}", whose values count the '
                f"{len(names)} names in it from 0 and are -1 elsewhere: write it so",
            )
    given = Counter(re.findall(r'^\s*[0-3]\s+\d+\s+"(.*)"\s*$', head, re.MULTILINE))
    for name in (name for name, count in given.items() if count > 1):
        found[name] = f'has several physical groups called "{name}": make them one'
    return found


def _gmsh_head(path: Path) -> str:
    """What a file of Gmsh's says of its format and its names, nothing of other files."""
    if path.suffix != ".msh":
        return ""
    head = path.read_bytes().partition(b"$EndPhysicalNames")[0]
    return head.decode(errors="replace") if b"$MeshFormat" in head else ""


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
        remedy = "use a format that meshio knows, such as .msh, .vtu or .inp"
        if "gmsh:physical" in text:  # of some cells only
            remedy = "save named parts only (in Gmsh Mesh.SaveAll = 0)"
        raise InputError(f"{path}: cannot be {verb} as a mesh ({text[:200]}): {remedy}") from None
