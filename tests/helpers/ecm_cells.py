"""The shipped cell, and rectangles and shells with its regions and boundaries."""

from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import pairwise
from pathlib import Path

from mpi4py import MPI

import dolfinx
from dolfinx.io.gmsh import PhysicalGroup

import numpy as np

from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config
from mitmodels.drive.waveform import Waveform
from mitmodels.meshes.device import Device
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.growth import Growth
from mitmodels.solvers.cell.heun import StepControl
from mitmodels.solvers.cell.meshed_cell import Cell, MeshControl

SHIPPED = Path(str(files("mitmodels.cases") / "ecm_set.toml"))
CU_SIO2_PT = load_config(SHIPPED, [], Config).cell().model

REGIONS = {"counter": 1, "filament": 2, "oxide": 3, "active": 4}
BOUNDARIES = {"outline": 5, "electrode": 6, "bottom": 7, "top": 8}


def grow(
    cell: Cell, source: Waveform, steps: StepControl, mesh: MeshControl, comm: MPI.Comm
) -> Iterator[TimePoint]:
    """Yield the time points of a growing filament, the seed first."""
    growth = Growth(cell, source, steps, mesh, comm)
    point = growth.seed()
    yield point
    while source.next_stop(point.t) is not None and not growth.in_contact(point):
        point = growth.advance(point)
        yield point


def layered(
    comm: MPI.Comm,
    corners: tuple[tuple[float, float], tuple[float, float]],
    cells: tuple[int, int],
    layers: list[str],
    axis: int = 1,
    bend: Callable[[np.ndarray], np.ndarray] | None = None,
    ends: tuple[str, str] = ("bottom", "top"),
) -> Device:
    """Rectangle in (r, z) that is cut into equal layers along an axis, each one region.

    The boundary between filament and oxide is the outline, that between oxide and active the
    electrode; ``ends`` names the two outer ones. ``bend`` moves the nodes afterwards.
    """
    mesh = dolfinx.mesh.create_rectangle(
        comm, corners, cells, ghost_mode=dolfinx.mesh.GhostMode.shared_facet
    )
    low, high = corners[0][axis], corners[1][axis]
    step, tdim = (high - low) / len(layers), mesh.topology.dim
    mesh.topology.create_connectivity(1, 2)
    centres = dolfinx.mesh.compute_midpoints(
        mesh, tdim, np.arange(_count(mesh, tdim), dtype=np.int32)
    )
    layer = np.floor((centres[:, axis] - low) / step).astype(int)
    values = np.array([REGIONS[name] for name in layers], dtype=np.int32)[layer]
    cell_tags = dolfinx.mesh.meshtags(mesh, tdim, np.arange(len(values), dtype=np.int32), values)
    facets, tags = [], []
    for number, name in _interfaces(layers, ends):
        found = dolfinx.mesh.locate_entities(
            mesh, 1, lambda x, at=low + number * step: np.isclose(x[axis], at, atol=1e-6 * step)
        )
        facets.append(found)
        tags.append(np.full(len(found), BOUNDARIES[name], dtype=np.int32))
    facets, tags = np.concatenate(facets), np.concatenate(tags)
    order = np.argsort(facets)
    facet_tags = dolfinx.mesh.meshtags(mesh, 1, facets[order], tags[order])
    if bend is not None:
        mesh.geometry.x[:, :2] = bend(mesh.geometry.x[:, :2])
    names = {name: PhysicalGroup(2, tag) for name, tag in REGIONS.items()}
    names |= {name: PhysicalGroup(1, tag) for name, tag in BOUNDARIES.items()}
    return Device(mesh, (cell_tags, facet_tags, None), names, axisymmetric=True)


def _count(mesh: dolfinx.mesh.Mesh, dim: int) -> int:
    layout = mesh.topology.index_map(dim)
    return layout.size_local + layout.num_ghosts


def _interfaces(layers: list[str], ends: tuple[str, str]) -> list[tuple[int, str]]:
    found = [(0, ends[0]), (len(layers), ends[1])]
    for number, pair in enumerate(pairwise(layers), start=1):
        if set(pair) == {"filament", "oxide"}:
            found.append((number, "outline"))
        if set(pair) == {"oxide", "active"}:
            found.append((number, "electrode"))
    return found
