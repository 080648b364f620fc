"""Film and contacts of a layout, seen from above: joined, cut at one another and meshed."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import gmsh
import numpy as np

from mitmodels.errors import InputError
from mitmodels.meshes.generator import mesh_named, named_parts
from mitmodels.meshes.layout import Polygon
from mitmodels.meshes.named_mesh import NamedMesh

UNIT = 1e-6
"""Unit of the mesh [m]."""

_GROWTH = 0.3  # of the elements, over the distance from the rim of the film
_SAMPLES = 1000  # points of a line, at most, from which that distance is measured
_DIGITS = 6  # of the coordinates, in micrometres
_TOUCHING = 1e-5  # distance from which on a corner is not on an edge, likewise
Tags = list[int]
Corner = tuple[float, float]


@dataclass(frozen=True)
class LayoutFilm:
    """A film between two contacts as a layout has it; lengths in metres.

    The current flows between the contacts that touch the film, ``left`` and ``right`` by the middle
    of each. Where they overlap, the film is under the contact. The origin is the middle of the box
    around film and contacts.

    Attributes
    ----------
    film, contacts : sequence of ndarray, shape (n, 2)
        Corners of polygons, which may overlap, and touch themselves around a hole.
    has_pads : bool
        Whether the contacts are meshed, as pads, or the film ends there.
    far : float
        Radius of the disc of bare substrate around the device [m]; 0 for none.
    size, edge_size : float
        Length of the elements inside of the film and at its rim [m].
    """

    film: Sequence[Polygon]
    contacts: Sequence[Polygon]
    has_pads: bool
    far: float
    size: float
    edge_size: float

    def mesh(self, path: Path) -> NamedMesh:
        """Mesh it with Gmsh on this rank alone; coordinates in micrometres.

        The parts are those of a full `PlanarChannel`, ``midline`` and ``midplane`` with their
        points where the axes cross the film in one piece.

        Raises
        ------
        InputError
            If not exactly two contacts touch the film; ``path`` begins the sentence.
        MeshingError
            If Gmsh fails.
        """
        return named_parts(lambda: _Builder(self, path).generate())


class _Builder:
    """The model in Gmsh, in micrometres around the middle of film and contacts."""

    def __init__(self, layout: LayoutFilm, path: Path) -> None:
        self.layout, self.path = layout, path
        corners = np.concatenate([*layout.film, *layout.contacts])
        low, high = corners.min(axis=0), corners.max(axis=0)
        self._middle, self._half = (low + high) / 2, (high - low) / 2 / UNIT

    def generate(self) -> None:
        """Build geometry, names and mesh in the current model."""
        owner, axes = self._cut()
        film = [tag for tag, part in owner.items() if part == "film"]
        bare = [tag for tag, part in owner.items() if part == "substrate"]
        contacts = _pieces([tag for tag, part in owner.items() if part == "contact"])
        rim = _boundary(film)
        sides = self._sides(rim, contacts)
        lines = {f"contact_{side}": [*(rim & _boundary(piece))] for side, piece in sides.items()}
        regions = {"film": film}
        if self.layout.has_pads:
            regions |= {f"pad_{side}": piece for side, piece in sides.items()}
        used = {tag for tags in regions.values() for tag in tags}
        bare += [tag for piece in contacts for tag in piece if tag not in used]
        if self.layout.far:
            regions["substrate"] = bare
            lines["far"] = [*_boundary(list(owner))]
        else:
            gmsh.model.occ.remove([(2, tag) for tag in bare])
            gmsh.model.occ.synchronize()
        crossing, points = _read_along(axes, film, lines)
        self._set_sizes(film, rim)
        mesh_named(regions, lines | crossing, points)

    def _sides(self, rim: set[int], contacts: Sequence[Tags]) -> dict[str, Tags]:
        """Return the contacts that carry the current."""
        touching = [piece for piece in contacts if rim & _boundary(piece)]
        if len(touching) != 2:
            raise InputError(
                f"{self.path}: {len(touching)} of its {len(contacts)} contacts touch the film: two "
                "carry the current, draw them so and others on another layer"
            )
        return dict(zip(("left", "right"), sorted(touching, key=_place), strict=True))

    def _cut(self) -> tuple[dict[int, str], dict[str, Tags]]:
        """Cut all at one another: which part each surface is of, and the pieces of the axes."""
        occ = gmsh.model.occ
        film, contacts = (self._joined(part) for part in (self.layout.film, self.layout.contacts))
        owners = ["film"] * len(film) + ["contact"] * len(contacts)
        surfaces = film + contacts
        if self.layout.far:  # the first: of what lies on one another the last counts
            owners.insert(0, "substrate")
            far = self.layout.far / UNIT
            surfaces.insert(0, occ.addDisk(0.0, 0.0, 0.0, far, far))
        x, y = self._half
        axes = {"midline": (-x, 0.0, x, 0.0), "midplane": (0.0, -y, 0.0, y)}
        added = [
            occ.addLine(occ.addPoint(x0, y0, 0.0), occ.addPoint(x1, y1, 0.0))
            for x0, y0, x1, y1 in axes.values()
        ]
        shapes = [*((2, tag) for tag in surfaces), *((1, tag) for tag in added)]
        _, made = occ.fragment(shapes[:1], shapes[1:])
        occ.synchronize()
        owner = {tag: part for part, found in zip(owners, made, strict=False) for _, tag in found}
        pieces = zip(axes, made[len(owners) :], strict=True)
        return owner, {name: [tag for _, tag in found] for name, found in pieces}

    def _joined(self, polygons: Sequence[Polygon]) -> Tags:
        """Return the surfaces of polygons as one shape."""
        occ = gmsh.model.occ
        shifted = (np.round((polygon - self._middle) / UNIT, _DIGITS) for polygon in polygons)
        surfaces = [surface for polygon in shifted for surface in _filled(_loops(polygon))]
        if len(surfaces) > 1:
            surfaces, _ = occ.fuse(surfaces[:1], surfaces[1:])
        return [tag for _, tag in surfaces]

    def _set_sizes(self, film: Tags, rim: Collection[int]) -> None:
        """Let the elements grow with the distance from the rim of the film."""
        field, layout = gmsh.model.mesh.field, self.layout
        size, edge_size = layout.size / UNIT, min(layout.edge_size, layout.size) / UNIT
        far = (layout.far or float(np.hypot(*self._half)) * UNIT) / 5 / UNIT
        distance, growing, largest, least = (
            field.add(kind) for kind in ("Distance", "MathEval", "Constant", "Min")
        )
        field.setNumbers(distance, "CurvesList", [*rim])
        field.setNumber(distance, "Sampling", min(_SAMPLES, 2 * max(self._half) / edge_size))
        field.setString(growing, "F", f"{edge_size!r} + {_GROWTH} * F{distance}")
        field.setNumbers(largest, "SurfacesList", film)
        field.setNumber(largest, "VIn", size)
        field.setNumber(largest, "VOut", max(far, size))
        field.setNumbers(least, "FieldsList", [growing, largest])
        field.setAsBackgroundMesh(least)
        for option in ("ExtendFromBoundary", "FromPoints"):
            gmsh.option.setNumber(f"Mesh.MeshSize{option}", 0)


def _filled(loops: Sequence[Polygon]) -> list[tuple[int, int]]:
    """Return the surface within an outline and outside of holes."""
    occ, surfaces = gmsh.model.occ, []
    for loop in loops:
        points = [occ.addPoint(x, y, 0.0) for x, y in loop]
        lines = [occ.addLine(start, stop) for start, stop in pairwise([*points, points[0]])]
        surfaces.append((2, occ.addPlaneSurface([occ.addCurveLoop(lines)])))
    return occ.cut(surfaces[:1], surfaces[1:])[0] if surfaces[1:] else surfaces


def _loops(polygon: Polygon) -> list[Polygon]:
    """Return outline and holes of a polygon that reaches its holes along a line and back."""
    edges = Counter(edge for edge in _edges(polygon) if edge[0] != edge[1])
    following: dict[Corner, list[Corner]] = {}
    for (start, stop), count in edges.items():
        for _ in range(count - edges[stop, start]):
            following.setdefault(start, []).append(stop)
    loops = []
    while following:
        loop, corner = [], next(iter(following))
        while corner in following:
            loop.append(corner)
            stops = following.pop(corner)
            if stops[1:]:
                following[corner] = stops[1:]
            corner = stops[0]
        loops.append(np.array(loop))
    return sorted(loops, key=lambda loop: -abs(_area(loop)))


def _edges(polygon: Polygon) -> Iterator[tuple[Corner, Corner]]:
    """Yield the edges of a polygon, cut where it touches them with a corner."""
    for start, stop in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        along, off = stop - start, polygon - start
        length = float(np.hypot(*along))
        far = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0]) > _TOUCHING * length
        position = off @ along
        inside = polygon[~far & (position > 0) & (position < length**2)]
        corners = [start, *inside[np.argsort((inside - start) @ along)], stop]
        yield from pairwise((float(x), float(y)) for x, y in corners)


def _area(loop: Polygon) -> float:
    x, y = loop.T
    return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2


def _pieces(surfaces: Tags) -> list[Tags]:
    """Return surfaces that hang together along lines, by pieces."""
    pieces: list[tuple[Tags, set[int]]] = []
    for surface in surfaces:
        tags, lines = [surface], _boundary([surface])
        apart = []
        for piece in pieces:
            if piece[1] & lines:
                tags, lines = tags + piece[0], lines | piece[1]
            else:
                apart.append(piece)
        pieces = [*apart, (tags, lines)]
    return [tags for tags, _ in pieces]


def _place(piece: Tags) -> tuple[float, float]:
    """Return the middle of the box around a piece."""
    boxes = np.array([gmsh.model.getBoundingBox(2, tag) for tag in piece])
    x, y = (boxes[:, :2].min(axis=0) + boxes[:, 3:5].max(axis=0)) / 2
    return float(x), float(y)


def _boundary(surfaces: Tags) -> set[int]:
    """Return the lines around surfaces."""
    found = gmsh.model.getBoundary([(2, tag) for tag in surfaces], oriented=False)
    return {tag for _, tag in found}


def _points(lines: Collection[int]) -> set[int]:
    """Return the points at which lines begin and end."""
    found = gmsh.model.getBoundary([(1, tag) for tag in lines], combined=False, oriented=False)
    return {tag for _, tag in found}


def _ends(lines: Collection[int]) -> set[int]:
    """Return the points at which a chain of lines ends, none if it is in several pieces."""
    points = Counter(tag for line in lines for tag in _points([line]))
    ends = {point for point, count in points.items() if count == 1}
    return ends if len(ends) == 2 else set()


def _read_along(
    axes: Mapping[str, Tags], film: Tags, lines: Mapping[str, Tags]
) -> tuple[dict[str, Tags], dict[str, Tags]]:
    """Return the axes where they cross the film in one piece, and points on them, by name."""
    within = {line for surface in film for line in _boundary([surface])}
    inside = {name: [line for line in tags if line in within] for name, tags in axes.items()}
    ends = {name: _ends(tags) for name, tags in inside.items()}
    right = ends["midline"] & _points(lines["contact_right"])
    if not (right and ends["midline"] & _points(lines["contact_left"])):
        return {}, {}
    crossing, points = {"midline": inside["midline"]}, {"contact_centre": [*right]}
    if ends["midplane"]:
        crossing["midplane"] = inside["midplane"]
        points["centre"] = [*(_points(inside["midline"]) & _points(inside["midplane"]))]
    return crossing, points
