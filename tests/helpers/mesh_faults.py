"""Malformed meshes of a film, as CAD programs, scripts and people make them.

A mesh is nodes and parts, so that each fault is a few lines on arrays; `write` puts it into a file.
``REFUSED`` are faults with the sentence that they must end in, ``HARMLESS`` change nothing that
counts, and `malformed` draws some of them for a fuzz. `closes` is the truth, by other means than
the program's.
"""

import contextlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import meshio
import numpy as np

from mitmodels.meshes.mesh_file import read_mesh

_KINDS = {1: "vertex", 2: "line", 3: "triangle", 4: "quad", 6: "triangle6"}  # by number of nodes
REGIONS = ("film", "pad_right", "substrate")


@dataclass
class FilmMesh:
    """Nodes, shape (n, 3), and the nodes of the cells of each part."""

    points: np.ndarray
    parts: dict[str, np.ndarray]

    def copy(self) -> "FilmMesh":
        """Return a mesh whose arrays are its own."""
        return FilmMesh(self.points.copy(), {n: rows.copy() for n, rows in self.parts.items()})

    def add(self, *points: tuple[float, float]) -> np.ndarray:
        """Add nodes and return their numbers."""
        begin = len(self.points)
        self.points = np.vstack([self.points, [(*point, 0.0) for point in points]])
        return np.arange(begin, len(self.points))

    def own_nodes(self, name: str, *lines: str, shift: float = 0.0) -> None:
        """Give a region and lines of its own nodes some way to the right of where they were."""
        old = np.unique(self.parts[name])
        begin = len(self.points)
        self.points = np.vstack([self.points, self.points[old] + (shift, 0.0, 0.0)])
        for part in (name, *lines):
            self.parts[part] = begin + np.searchsorted(old, self.parts[part])


Fault = Callable[[FilmMesh, random.Random], None]


def read(path: Path) -> FilmMesh:
    """Return the mesh of a file."""
    mesh = read_mesh(path)
    points = np.column_stack([mesh.points, np.zeros(len(mesh.points))])
    return FilmMesh(points, dict(mesh.parts))


def write(mesh: FilmMesh, path: Path) -> Path:
    """Write a mesh for Gmsh, with a physical group for each part."""
    blocks, tags = [], []
    for tag, rows in enumerate(mesh.parts.values(), 1):
        blocks.append((_KINDS[rows.shape[1]], rows))
        tags.append(np.full(len(rows), tag, dtype=np.int32))
    names = {
        name: np.array([tag, {1: 0, 2: 1}.get(rows.shape[1], 2)])
        for tag, (name, rows) in enumerate(mesh.parts.items(), 1)
    }
    data = {"gmsh:physical": tags, "gmsh:geometrical": tags}
    whole = meshio.Mesh(mesh.points, blocks, cell_data=data, field_data=names)
    whole.write(path, file_format="gmsh22", binary=False)
    return path


def _node_inside(mesh: FilmMesh, name: str, draw: random.Random) -> int:
    """Number of a node that no other part has, nor the rim of its own one."""
    others = [rows.reshape(-1) for other, rows in mesh.parts.items() if other != name]
    own = np.setdiff1d(mesh.parts[name], np.concatenate(others))
    edges = mesh.parts[name][:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    pairs, counts = np.unique(np.sort(edges, axis=1), axis=0, return_counts=True)
    inner = np.setdiff1d(own, pairs[counts == 1])
    return int(draw.choice(inner.tolist() or own.tolist()))


def split_film(mesh: FilmMesh, _: random.Random) -> None:
    """Film and what is around it without a common node: CAD that was not fragmented."""
    mesh.own_nodes("film", "midplane", "midline", "contact_right", "centre", "contact_centre")


def split_substrate(mesh: FilmMesh, _: random.Random) -> None:
    """The substrate with nodes of its own, those of the far circle among them."""
    mesh.own_nodes("substrate", "far")


def hairline(mesh: FilmMesh, draw: random.Random) -> None:
    """Pad a little away from the film."""
    length = np.ptp(mesh.points[mesh.parts["film"].reshape(-1), 0])
    mesh.own_nodes("pad_right", shift=length * draw.choice((1e-9, 1e-6, 1e-4)))


def hole(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle is missing."""
    name = draw.choice(REGIONS)
    row = draw.randrange(len(mesh.parts[name]))
    mesh.parts[name] = np.delete(mesh.parts[name], row, axis=0)


def renamed_triangle(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle has the name of something that is not read."""
    name = draw.choice(REGIONS)
    row = draw.randrange(len(mesh.parts[name]))
    mesh.parts["monitor"] = mesh.parts[name][[row]]
    mesh.parts[name] = np.delete(mesh.parts[name], row, axis=0)


def shared_triangle(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle has two names that are read."""
    one, other = draw.sample(REGIONS, 2)
    row = draw.randrange(len(mesh.parts[one]))
    mesh.parts[other] = np.vstack([mesh.parts[other], mesh.parts[one][[row]]])


def double_triangle(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle occurs twice."""
    rows = mesh.parts[draw.choice(REGIONS)]
    name = next(name for name, found in mesh.parts.items() if found is rows)
    mesh.parts[name] = np.vstack([rows, rows[[draw.randrange(len(rows))]]])


def dragged_node(mesh: FilmMesh, draw: random.Random) -> None:
    """A node lies beyond its neighbours: the triangles around it fold over."""
    name = draw.choice(("film", "substrate"))
    node = _node_inside(mesh, name, draw)
    mesh.points[node, 0] += np.ptp(mesh.points[:, 0]) * draw.choice((0.05, 0.1))


def flat_triangle(mesh: FilmMesh, draw: random.Random) -> None:
    """Two corners of a triangle at one place."""
    triangle = draw.choice(mesh.parts["film"].tolist())
    mesh.points[triangle[0]] = mesh.points[triangle[1]]


def other_corner(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle has a node that is far away."""
    rows = mesh.parts[draw.choice(REGIONS)]
    row = draw.randrange(len(rows))
    others = np.setdiff1d(np.concatenate([mesh.parts[name] for name in REGIONS]), rows[row])
    rows[row, draw.randrange(3)] = draw.choice(others.tolist())


def quads(mesh: FilmMesh, draw: random.Random) -> None:
    """A region of quadrilaterals."""
    rows = mesh.parts[name := draw.choice(REGIONS)]
    mesh.parts[name] = np.column_stack([rows[:, :3], rows[:, 0]])


def second_order(mesh: FilmMesh, draw: random.Random) -> None:
    """A region of triangles with six nodes."""
    rows = mesh.parts[name := draw.choice(REGIONS)]
    mesh.parts[name] = np.column_stack([rows[:, :3], rows[:, :3]])


def off_plane(mesh: FilmMesh, draw: random.Random) -> None:
    """A node above the plane."""
    node = _node_inside(mesh, "film", draw)
    mesh.points[node, 2] = np.ptp(mesh.points[:, 0]) * draw.choice((1e-4, 1e-2, 1.0))


def other_unit(mesh: FilmMesh, draw: random.Random) -> None:
    """Coordinates in another unit than the file is said to have."""
    mesh.points *= draw.choice((1e-9, 1e-6, 1e-3, 1e3, 1e6, 1e9))


def shifted(mesh: FilmMesh, draw: random.Random) -> None:
    """The origin is somewhere else."""
    mesh.points[:, draw.randrange(2)] += np.ptp(mesh.points[:, 0]) * draw.choice((-0.5, 0.1, 2.0))


def part_missing(mesh: FilmMesh, draw: random.Random) -> None:
    """A part without which no film is solved."""
    del mesh.parts[draw.choice((*REGIONS, "far", "contact_right", "midplane"))]


def line_missing(mesh: FilmMesh, draw: random.Random) -> None:
    """A line is named in part only."""
    name = draw.choice(("far", "contact_right", "midplane"))
    mesh.parts[name] = np.delete(mesh.parts[name], draw.randrange(len(mesh.parts[name])), axis=0)


def stray_line(mesh: FilmMesh, draw: random.Random) -> None:
    """A contact has a line somewhere else, along an edge or not."""
    corners = draw.choice(mesh.parts["film"].tolist())
    line = draw.choice((corners[:2], [corners[0], mesh.parts["far"][0, 0]]))
    mesh.parts["contact_right"] = np.vstack([mesh.parts["contact_right"], line])


def two_centres(mesh: FilmMesh, draw: random.Random) -> None:
    """A name of a point for two of them."""
    another = _node_inside(mesh, "film", draw)
    mesh.parts["centre"] = np.vstack([mesh.parts["centre"], [[another]]])


def island(mesh: FilmMesh, _: random.Random) -> None:
    """A triangle of substrate far from the others."""
    far = 2 * np.ptp(mesh.points[:, 0])
    corners = mesh.add((far, far), (1.1 * far, far), (far, 1.1 * far))
    mesh.parts["substrate"] = np.vstack([mesh.parts["substrate"], corners])


def floating_film(mesh: FilmMesh, draw: random.Random) -> None:
    """A triangle of film within the substrate, which no contact feeds."""
    film = np.concatenate([mesh.parts["film"], mesh.parts["pad_right"]])
    rows = mesh.parts["substrate"]
    row = draw.choice(np.flatnonzero(~np.isin(rows, film).any(axis=1)).tolist())
    mesh.parts["film"] = np.vstack([mesh.parts["film"], rows[[row]]])
    mesh.parts["substrate"] = np.delete(rows, row, axis=0)


def overlay(mesh: FilmMesh, _: random.Random) -> None:
    """Film that lies on the substrate, which was not cut out: two layers of triangles."""
    x, y = 0.3 * np.ptp(mesh.points[:, :2], axis=0)
    corners = mesh.add((x, y), (2 * x, y), (x, 2 * y))
    mesh.parts["substrate"] = np.vstack([mesh.parts["substrate"], corners])


def pinched(mesh: FilmMesh, _: random.Random) -> None:
    """Film whose end meets the pad in one point only."""
    x, y = mesh.points[np.unique(mesh.parts["contact_right"]), :2].max(axis=0)
    near = np.abs(mesh.points[mesh.parts["film"], 0] - x) < 1e-9 * x
    beside = near.sum(axis=1) == 2
    corner = np.abs(mesh.points[mesh.parts["film"], 1] - y).min(axis=1) < 1e-9 * y
    given = mesh.parts["film"][beside & ~corner]
    mesh.parts["film"] = mesh.parts["film"][~(beside & ~corner)]
    mesh.parts["substrate"] = np.vstack([mesh.parts["substrate"], given])


def inverted(mesh: FilmMesh, draw: random.Random) -> None:
    """Triangles clockwise, which is as good."""
    rows = mesh.parts[draw.choice(REGIONS)]
    rows[::2] = rows[::2, ::-1]


def orphan_nodes(mesh: FilmMesh, draw: random.Random) -> None:
    """Nodes of no cell, one of them on another node."""
    x, y = mesh.points[draw.randrange(len(mesh.points)), :2]
    mesh.add((x, y), (7.0, -3.0))


def renumbered(mesh: FilmMesh, draw: random.Random) -> None:
    """Nodes in another order."""
    order = np.array(draw.sample(range(len(mesh.points)), len(mesh.points)))
    mesh.points = mesh.points[order]
    mesh.parts = {name: order.argsort()[rows] for name, rows in mesh.parts.items()}


def monitor(mesh: FilmMesh, _: random.Random) -> None:
    """Some triangles have a second name, of something that is not read."""
    mesh.parts = {"monitor": mesh.parts["film"][::3], **mesh.parts}


REFUSED: Mapping[Fault, str] = {
    split_film: r"not joined along the edge at \(.*\): share the nodes",
    split_substrate: r"not joined along the edge at \(.*\): share the nodes",
    hairline: r'not joined along the edge|shares? no edge|"contact_right"',
    hole: r"does not close at \(.*\)|without|touch|shares? no|belong to none",
    renamed_triangle: r"does not close at \(.*\)|without|touch|shares? no|belong to none",
    shared_triangle: r'has a part at \(.*\) that is ".*" and ".*": give it one of the names',
    double_triangle: r"at \(.*\) that occurs twice: write it once",
    dragged_node: r"lie on one another at \(.*\)|not joined|at least twice|not close|beyond",
    flat_triangle: r"without area at \(.*\): mesh that part anew|lie on one another at",
    other_corner: r"at \(.*\)|one point only|beyond|at least twice",
    quads: r"cells of the kind quad at \(.*\): write triangles \(in Gmsh no Recombine\)",
    second_order: r"triangle6 at \(.*\): write cells of the first order \(in Gmsh Mesh.ElementOr",
    off_plane: r"is not plane, its point \(.*\) is .* off: give a mesh of triangles at one z",
    other_unit: r"has a film of .* m where geometry.length and width say .* m: set geometry.unit",
    shifted: r'has "midplane" not at x = 0|"far" not on the circle|beyond x = 0',
    part_missing: r"has no (region of triangles|boundary of lines) called",
    line_missing: r"(without|within) .*: (name all of it|fill)",
    stray_line: r'"contact_right" (at|that belong.*, at) \(.*\)|"contact_right" and "midline"',
    two_centres: r'has 2 points called "centre": name one of them so',
    island: r"does not close at \(.*\)",
    floating_film: r'piece of "film" at \(.*\) that touches no contact|twice as far|geometry.unit',
    overlay: r"not joined along the edge at \(.*\)|not close",
    pinched: r"touch in one point only, \(.*\): let them share an edge, or part them",
}
HARMLESS: tuple[Fault, ...] = (inverted, orphan_nodes, renumbered, monitor)


def malformed(mesh: FilmMesh, draw: random.Random) -> FilmMesh:
    """Return a mesh with one to three faults, harmless ones among them."""
    found = mesh.copy()
    for _ in range(draw.choice((1, 1, 1, 2, 3))):
        with contextlib.suppress(KeyError, IndexError, ValueError):  # what it needs may be gone
            draw.choice((*REFUSED, *HARMLESS))(found, draw)
    return found


def closes(mesh: FilmMesh, draw: random.Random) -> bool:
    """Whether the regions of a quarter fill its disc once and their neighbours share all nodes.

    Points drawn at random lie in exactly one triangle, and no node lies on another one or within
    the edge of a triangle that it does not belong to.
    """
    triangles = np.concatenate([mesh.parts[name] for name in REGIONS if name in mesh.parts])
    x = mesh.points[triangles, :2]
    far = mesh.points[mesh.parts["far"][:, 0], :2]
    radius, angle = 0.95 * np.linalg.norm(far, axis=1).min(), np.pi / 2
    drawn = [(radius * draw.random() ** 2, angle * draw.random()) for _ in range(300)]
    inside = _counts(x, np.array([(r * np.cos(a), r * np.sin(a)) for r, a in drawn]))
    return bool((inside == 1).all()) and _nodes_are_shared(mesh.points[:, :2], triangles)


def _counts(x: np.ndarray, points: np.ndarray) -> np.ndarray:
    """In how many triangles each point lies."""
    u, v, w = x[:, 1] - x[:, 0], x[:, 2] - x[:, 0], points[:, None] - x[:, 0]
    area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        one = (w[..., 0] * v[:, 1] - w[..., 1] * v[:, 0]) / area
        other = (u[:, 0] * w[..., 1] - u[:, 1] * w[..., 0]) / area
    return ((one > 0) & (other > 0) & (one + other < 1)).sum(axis=1)


def _nodes_are_shared(x: np.ndarray, triangles: np.ndarray) -> bool:
    nodes = np.unique(triangles)
    edges = triangles[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2)
    start, along = x[edges[:, 0]], x[edges[:, 1]] - x[edges[:, 0]]
    square = (along**2).sum(axis=1)
    w = x[nodes][:, None] - start
    position = ((w * along).sum(axis=2) / square).clip(0.0, 1.0)
    off = ((w - position[..., None] * along) ** 2).sum(axis=2) < 1e-8 * square
    off &= (nodes[:, None] != edges[:, 0]) & (nodes[:, None] != edges[:, 1])
    return not off.any()
