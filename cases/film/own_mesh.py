"""A film on a mesh of the user's: which parts it must have, and where."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path

from mpi4py import MPI

import numpy as np
import numpy.typing as npt

from mitmodels.cases.film.laws.plan import Geometry
from mitmodels.errors import InputError
from mitmodels.film.observables import READ_AT
from mitmodels.meshes import layout_mesh
from mitmodels.meshes.device import Device
from mitmodels.meshes.layout import read_layout
from mitmodels.meshes.layout_mesh import LayoutFilm
from mitmodels.meshes.mesh_arrays import Arrays, unpack_device
from mitmodels.meshes.mesh_checks import (
    Numbers,
    are_among,
    check_joined,
    check_triangles,
    edges_of,
    place,
)
from mitmodels.meshes.named_mesh import NamedMesh
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.runs.parallel import on_root

_PLACE = 1e-6  # how far off a node may be, of the length of the film
_UNIT = 10.0  # factor in size from which on the unit must be wrong
_OTHER = 0.01  # relative difference from which on a width is another one
_ALIKE = 0.85  # of two names, from which on one is taken for a slip of the other
_LEFT_OUT = ("substrate", "pad_left", "pad_right")  # of a film without them, which is meant so
_DIMENSIONS = {"midplane": 1, "midline": 1, "centre": 0, "contact_centre": 0}


def own_device(
    geometry: Geometry, channel: PlanarChannel, comm: MPI.Comm
) -> tuple[Device, tuple[str, ...]]:
    """Read or make the mesh of a drawn film, check it and distribute it.

    What it has beside the film without being read is returned in sentences.

    Parameters
    ----------
    geometry
        Section that names a mesh, with the names of `PlanarChannel.build`, or a layout.
    channel
        The channel that it stands for, whose sizes are those of a layout's elements.
    comm

    Raises
    ------
    InputError
        If the file is not such a mesh.
    """
    arrays, remarks = on_root(comm, lambda: _checked(geometry, channel))
    copies = (2, 2) if channel.domain == "quarter" else (1, 1)
    device = replace(unpack_device(arrays, comm), thickness=channel.thickness, copies=copies)
    return device, remarks


def _drawn(geometry: Geometry, channel: PlanarChannel) -> tuple[NamedMesh, float]:
    """Return the mesh, and the length of one unit of its coordinates [m]."""
    unit = None if geometry.unit.source == "default" else float(geometry.unit)
    if geometry.mesh:
        from mitmodels.meshes.mesh_file import read_mesh  # only here: most films have no file

        return read_mesh(Path(geometry.mesh)), unit or 1.0
    assert geometry.layout and geometry.layers  # noqa: PT018  # both, as `check_film` has seen
    path, layers = Path(geometry.layout), geometry.layers
    shapes = read_layout(path, {layers.film, layers.contacts}, geometry.cell, unit)
    layout = LayoutFilm(
        shapes[layers.film],
        shapes[layers.contacts],
        has_pads=channel.pad_length > 0,
        far=channel.far,
        size=channel.size,
        edge_size=channel.edge_size,
    )
    return layout.mesh(path), layout_mesh.UNIT


def _checked(geometry: Geometry, channel: PlanarChannel) -> tuple[Arrays, tuple[str, ...]]:
    path, (mesh, unit) = geometry.drawn, _drawn(geometry, channel)
    film = _OwnFilm(mesh, unit, channel)
    try:
        film.mesh.require(film.needed)
        wanted = film.needed | film.read_besides()
        film.mesh.require(wanted)
        film.check_unit()
        film.check_places()
        arrays = film.mesh.pack(tuple(wanted), unit)
        film.check_rim()
        film.check_contacts()
        remarks = tuple(film.left_out())
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    return arrays, remarks


def not_read(plan: Device) -> dict[str, str]:
    """Line of a report that says which quantities a mesh does not show."""
    absent = {name: part for name, part in READ_AT.items() if part not in plan.names}
    parts = " or ".join(dict.fromkeys(absent.values()))
    return {"not read": f"{', '.join(absent)}: the mesh has no {parts}"} if absent else {}


def contact_warnings(plan: Device, geometry: Geometry) -> list[str]:
    """Say if the contacts of the mesh have another width than the geometry. Collective."""
    dim, facets = plan.entities("contact_right")
    own = facets[facets < plan.mesh.topology.index_map(dim).size_local]
    width = plan.copies[1] * float(plan.mesh.comm.allreduce(plan.mesh.h(dim, own).sum()))
    if abs(width / geometry.width - 1) < _OTHER:
        return []
    return [
        f"geometry.width = {geometry.width.given}, by which contact.resistance_width is divided, "
        f"but the right contact of the mesh is {width * 1e6:.4g} um wide"
    ]


@dataclass(frozen=True, eq=False)
class _OwnFilm:
    """Named parts of a file, its unit [m], and the channel that they stand for.

    What is checked is refused by an `InputError`, a predicate of the file.
    """

    mesh: NamedMesh
    unit: float
    channel: PlanarChannel

    @property
    def sides(self) -> tuple[str, ...]:
        """Sides on which there is a contact."""
        return ("right", "left") if self.channel.domain == "full" else ("right",)

    @cached_property
    def needed(self) -> dict[str, int]:
        """Names and dimensions of the parts without which no film is solved."""
        needed = {"film": 2} | {f"contact_{side}": 1 for side in self.sides}
        if self.channel.domain == "quarter":
            needed["midplane"] = 1
        if self.channel.pad_length:
            needed |= {f"pad_{side}": 2 for side in self.sides}
        if self.channel.far:
            needed |= {"substrate": 2, "far": 1}
        return needed

    def read_besides(self) -> dict[str, int]:
        """Of the parts that are only read, those that the mesh has, by almost the same name too."""
        found, known = {}, {*self.mesh.parts, *self.mesh.faults}
        for name in dict.fromkeys(READ_AT.values()):
            others = known - {*self.needed, *_DIMENSIONS}
            if name in known:
                found[name] = _DIMENSIONS[name]
            elif meant := get_close_matches(name, others, cutoff=_ALIKE):
                raise InputError(f'has "{meant[0]}" but no "{name}": if that is meant, call it so')
        return found

    def cells(self, *without: str) -> Numbers:
        """Triangles of film, pads and substrate."""
        regions = [n for n, dimension in self.needed.items() if dimension == 2 and n not in without]
        return np.concatenate([self.mesh.parts[name] for name in regions])

    def left_out(self) -> Iterator[str]:
        """Say which triangles beside film and pads are not read: a half-space has none."""
        outer = check_triangles(self.mesh.points, self.cells("substrate"))
        for name, rows in self.mesh.parts.items():
            if rows.shape[1] != 3 or name in {*self.needed, *_LEFT_OUT}:
                continue
            edges = edges_of(rows[~are_among(rows, self.cells())])
            beside = outer[are_among(outer, edges)]
            if len(beside):
                yield (
                    f'geometry.mesh: its region "{name}" beside the film, at '
                    f"{place(self.mesh.points[beside[0]])}, is not read and insulates: call it "
                    "film if it is"
                )

    def check_unit(self) -> None:
        """Check that the film is about as large as the geometry says."""
        copies = 2 if self.channel.domain == "quarter" else 1
        nodes = self.mesh.points[np.unique(self.mesh.parts["film"])]
        size = copies * self.unit * float(np.ptp(nodes, axis=0).max())
        said = max(self.channel.length, self.channel.width)
        if not said / _UNIT < size < said * _UNIT:
            raise InputError(
                f"has a film of {size:.3g} m where geometry.length and width say {said:.3g} m: set "
                f"geometry.unit, the length of one unit of its coordinates, now {self.unit:g} m"
            )

    def check_places(self) -> None:
        """Check what follows from the names: mirror planes, and the circle around the substrate."""
        x, y = self.mesh.points.T * self.unit
        channel, near = self.channel, _PLACE * self.channel.length
        quarter, places = channel.domain == "quarter", {}
        if quarter:
            places["midplane"] = ("at x = 0", x)
        if channel.far:
            circle = f"on the circle of geometry.far = {channel.far:g} m around the origin"
            places["far"] = (circle, np.hypot(x, y) - channel.far)
        for name, (words, off) in places.items():
            there = off[np.unique(self.mesh.parts[name])]
            if (worst := float(np.abs(there).max())) <= near:
                continue
            remedy = ""
            if name == "far" and np.ptp(there) < near:  # another circle
                remedy = f': set geometry.far = "{1e6 * (channel.far + there[0]):.6g} um"'
            raise InputError(f'has "{name}" not {words} but up to {worst:.3g} m away{remedy}')
        used, layer = np.unique(self.cells()), np.unique(self.cells("substrate"))
        if quarter and min(x[used].min(), y[used].min()) < -near:
            raise InputError('reaches beyond x = 0 or y = 0: set geometry.domain = "full"')
        reach = float(np.hypot(x[layer], y[layer]).max())
        if channel.far and channel.far < 2 * (reach - near):
            raise InputError(
                f"has film or pads up to {reach:.3g} m from the origin, but geometry.far = "
                f"{channel.far:g} m: put the circle at least twice as far away"
            )

    def check_rim(self) -> None:
        """Check that film and pads hang together, and that the plan of a half-space is filled."""
        points, parts, refuse = self.mesh.points, self.mesh.parts, self.mesh.refuse
        check_joined(points, check_triangles(points, self.cells("substrate")))
        if not self.channel.far:
            return
        outer, far = check_triangles(points, self.cells()), parts["far"]
        refuse(far[~are_among(far, outer)], 'has "far" at {}, inside of its regions: move it')
        inside = ~are_among(outer, far)
        if self.channel.domain == "quarter":
            inside &= ~(self._at_zero(outer, 0) | self._at_zero(outer, 1))
        refuse(
            outer[inside],
            'does not close at {}, within "far": fill the plan with cells of film, pads and '
            "substrate that share their nodes with their neighbours (in Gmsh occ.fragment)",
        )

    def check_contacts(self) -> None:
        """Check that the contacts are the ends of the film, and that film lies between them."""
        parts, refuse, ends = self.mesh.parts, self.mesh.refuse, {}
        edges, outer = edges_of(parts["film"]), check_triangles(self.mesh.points, parts["film"])
        for side in self.sides:
            name, pad = f"contact_{side}", f"pad_{side}"
            line, border, words = parts[name], outer, 'the border of "film"'
            if self.channel.pad_length:
                border = edges[are_among(edges, edges_of(parts[pad]))]
                words = f'the border between "film" and "{pad}"'
                missing = border[~are_among(border, line)]
                refuse(missing, f'has {words} at {{}} without "{name}": name all of it so')
            off = line[~are_among(line, border)]
            refuse(off, f'has "{name}" at {{}}, which is not {words}: name that one so')
            ends[name] = np.union1d(line, parts[pad] if self.channel.pad_length else line)
        if self.channel.domain == "quarter":
            mirrored = outer[self._at_zero(outer, 0)]
            missing = mirrored[~are_among(mirrored, parts["midplane"])]
            refuse(missing, 'has film on x = 0 at {} without "midplane": name all of it so')
            ends["midplane"] = np.unique(mirrored)
        self._check_pieces(ends)

    def _check_pieces(self, ends: Mapping[str, Numbers]) -> None:
        """Check that each piece of the film has a potential, and one of them carries a current."""
        from scipy.sparse import coo_array  # only here: it takes longer than the rest
        from scipy.sparse.csgraph import connected_components

        (one, right), (other, left) = ends.items()
        both = np.intersect1d(right, left)
        self.mesh.refuse(both[:, None], f'has "{one}" and "{other}" in touch at {{}}: part them')
        edges, size = edges_of(self.mesh.parts["film"]), len(self.mesh.points)
        graph = coo_array((np.ones(len(edges)), edges.T), shape=(size, size))
        piece = connected_components(graph, directed=False)[1]
        fed = np.isin(piece[edges], piece[np.union1d(right, left)])
        self.mesh.refuse(
            edges[~fed.all(axis=1)],
            'has a piece of "film" at {} that touches no contact, so that it has no potential: '
            "join it to the film or leave it out",
        )
        if not np.isin(piece[right], piece[left]).any():
            raise InputError(f'has no "film" that leads from "{one}" to "{other}": join them')

    def _at_zero(self, edges: Numbers, axis: int) -> npt.NDArray[np.bool_]:
        near = _PLACE * self.channel.length / self.unit
        on_line: npt.NDArray[np.bool_] = np.abs(self.mesh.points[edges, axis]).max(axis=1) <= near
        return on_line
