"""This package: the weak forms of its cell on filament, oxide and electrode."""

from dataclasses import replace
from importlib.metadata import version

from mpi4py import MPI

from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem

import numpy as np
from ecm_cells import CU_SIO2_PT, layered
from references.hemisphere import ELECTRODE
from references.planar_cell import ALPHA, J0, V

from codes.growing import Shell
from mitmodels.meshes.device import Device, vertex_dofs
from mitmodels.solvers.cell.forms import CellFields, CellForms

NAME, VERSION = "mitmodels", version("mitmodels")
OPTIONS = {
    "snes_atol": 1e-12,
    "snes_rtol": 0.0,
    "snes_max_it": 300,
    "ksp_type": "preonly",
    "pc_type": "lu",
}
LAYERS = ["filament", "oxide", "active"]


class Ions:
    """Ions in the oxide of a device, whose filament is at 0; the last state is a guess."""

    def __init__(self, device: Device, area: float) -> None:
        kinetics = replace(
            CU_SIO2_PT.kinetics, exchange_current_density=J0, transfer_coefficient=ALPHA
        )
        barrier = replace(CU_SIO2_PT.barrier, mechanical=0.0)
        self.model = replace(CU_SIO2_PT, kinetics=kinetics, barrier=barrier)
        self.fields = fields = CellFields.on(device.mesh, 2)
        fields.level.value, fields.ion_scale.value = 0.7 * V, 1 / (J0 * 100 * area)
        ions = CellForms(device, self.model, 1.0, fields).ions()  # far below the void's barrier
        space, inside = fields.psi.function_space, fem.Function(fields.psi.function_space)
        inside.x.array[device.dofs(space, "oxide")] = 1.0
        outside = np.flatnonzero(inside.x.array == 0).astype(np.int32)
        self.problem = NonlinearProblem(
            ions["ions_F"],
            fields.deviation,
            J=ions["ions_J"],
            bcs=[fem.dirichletbc(0.0, outside, space)],
            petsc_options=OPTIONS,
            petsc_options_prefix="ions_",
        )
        self.plating = fem.form(ions["plating"])

    def current(self, voltage: float) -> float:
        """Return the current of the ions [A]."""
        self.fields.voltage.value = voltage
        self.problem.solve()
        assert self.problem.solver.getConvergedReason() > 0
        return float(fem.assemble_scalar(self.plating))


def ionic_current(gap: float, voltage: float = V) -> float:
    """Return the current density [A/m2] at a gap [m] and a voltage [V], in a strip."""
    area = np.pi * gap**2
    device = layered(MPI.COMM_SELF, ((0.0, 0.0), (gap, 3 * gap)), (2, 12), LAYERS)
    return Ions(device, area).current(voltage) / area


class Growing:
    """Problem 8: filament and electrode are shells of a mesh, which are moved with the outline."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        cells, ends = (3 * shell.layers, shell.segments), ((-1.0, 0.0), (2.0, 1.0))
        device = layered(MPI.COMM_SELF, ends, cells, LAYERS, axis=0)
        self.points = device.mesh.geometry.x
        self.at = self.points[:, :2].copy()
        self.place(shell.outline())
        self.ions = Ions(device, 2 * np.pi * ELECTRODE**2)
        space = self.ions.fields.deviation.function_space
        order = np.argsort(self.at[:, 1])
        nodes = order[np.isclose(self.at[order, 0], 0.0)]
        self.dofs = vertex_dofs(space)[nodes]

    def place(self, outline: np.ndarray) -> None:
        """Move the mesh, of which an outline is given."""
        self.points[:, :2] = self.shell.between(outline, *self.at.T)

    def density(self, outline: np.ndarray, voltage: float) -> np.ndarray:
        """Return the current density [A/m2] of plating at the nodes of an outline."""
        self.place(outline)
        self.ions.current(voltage)
        fields, model = self.ions.fields, self.ions.model
        phi = float(fields.level.value) + fields.deviation.x.array[self.dofs]
        return np.array([-float(model.kinetics(-p, model.ambient, 0.0)) for p in phi])
