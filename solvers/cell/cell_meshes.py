"""Every mesh that a growing filament was given, on disk."""

from collections.abc import Sequence
from pathlib import Path

from mpi4py import MPI

import meshio
import numpy as np

from mitmodels.meshes.mesh_arrays import Arrays, pack_device
from mitmodels.solvers.cell.events import Instant
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.parallel import on_root
from mitmodels.solvers.runs.paraview import write_collection


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

    def write(self, instant: Instant) -> None:
        """Write the mesh in use at an instant. Collective.

        Raises
        ------
        RunError
            If the disk does not take it.
        """
        device = instant.meshed.mesh.device
        packed = pack_device(device, device.mesh.geometry.x)
        self.times.append(instant.t)
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
