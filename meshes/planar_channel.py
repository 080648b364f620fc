"""A planar channel: film between two electrode pads on a substrate, seen from above."""

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from mpi4py import MPI

import gmsh
import numpy as np

from mitmodels.meshes.device import Device
from mitmodels.meshes.generator import generated, mesh_named

_TRIANGLE = 0.87  # area per node of triangles with sides of one
_MICRON = 1e-6  # the unit of the model


@dataclass(frozen=True)
class PlanarChannel:
    """Geometry and mesh size of a planar channel; lengths in metres.

    The current flows along x from pad to pad, the width is along y, the origin is the centre.
    A film of the pads' shape lies under them, so their regions are also the film there.

    Attributes
    ----------
    length, width, thickness : float
        Of the film between the pads [m].
    pad_length : float
        Extent of each pad along the current [m]; 0 for none.
    far : float
        Radius of the disc of bare substrate around the device [m]; 0 for none.
    size : float
        Element length along the current [m].
    edge_size : float
        Element length across the current at the lateral edge [m].
    cells_across : int
        Elements over half of the width, graded from ``edge_size`` at the lateral edge.
    domain : {"quarter", "full"}
        A quarter stands for a device that is symmetric in x and y.
    structured : bool
        Whether film and pads are meshed in blocks or freely between the same boundaries.
    pad_growth : float
        Length of an element in the pads over that of its neighbour nearer to the contact.
    """

    length: float
    width: float
    thickness: float
    pad_length: float
    far: float
    size: float
    edge_size: float
    cells_across: int
    domain: Literal["quarter", "full"] = "quarter"
    structured: bool = True
    pad_growth: float = 1.3  # of an almost isothermal sheet

    def __post_init__(self) -> None:
        """Refuse lengths that make no geometry."""
        for name in ("length", "width", "thickness", "size", "edge_size"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} = {getattr(self, name)} m must be positive")
        if self.pad_length < 0 or self.cells_across < 1 or not self.pad_growth > 1:
            raise ValueError(
                "pad_length must not be negative, cells_across at least 1 and pad_growth above 1"
            )
        if self.far and self.far < 2 * self.reach:
            raise ValueError(
                f"far = {self.far} m must be at least twice the half diagonal of film and pads, "
                f"{self.reach:.3g} m, or 0 for no substrate"
            )

    @property
    def reach(self) -> float:
        """Distance from the centre to the corner of the pads [m]."""
        return float(np.hypot(self.length / 2 + self.pad_length, self.width / 2))

    @property
    def pad_cells(self) -> float:
        """About how many elements there are along a pad."""
        growth = self.pad_growth - 1
        return float(np.log1p(growth * self.pad_length / self.size) / np.log(self.pad_growth))

    @property
    def nodes(self) -> float:
        """About how many nodes the mesh will have, infinite if very many."""
        along, across = self.length / 2 / self.size + 1, self.cells_across + 1
        pad = self.pad_cells
        bare = 5 * (along + across + pad) if self.far else 0  # they coarsen away from the rim
        within = (along + pad) * across
        if not self.structured:  # triangles as long as the elements at the boundaries
            within = max(within, self.length * self.width / 4 / (_TRIANGLE * self.size**2))
        return float((4 if self.domain == "full" else 1) * (within + bare))

    def build(self, comm: MPI.Comm) -> Device:
        """Mesh the channel with Gmsh on rank 0 and distribute it.

        Regions: ``film``, ``pad_right`` and on a full domain ``pad_left``, ``substrate``.
        Boundaries: ``midplane`` (x = 0), ``midline`` (y = 0, over the film), ``contact_right`` and
        on a full domain ``contact_left`` (film to pad), ``lateral_edge``, ``far``.
        Points: ``centre`` and ``contact_centre`` (on the midline, at the right contact).

        Returns
        -------
        Device
            In metres, with the copies that make the whole device.

        Raises
        ------
        MeshingError
            On every rank, if Gmsh fails.
        """
        device, _ = generated(comm, lambda: _Builder(self).generate(), _MICRON)
        copies = (2, 2) if self.domain == "quarter" else (1, 1)
        return replace(device, thickness=self.thickness, copies=copies)


def _growth(first: float, total: float, cells: int) -> float:
    """Ratio of neighbouring cells so that ``cells`` of them, the smallest ``first``, fill total."""
    if cells == 1 or cells * first >= total:
        return 1.0

    powers = np.arange(cells)
    ratio = (total / first) ** (1 / (cells - 1))
    # The sum is convex: from above, Newton's method comes down to the root.
    step = ratio
    while step > 1e-15 * ratio:
        excess = np.sum(ratio**powers) - total / first
        step = excess / np.sum(powers * ratio ** (powers - 1.0))
        ratio -= step
    return float(ratio)


@dataclass(frozen=True)
class _Line:
    """One interval of the block grid: its ends, cells, and ratio of the last to the first cell."""

    start: float
    stop: float
    cells: int
    progression: float  # ratio of neighbouring cells from start to stop


class _Builder:
    """The block-structured film and pads and the unstructured substrate, in micrometres."""

    def __init__(self, channel: PlanarChannel) -> None:
        self.channel = channel
        self.columns = self._columns()
        self.rows = self._rows()
        self.kinds = [self._kind(line) for line in self.columns]

    def generate(self) -> None:
        """Build geometry, names and mesh in the current Gmsh model."""
        gmsh.model.add("planar_channel")
        self._grid()
        regions = self._blocks()
        if self.channel.far:
            regions["substrate"] = [self._substrate()]
        mesh_named(regions, self._boundaries(), self._points())

    def _kind(self, line: _Line) -> str:
        middle, half = (line.start + line.stop) / 2, self.channel.length / 2 / _MICRON
        return "film" if abs(middle) < half else "pad_right" if middle > 0 else "pad_left"

    def _columns(self) -> list[_Line]:
        c = self.channel
        half, pad, size = c.length / 2 / _MICRON, c.pad_length / _MICRON, c.size / _MICRON
        lines = [_Line(0.0, half, max(1, round(half / size)), 1.0)]
        if pad:
            cells = max(2, int(np.ceil(c.pad_cells)))
            lines.append(_Line(half, half + pad, cells, _growth(size, pad, cells)))
        return self._mirrored(lines)

    def _rows(self) -> list[_Line]:
        c = self.channel
        ratio = _growth(c.edge_size / _MICRON, c.width / 2 / _MICRON, c.cells_across)
        return self._mirrored([_Line(0.0, c.width / 2 / _MICRON, c.cells_across, 1 / ratio)])

    def _mirrored(self, lines: list[_Line]) -> list[_Line]:
        if self.channel.domain == "quarter":
            return lines
        left = [_Line(-s.stop, -s.start, s.cells, 1 / s.progression) for s in reversed(lines)]
        return left + lines

    def _grid(self) -> None:
        """Points and lines of the block grid: h[i][j] along column i, v[i][j] along row j."""
        geo = gmsh.model.geo
        x = [self.columns[0].start] + [line.stop for line in self.columns]
        y = [self.rows[0].start] + [line.stop for line in self.rows]
        size = self.channel.size / _MICRON
        self.p = [[geo.addPoint(a, b, 0.0, size) for b in y] for a in x]
        self.h = [
            [geo.addLine(start, stop) for start, stop in zip(left, right, strict=True)]
            for left, right in pairwise(self.p)
        ]
        self.v = [
            [geo.addLine(start, stop) for start, stop in pairwise(points)] for points in self.p
        ]
        for lines, column in zip(self.h, self.columns, strict=True):
            for tag in lines:
                geo.mesh.setTransfiniteCurve(
                    tag, column.cells + 1, "Progression", column.progression
                )
        for lines in self.v:
            for tag, row in zip(lines, self.rows, strict=True):
                geo.mesh.setTransfiniteCurve(tag, row.cells + 1, "Progression", row.progression)

    def _blocks(self) -> dict[str, list[int]]:
        geo = gmsh.model.geo
        regions: dict[str, list[int]] = {}
        for i, kind in enumerate(self.kinds):
            for j in range(len(self.rows)):
                loop = [self.h[i][j], self.v[i + 1][j], -self.h[i][j + 1], -self.v[i][j]]
                surface = geo.addPlaneSurface([geo.addCurveLoop(loop)])
                if self.channel.structured:
                    geo.mesh.setTransfiniteSurface(surface, "Alternate")
                regions.setdefault(kind, []).append(surface)
        return regions

    def _substrate(self) -> int:
        """Surface between the blocks and the far circle; elements grow with the distance."""
        geo, far = gmsh.model.geo, self.channel.far / _MICRON
        top = [h[-1] for h in self.h]
        right = self.v[-1]
        quarter = self.channel.domain == "quarter"
        centre = self.p[0][0] if quarter else geo.addPoint(0.0, 0.0, 0.0)
        ring = [(far, 0.0), (0.0, far), (-far, 0.0), (0.0, -far)]
        corners = [geo.addPoint(x, y, 0.0, far / 5) for x, y in (ring[:2] if quarter else ring)]
        ends = pairwise(corners if quarter else [*corners, corners[0]])
        self.far = [geo.addCircleArc(start, centre, stop) for start, stop in ends]
        if quarter:
            out = geo.addLine(self.p[-1][0], corners[0])
            back = geo.addLine(corners[1], self.p[0][-1])
            loop = [out, *self.far, back, *top, *[-tag for tag in reversed(right)]]
            return int(geo.addPlaneSurface([geo.addCurveLoop(loop)]))
        bottom = [h[0] for h in self.h]
        left = self.v[0]
        hole = [*bottom, *right, *[-t for t in reversed(top)], *[-t for t in reversed(left)]]
        return int(geo.addPlaneSurface([geo.addCurveLoop(self.far), geo.addCurveLoop(hole)]))

    def _boundaries(self) -> dict[str, list[int]]:
        quarter = self.channel.domain == "quarter"
        film = [i for i, kind in enumerate(self.kinds) if kind == "film"]
        middle = 0 if quarter else len(self.rows) // 2
        edges = [-1] if quarter else [0, -1]
        names = {
            "midplane": self.v[0 if quarter else len(self.columns) // 2],
            "midline": [self.h[i][middle] for i in film],
            "lateral_edge": [self.h[i][j] for i in film for j in edges],
            "contact_right": self.v[film[-1] + 1],
        }
        if not quarter:
            names["contact_left"] = self.v[film[0]]
        if self.channel.far:
            names["far"] = self.far
        return names

    def _points(self) -> dict[str, list[int]]:
        quarter = self.channel.domain == "quarter"
        i = 0 if quarter else len(self.columns) // 2
        j = 0 if quarter else len(self.rows) // 2
        contact = max(k for k, kind in enumerate(self.kinds) if kind == "film") + 1
        return {"centre": [self.p[i][j]], "contact_centre": [self.p[contact][j]]}
