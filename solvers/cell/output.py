"""Files of a growing filament for ParaView: stored fields, and every mesh that was made."""

import errno
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from mpi4py import MPI

import ufl
from dolfinx import fem
from dolfinx.io import VTKFile

import meshio
import numpy as np

from mitmodels.meshes.mesh_arrays import Arrays, pack_device
from mitmodels.solvers.cell.events import TimePoint
from mitmodels.solvers.cell.forms import METALS
from mitmodels.solvers.runs.files import write_collection, writing
from mitmodels.solvers.runs.parallel import on_root

_REGIONS = ("counter", "filament", "oxide", "active")


class CellFieldFile:
    """A .pvd collection with one time per stored time point.

    Parameters
    ----------
    path : Path
        The .pvd file.
    comm : MPI.Comm
    times : sequence of float
        Of the points that are stored already [s].
    """

    def __init__(self, path: Path, comm: MPI.Comm, times: Sequence[float] = ()) -> None:
        self.path, self.comm, self.times = path, comm, list(times)

    def write(self, point: TimePoint) -> None:
        """Write potentials, temperature, current density and regions of a time point.

        The potential is that of the metal in metals and that of the electrolyte in the oxide, so
        it has two values on an interface; a cell's mean value is written.
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
        file = self._path(len(self.times))
        # A full disk is an error of one rank alone; `_finish` tells all of them.
        with suppress(RuntimeError), VTKFile(self.comm, file, "w") as vtk:
            vtk.write_function([temperature, potential, region, current], point.t)
        self.times.append(point.t)
        self.comm.barrier()  # every rank has written its part
        on_root(self.comm, lambda: self._finish(file))

    def _path(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.stem}{number:03d}.pvd")

    def _finish(self, file: Path) -> None:
        """Make sure that a full disk took all of a time point, then write the collection."""
        for part in (file, *file.parent.glob(f"{file.stem}?*.*vtu")):
            with writing(part):
                if not part.read_bytes().rstrip().endswith(b"</VTKFile>"):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        files = [f"{self._path(i).stem}000000.pvtu" for i in range(len(self.times))]
        write_collection(self.path, dict(zip(files, self.times, strict=True)))


class CellMeshFiles:
    """Meshes as ``mesh000.vtu`` and so on, and their times in ``mesh.pvd``.

    Triangles and the lines of named boundaries carry the number of their group, ``names.txt`` says
    which is which.

    Parameters
    ----------
    folder : Path
    comm : MPI.Comm
    times : sequence of float
        Of the meshes that are there already [s].
    """

    def __init__(self, folder: Path, comm: MPI.Comm, times: Sequence[float] = ()) -> None:
        self.folder, self.comm, self.times = folder, comm, list(times)

    def write(self, point: TimePoint) -> None:
        """Write the mesh in use at a time point. Collective.

        Raises
        ------
        RunError
            If the disk does not take it.
        """
        device = point.meshed.mesh.device
        packed = pack_device(device, device.mesh.geometry.x)
        self.times.append(point.t)
        on_root(self.comm, lambda: self._finish(packed))

    def _finish(self, packed: Arrays) -> None:
        path = self._path(len(self.times) - 1)
        x = packed["x"]
        mesh = meshio.Mesh(
            np.column_stack((x, np.zeros(len(x)))),
            [("triangle", packed["entities_2"]), ("line", packed["entities_1"])],
            cell_data={"group": [packed["values_2"], packed["values_1"]]},
        )
        with writing(path):
            meshio.write(path, mesh)
        times = {self._path(i).name: t for i, t in enumerate(self.times)}
        write_collection(self.folder / "mesh.pvd", times)
        names = zip(packed["groups"][:, 1], packed["names"], strict=True)
        with writing(self.folder / "names.txt"):
            lines = "".join(f"{number} {name}\n" for number, name in names)
            (self.folder / "names.txt").write_text(lines, encoding="utf-8")

    def _path(self, number: int) -> Path:
        return self.folder / f"mesh{number:03d}.vtu"
