"""Potential of the electrolyte of a metallization cell, and the speed at which its ions plate."""

from collections.abc import Mapping

from mpi4py import MPI
from petsc4py import PETSc

from dolfinx import fem
from dolfinx.fem.petsc import NonlinearProblem

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from mitmodels.meshes.device import vertex_dofs
from mitmodels.meshes.ecm_stack import EcmMesh
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.forms import CellForms
from mitmodels.solvers.cell.outline import Array, ring_areas
from mitmodels.solvers.petsc import SolverError, lu_options, name_of

_NEWTON = {
    "snes_type": "newtonls",
    "snes_linesearch_type": "bt",
    "snes_atol": 1e-11,  # the residual is in units of the ionic current
    "snes_rtol": 0.0,
    "snes_stol": 0.0,
    "snes_max_it": 40,
}
_ROUNDING = 1e-9  # residual that a stalled Newton's method may leave, in units of that current
_LEAST = 1e-5  # that typical current over the exchange current, for this has rounding errors too
_NO_VOLTAGE = 1e-9  # [V] a ramp through zero leaves rounding errors


class Electrolyte:
    """Potential of the electrolyte between metals whose potential and temperature are known.

    Attributes
    ----------
    potential : Function
        Of the electrolyte [V].

    Parameters
    ----------
    mesh : EcmMesh
    forms : CellForms
        With the fields of the cell; ``voltage`` is that of the cell.
    compiled : mapping
        The same, compiled.
    outside : DirichletBC
        That pins the potential outside the oxide.
    """

    def __init__(
        self,
        mesh: EcmMesh,
        forms: CellForms,
        compiled: Mapping[str, fem.Form],
        outside: fem.DirichletBC,
    ) -> None:
        self.mesh, self.model, self.thickness = mesh, forms.model, forms.thickness
        self.fields, self.comm = forms.fields, mesh.device.mesh.comm
        self.space = self.fields.psi.function_space
        self.potential = fem.Function(self.space, name="electrolyte_potential")
        self._vertex_dofs = vertex_dofs(self.space)
        self._oxide_dofs = mesh.device.dofs(self.space, "oxide")
        self._problem = NonlinearProblem(
            compiled["ions_F"],
            self.fields.deviation,
            J=compiled["ions_J"],
            bcs=[outside],
            petsc_options=_NEWTON
            | lu_options(
                "ions_", self.comm, self.space.dofmap.index_map.size_global, definite=True
            ),
            petsc_options_prefix="ions_",
        )
        self.solver.setConvergenceHistory(50, reset=True)

    @property
    def solver(self) -> PETSc.SNES:
        """Newton's method."""
        return self._problem.solver

    def trace(self, field: fem.Function, nodes: npt.NDArray[np.int32]) -> Array:
        """Values of a field at nodes of the mesh, the same on every rank.

        ``nodes`` are indices like those in `EcmMesh`, -1 where a rank has no such node.
        """
        dofs = self._vertex_dofs[nodes]
        owned = (nodes >= 0) & (dofs < self.space.dofmap.index_map.size_local)
        values: Array = self.comm.allreduce(np.where(owned, field.x.array[dofs], 0.0))
        return values

    def solve(self, shape: Shape) -> None:
        """Solve for the potential.

        Raises
        ------
        SolverError
            If Newton's method fails.
        """
        current, level = self._lumped(shape)
        self.fields.ion_scale.value, self.fields.level.value = 1 / current, level
        deviation = self.fields.deviation.x.array
        self._problem.solve()
        reason = self.solver.getConvergedReason()
        self.potential.x.array[:] = level + deviation
        if reason <= 0 and not self.solver.getFunctionNorm() <= _ROUNDING:  # it may be no number
            deviation[:] = 0.0
            raise SolverError(self._failure(reason))

    def speed(self, shape: Shape) -> tuple[Array, Array]:
        """Return the normal speed of the outline's nodes [m/s], and by how much curvature slows it.

        The second is the negative derivative of the first by the curvature [m2/s].
        """
        phi, rise, psi = (
            self.trace(field, self.mesh.outline)
            for field in (self.potential, self.fields.rise, self.fields.psi)
        )
        barrier = self.model.barrier(shape.outline.r, shape.outline.z - self.thickness)
        model, T = self.model, self.model.ambient + rise
        overpotential = self._V * psi - phi + model.capillary(shape.curvature)
        speed = model.deposit.speed(model.kinetics(overpotential, T, barrier))
        slowing = -model.deposit.speed(model.kinetics.slope(overpotential, T, barrier))
        return np.asarray(speed), np.asarray(model.capillary(slowing))

    def hopping(self) -> float:
        """Largest difference of potential within the electrolyte over the voltage of the cell."""
        if abs(self._V) < _NO_VOLTAGE:
            return 0.0
        u = self.fields.deviation.x.array[self._oxide_dofs]
        return (largest(self.comm, u) + largest(self.comm, -u)) / abs(self._V)

    @property
    def _V(self) -> float:
        return float(self.fields.voltage.value)

    def _lumped(self, shape: Shape) -> tuple[float, float]:
        """Ionic current and potential [A, V] of an electrolyte without resistance."""
        V, kinetics, ambient = self._V, self.model.kinetics, self.model.ambient
        outline, radii = shape.outline, self.mesh.electrode_points[:, 0]
        T_outline = ambient + self.trace(self.fields.rise, self.mesh.outline)
        T_electrode = ambient + self.trace(self.fields.rise, self.mesh.electrode)
        curved = self.model.capillary(shape.curvature)
        phi = V * self.trace(self.fields.psi, self.mesh.outline) + curved
        barrier = self.model.barrier(outline.r, outline.z - self.thickness)
        rings = ring_areas(np.column_stack((radii, shape.electrode.height(radii))))

        def plated(potential: float) -> float:
            return float(outline.ring_areas @ -kinetics(phi - potential, T_outline, barrier))

        def excess(potential: float) -> float:
            both = plated(potential), float(rings @ kinetics(V - potential, T_electrode))
            # Nearly straight, where the difference of two exponentials is not.
            grown, lost = np.arcsinh(np.array(both) / exchange)
            return float(grown - lost)

        exchange = float(outline.ring_areas @ kinetics.exchange(T_outline))
        if abs(V) < _NO_VOLTAGE and not curved.any():
            return exchange, 0.0
        low, high = min(V, 0.0) + curved.min(), max(V, 0.0) + curved.max()
        potential = float(brentq(excess, min(V, low), max(V, high)))
        return max(abs(plated(potential)), _LEAST * exchange), potential

    def _failure(self, reason: int) -> str:
        """Say why Newton's method failed and where the residual is largest. Collective."""
        history = ", ".join(f"{r:.1e}" for r in self.solver.getConvergenceHistory()[0])
        residual = np.abs(self._problem.b.array)
        worst, position = -1.0, ""
        if residual.size:  # a rank of a small mesh may have got no nodes
            node = int(residual.argmax())
            r, z = self.space.tabulate_dof_coordinates()[node, :2] * 1e9
            worst, position = float(residual[node]), f"r = {r:.2f} nm, z = {z:.2f} nm"
        worst, position = max(self.comm.allgather((worst, position)))
        return (
            f"Newton's method for the electrolyte failed with {self._V:g} V at the cell "
            f"({name_of(PETSc.SNES.ConvergedReason, reason)}): residuals {history} of the ionic "
            f"current, largest {worst:.1e} at {position}"
        )


def largest(comm: MPI.Comm, values: Array) -> float:
    """Return the largest of the values of all ranks. Collective."""
    return float(max(comm.allgather(float(values.max(initial=-np.inf)))))
