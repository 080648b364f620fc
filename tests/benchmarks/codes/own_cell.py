"""This package: the weak forms of its cell on a strip of filament, oxide and electrode."""

from dataclasses import replace
from importlib.metadata import version

from mpi4py import MPI

from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem

import numpy as np
from ecm_cells import CU_SIO2_PT, layered
from references.planar_cell import ALPHA, J0, V

from mitmodels.solvers.cell.forms import CellFields, CellForms

NAME, VERSION = "mitmodels", version("mitmodels")
OPTIONS = {
    "snes_atol": 1e-12,
    "snes_rtol": 0.0,
    "snes_max_it": 300,
    "ksp_type": "preonly",
    "pc_type": "lu",
}


def ionic_current(gap: float) -> float:
    """Return the current density [A/m2] at a gap [m]."""
    kinetics = replace(CU_SIO2_PT.kinetics, exchange_current_density=J0, transfer_coefficient=ALPHA)
    barrier = replace(CU_SIO2_PT.barrier, mechanical=0.0)
    model = replace(CU_SIO2_PT, kinetics=kinetics, barrier=barrier)
    layers = ["filament", "oxide", "active"]
    device = layered(MPI.COMM_SELF, ((0.0, 0.0), (gap, 3 * gap)), (2, 12), layers)
    fields = CellFields.on(device.mesh, 2)
    fields.thinness.x.array[:] = 1.0
    forms = CellForms(device, model, 1.0, fields)  # far below the void's barrier
    fields.voltage.value, fields.level.value = V, 0.7 * V
    area = np.pi * gap**2
    fields.ion_scale.value = 1 / (J0 * 100 * area)
    space, inside = fields.psi.function_space, fem.Function(fields.psi.function_space)
    inside.x.array[device.dofs(space, "oxide")] = 1.0
    outside = np.flatnonzero(inside.x.array == 0).astype(np.int32)
    ions = forms.ions()
    problem = NonlinearProblem(
        ions["ions_F"],
        fields.deviation,
        J=ions["ions_J"],
        bcs=[fem.dirichletbc(0.0, outside, space)],
        petsc_options=OPTIONS,
        petsc_options_prefix="planar_cell_",
    )
    problem.solve()
    assert problem.solver.getConvergedReason() > 0
    return float(fem.assemble_scalar(fem.form(ions["plating"]))) / area
