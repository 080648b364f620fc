"""Fields of a metallization cell on disk, on its moving and changing mesh."""

from pathlib import Path

from mpi4py import MPI

import ufl
from dolfinx import fem
from dolfinx.io import VTKFile

from solvers.ecm_forms import METALS
from solvers.instants import Instant

_REGIONS = ("counter", "filament", "oxide", "active")


class CellFieldFile:
    """A .pvd collection with one time per stored instant.

    Parameters
    ----------
    path : Path
        The .pvd file.
    comm : MPI.Comm
    """

    def __init__(self, path: Path, comm: MPI.Comm) -> None:
        self._file = VTKFile(comm, path, "w")

    def write(self, instant: Instant) -> None:
        """Write potentials, temperature, current density and regions of an instant.

        The potential is that of the metal in metals and that of the electrolyte in the oxide, so
        it has two values on an interface; a cell's mean value is written.
        """
        solver, V = instant.meshed.fields, instant.state.V_cell
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
            values = {"oxide": solver.electrolyte, "active": fem.Constant(mesh, V)}
            law = values.get(name, V * fields.psi)
            potential.interpolate(fem.Expression(ufl.as_ufl(law), middle), cells)
            if name in METALS:
                sigma = self._conductivity(instant, name)
                flow = -V * sigma * ufl.grad(fields.psi)
                flat = ufl.as_vector([flow[0], flow[1], 0])
                current.interpolate(fem.Expression(flat, middle), cells)
        self._file.write_function([temperature, potential, region, current], instant.t)

    def _conductivity(self, instant: Instant, region: str) -> ufl.core.expr.Expr:
        solver = instant.meshed.fields
        model = solver.model
        T = model.ambient + solver.fields.rise
        if region == "counter":
            return model.counter_conductivity(T)
        return model.filament_conductivity(T) * solver.fields.thinness

    def close(self) -> None:
        """Finish the file."""
        self._file.close()
