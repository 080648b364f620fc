"""Files of a growing filament for ParaView: stored fields, and every mesh that was made."""

import errno
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from mpi4py import MPI

import ufl
from dolfinx import fem
from dolfinx.io import VTKFile

import meshio
import numpy as np

from mitmodels.meshes.mesh_arrays import pack_device
from mitmodels.meshes.probes import Probes
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.forms import METALS
from mitmodels.solvers.runs.files import write_collection, writing
from mitmodels.solvers.runs.parallel import on_root

_REGIONS = ("counter", "filament", "oxide", "active")


def write_fields(folder: Path, comm: MPI.Comm, point: TimePoint, times: Sequence[float]) -> None:
    """Write potentials, temperature, current density and regions of a time point. Collective.

    The potential is that of the metal in metals and that of the electrolyte in the oxide, so it has
    two values on an interface; a cell's mean value is written. ``cell.pvd`` is the collection.

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
    solver, V = point.meshed.fields, point.state.V_cell
    device, fields = solver.device, solver.fields
    mesh = device.mesh
    temperature = fem.Function(fem.functionspace(mesh, ("Lagrange", 1)), name="temperature [K]")
    temperature.interpolate(fields.rise)
    temperature.x.array[:] += solver.model.ambient
    cellwise = fem.functionspace(mesh, ("DG", 0))
    potential = fem.Function(cellwise, name="potential [V]")
    region = fem.Function(cellwise, name="region")
    vectors = fem.functionspace(mesh, ("DG", 0, (3,)))
    current = fem.Function(vectors, name="current density [A/m2]")
    middle = cellwise.element.interpolation_points
    for number, name in enumerate(_REGIONS):
        cells = device.entities(name)[1]
        region.x.array[cells] = number
        values = {"oxide": solver.electrolyte.potential, "active": fem.Constant(mesh, V)}
        law = values.get(name, V * fields.psi)
        potential.interpolate(fem.Expression(ufl.as_ufl(law), middle), cells)
        if name in METALS:
            T = solver.model.ambient + fields.rise
            sigma = solver.model.conductivity(name, T, fields.thinness)
            flow = -V * sigma * ufl.grad(fields.psi)
            flat = ufl.as_vector([flow[0], flow[1], 0])
            current.interpolate(fem.Expression(flat, middle), cells)
    stems = [f"cell{i:03d}" for i in range(len(times))]
    file = folder / f"{stems[-1]}.pvd"

    def finish() -> None:
        """Make sure that a full disk took all of a time point, then write the collection."""
        for part in (file, *folder.glob(f"{file.stem}?*.*vtu")):
            with writing(part):
                if not part.read_bytes().rstrip().endswith(b"</VTKFile>"):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        parts = [f"{stem}000000.pvtu" for stem in stems]
        write_collection(folder / "cell.pvd", dict(zip(parts, times, strict=True)))

    # A full disk is an error of one rank alone; `finish` tells all of them.
    with suppress(RuntimeError), VTKFile(comm, file, "w") as vtk:
        vtk.write_function([temperature, potential, region, current], point.t)
    comm.barrier()  # every rank has written its part
    on_root(comm, finish)


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
        x = packed["x"]
        mesh = meshio.Mesh(
            np.column_stack((x, np.zeros(len(x)))),
            [("triangle", packed["entities_2"]), ("line", packed["entities_1"])],
            cell_data={"group": [packed["values_2"], packed["values_1"]]},
        )
        with writing(folder / files[-1]):
            meshio.write(folder / files[-1], mesh)
        write_collection(folder / "mesh.pvd", dict(zip(files, times, strict=True)))
        names = zip(packed["groups"][:, 1], packed["names"], strict=True)
        with writing(folder / "names.txt"):
            lines = "".join(f"{number} {name}\n" for number, name in names)
            (folder / "names.txt").write_text(lines, encoding="utf-8")

    on_root(comm, finish)
