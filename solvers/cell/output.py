"""Files of a growing filament for ParaView: stored fields, and every mesh that was made."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mpi4py import MPI

import ufl
from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.meshes.mesh_arrays import gathered, pack_device
from mitmodels.meshes.probes import Probes
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.fields import CellSolver
from mitmodels.solvers.cell.forms import METALS
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.vtk_files import Grid, write_collection, write_grid

Array = npt.NDArray[np.float64]

_REGIONS = ("counter", "filament", "oxide", "active")
_KINDS = np.array([0, 0, 1, 2])  # of their potentials, each of which is continuous
_CORNERS = 3


def write_fields(folder: Path, comm: MPI.Comm, point: TimePoint, times: Sequence[float]) -> None:
    """Write potentials, temperature, current density and regions of a time point. Collective.

    The potential is that of the metal in metals and that of the electrolyte in the oxide, so it has
    two values on an interface, whose nodes are there twice; the current in the oxide is that of the
    ions. ``cell.pvd`` is the collection.

    Parameters
    ----------
    folder : Path
    comm : MPI.Comm
    point : TimePoint
    times : sequence of float
        Of the points that are stored, this one the last [s].

    Raises
    ------
    RunError
        If the disk does not take it.
    """
    grid, state = _grid(point.meshed.fields, point.state.V_cell), point.state
    files = [f"cell{i:03d}.vtu" for i in range(len(times))]
    about = {
        "t [s]": point.t,
        "V_source [V]": state.V_source,
        "V_cell [V]": state.V_cell,
        "I [A]": state.I,
        "T_max [K]": state.T_max,
    }

    def save() -> None:
        write_grid(folder / files[-1], grid, about)
        write_collection(folder / "cell.pvd", dict(zip(files, times, strict=True)))

    on_root(comm, save)


def _grid(solver: CellSolver, V: float) -> Grid:
    """Return the present fields on rank 0, nothing elsewhere. Collective."""
    mesh, comm, fields = solver.device.mesh, solver.device.mesh.comm, solver.fields
    space = fem.functionspace(mesh, ("Lagrange", 1))
    owned = space.dofmap.index_map.size_local
    count = mesh.topology.index_map(2).size_local

    def at_nodes(field: fem.Function) -> Array:
        linear = fem.Function(space)
        linear.interpolate(field)
        return linear.x.array[:owned]

    phi, psi, rise = map(at_nodes, (solver.electrolyte.potential, fields.psi, fields.rise))
    local = np.column_stack([V * psi, phi, np.full(owned, V), solver.model.ambient + rise])
    corners = space.dofmap.index_map.local_to_global(space.dofmap.list[:count].reshape(-1))
    region, current = _by_cell(solver, V)
    x, nodal, numbers, region, current = (
        gathered(comm, rows)
        for rows in (
            space.tabulate_dof_coordinates()[:owned, :2],
            local,
            corners.reshape(-1, _CORNERS),
            region[:count],
            current[:count],
        )
    )
    # A node of two kinds of potential is there once for each.
    kind = np.repeat(_KINDS[region], _CORNERS)
    pairs = np.column_stack([numbers.reshape(-1), kind])
    (node, kind), cells = _unique(pairs)
    return Grid(
        x[node],
        cells.reshape(-1, _CORNERS),
        nodal={"potential [V]": nodal[node, kind], "temperature [K]": nodal[node, 3]},
        cellwise={"region": region, "current density [A/m2]": current},
    )


def _unique(pairs: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the distinct pairs as columns, and the number of each given one among them."""
    found, number = np.unique(pairs, axis=0, return_inverse=True)
    return found.T, number


def _by_cell(solver: CellSolver, V: float) -> tuple[npt.NDArray[np.int32], Array]:
    """Region and current density [A/m2] of this rank's cells, ghosts included."""
    mesh, fields, model = solver.device.mesh, solver.fields, solver.model
    region = fem.Function(fem.functionspace(mesh, ("DG", 0)))
    vectors = fem.functionspace(mesh, ("DG", 0, (3,)))
    current = fem.Function(vectors)
    T = model.ambient + fields.rise
    for number, name in enumerate(_REGIONS):
        cells = solver.device.entities(name)[1]
        region.x.array[cells] = number
        if name in METALS:
            flow = -V * model.conductivity(name, T, fields.thinness) * ufl.grad(fields.psi)
        elif name == "oxide":
            field = ufl.grad(fields.deviation)
            flow = -model.hopping(ufl.inner(field, field), T) * field
        else:
            continue
        flat = ufl.as_vector([flow[0], flow[1], 0])
        middle = vectors.element.interpolation_points
        current.interpolate(fem.Expression(flat, middle), cells)
    return region.x.array.astype(np.int32), current.x.array.reshape(-1, 3)


def temperatures_at(
    point: TimePoint, places: Mapping[str, tuple[float, float]]
) -> dict[str, float]:
    """Return the temperature [K] of a time point at named places [m], NaN outside. Collective."""
    if not places:
        return {}
    solver = point.meshed.fields
    rise = Probes(solver.device, list(places.values()))(solver.fields.rise)[:, 0]
    T = rise + solver.model.ambient
    return {f"T_{name}": float(value) for name, value in zip(places, T, strict=True)}


def write_mesh(folder: Path, comm: MPI.Comm, point: TimePoint, times: Sequence[float]) -> None:
    """Write the mesh in use at a time point as ``mesh000.vtu`` and so on. Collective.

    Triangles and the lines of named boundaries carry the number of their group, ``names.txt`` says
    which is which. ``mesh.pvd`` is the collection.

    Parameters and errors are those of `write_fields`.
    """
    device = point.meshed.mesh.device
    packed = pack_device(device, device.mesh.geometry.x)
    files = [f"mesh{i:03d}.vtu" for i in range(len(times))]

    def finish() -> None:
        groups = np.concatenate([packed["values_2"], packed["values_1"]])
        grid = Grid(
            packed["x"],
            packed["entities_2"],
            nodal={},
            cellwise={"group": groups},
            lines=packed["entities_1"],
        )
        write_grid(folder / files[-1], grid, {"t [s]": point.t})
        write_collection(folder / "mesh.pvd", dict(zip(files, times, strict=True)))
        names = zip(packed["groups"][:, 1], packed["names"], strict=True)
        with writing(folder / "names.txt"):
            lines = "".join(f"{number} {name}\n" for number, name in names)
            (folder / "names.txt").write_text(lines, encoding="utf-8")

    on_root(comm, finish)
