"""Potentials and temperature of a metallization cell whose filament has a given shape.

Each field is a Lagrange function on the one conforming mesh; outside its own regions it is pinned,
so the potentials may differ across an interface and still have nodal traces there. Ions do not
load the metal (their current is 1e-9 of that of the electrons), so the order is: metal and
compliance, heat, both repeated until the temperature stays, then the electrolyte.
"""

from collections.abc import Mapping

from petsc4py import PETSc

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.common import Timer
from dolfinx.fem.petsc import LinearProblem, NonlinearProblem, assemble_matrix

import numpy as np
import numpy.typing as npt
from scipy.optimize import brentq

from mitmodels.cell.model import CellModel
from mitmodels.meshes.device import edge_dofs, vertex_dofs
from mitmodels.meshes.ecm_stack import EcmMesh
from mitmodels.solvers.cell.compiled_forms import CompiledForms
from mitmodels.solvers.cell.decay import slowest_decay
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.forms import METALS, CellConstants, CellFields, CellForms
from mitmodels.solvers.cell.outline import Array, ring_areas
from mitmodels.solvers.cell.state import CellState, NotConvergedError

_LU = {"ksp_type": "preonly", "pc_type": "lu", "pc_factor_mat_solver_type": "mumps"}
_NEWTON = _LU | {
    "snes_type": "newtonls",
    "snes_linesearch_type": "bt",
    "snes_atol": 1e-11,  # the residual is in units of the ionic current
    "snes_rtol": 0.0,
    "snes_stol": 0.0,
    "snes_max_it": 40,
}
_ROUNDING = 1e-9  # residual that a stalled Newton's method may leave, in units of that current
_NO_VOLTAGE = 1e-9  # [V] a ramp through zero leaves rounding errors
_PICARD_TOLERANCE = 1e-3  # [K]
_PICARD_STEPS = 30


class CellSolver:
    """Fields of a cell on one mesh, which may move between calls of `solve`.

    Attributes
    ----------
    fields : CellFields
        DOLFINx functions.
    electrolyte : Function
        Potential of the electrolyte [V].
    compiled : CompiledForms
        To be handed to the solver on the next mesh of the same cell.

    Parameters
    ----------
    mesh : EcmMesh
    model : CellModel
    thickness : float
        Height of the undissolved active electrode [m].
    degree : int
        Of the Lagrange elements.
    compiled : CompiledForms, optional
        Of a solver for the same model, thickness and degree.
    """

    def __init__(
        self,
        mesh: EcmMesh,
        model: CellModel,
        thickness: float,
        degree: int = 1,
        compiled: CompiledForms | None = None,
    ) -> None:
        self.mesh, self.model, self.thickness = mesh, model, thickness
        self.device, self.comm = mesh.device, mesh.device.mesh.comm
        domain = self.device.mesh
        self.fields, self._constants = CellFields.on(domain, degree), CellConstants.on(domain)
        self.space = self.fields.psi.function_space
        self.electrolyte = fem.Function(self.space, name="electrolyte_potential")
        self._vertex_dofs = vertex_dofs(self.space)
        self._thinness_dofs = vertex_dofs(self.fields.thinness.function_space)
        self._curves = self._curve_dofs()
        self._oxide_dofs = self.device.dofs(self.space, "oxide")
        functions, constants = self.fields.ordered(), self._constants.ordered()
        if compiled is None:
            forms = CellForms(self.device, model, thickness, self.fields, self._constants)
            compiled = CompiledForms.compile(forms.all(), functions, constants)
        self.compiled = compiled
        self._forms = compiled.bind(self.device, self.space, functions, constants)
        self._start()
        self._build()

    @property
    def memory(self) -> tuple[fem.Function, ...]:
        """Where the iterations of the next solution start."""
        return self.fields.rise, self.fields.deviation

    def _curve_dofs(self) -> dict[str, tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]]:
        """Quadratic degrees of freedom at the nodes and on the edges of both curves."""
        space, found = self.fields.gap.function_space, {}
        at_nodes = vertex_dofs(space)
        for name, nodes in (("outline", self.mesh.outline), ("electrode", self.mesh.electrode)):
            facets = self.device.entities(name)[1]
            corners = np.where(nodes >= 0, at_nodes[nodes], -1)
            found[name] = corners, edge_dofs(space, facets, nodes)
        return found

    def _start(self) -> None:
        fields = self.fields
        fields.gap.x.array[:] = self.thickness
        fields.at_faces.x.array[self.device.dofs(self.space, "bottom", "top")] = 1.0
        fields.at_faces.x.scatter_forward()

    def _build(self) -> None:
        forms, fields = self._forms, self.fields
        bottom, faces = (
            self.device.dofs(self.space, *names) for names in (("bottom",), ("bottom", "top"))
        )
        grounded = fem.dirichletbc(0.0, bottom, self.space)
        self._cooled = fem.dirichletbc(0.0, faces, self.space)
        self._metal = LinearProblem(
            forms["metal_a"],
            forms["metal_L"],
            u=fields.psi,
            bcs=[self._pinned(*METALS), grounded],
            petsc_options=_LU,
            petsc_options_prefix="metal_",
        )
        self._heat = LinearProblem(
            forms["heat_a"],
            forms["heat_L"],
            u=fields.rise,
            bcs=[self._cooled],
            petsc_options=_LU,
            petsc_options_prefix="heat_",
        )
        self._ions = NonlinearProblem(
            forms["ions_F"],
            fields.deviation,
            J=forms["ions_J"],
            bcs=[self._pinned("oxide")],
            petsc_options=_NEWTON,
            petsc_options_prefix="ions_",
        )
        self._ions.solver.setConvergenceHistory(50, reset=True)

    def _pinned(self, *regions: str) -> fem.DirichletBC:
        """Condition on all degrees of freedom outside the closure of the regions."""
        # One on the rim of a partition may belong to a cell of another rank only.
        inside = fem.Function(self.space)
        inside.x.array[self.device.dofs(self.space, *regions)] = 1.0
        inside.x.scatter_reverse(dolfinx.la.InsertMode.add)
        inside.x.scatter_forward()
        outside = np.flatnonzero(inside.x.array == 0.0).astype(np.int32)
        return fem.dirichletbc(0.0, outside, self.space)

    def integral(self, name: str) -> float:
        """Value of the scalar form ``name`` of `CellForms`."""
        return float(self.comm.allreduce(fem.assemble_scalar(self._forms[name])))

    def trace(self, field: fem.Function, nodes: npt.NDArray[np.int32]) -> Array:
        """Values of a field at nodes of the mesh, the same on every rank.

        ``nodes`` are indices like those in `EcmMesh`, -1 where a rank has no such node.
        """
        dofs = self._vertex_dofs[nodes]
        owned = (nodes >= 0) & (dofs < self.space.dofmap.index_map.size_local)
        values: Array = self.comm.allreduce(np.where(owned, field.x.array[dofs], 0.0))
        return values

    def solve(self, shape: Shape, source: float) -> CellState:
        """Solve for all fields at a voltage of the source [V].

        Raises
        ------
        NotConvergedError
            If Newton's method or the iteration between current and heat fails.
        """
        self._set_shape(shape)
        drop, conductance = self._solve_electrons(source)
        with Timer("cell: electrolyte"):
            self._solve_electrolyte(shape, source)
        V, compliance = source - drop, self.model.compliance
        return CellState(
            V_source=source,
            V_cell=V,
            I=conductance * V,
            I_ion=self.integral("plating"),
            I_dissolution=self.integral("dissolution"),
            conductance=conductance,
            hopping=self._hopping(V),
            T_max=self.model.ambient + self._largest(self.fields.rise.x.array),
            joule=V**2 * self.integral("joule"),
            tunnel=V**2 * self.integral("tunnel_heat"),
            compliance=drop * compliance.current(drop),
            heat_out=self.integral("heat_out"),
            speed=self._speed(shape),
        )

    def thermal_time(self, capacities: Mapping[str, float]) -> float:
        """Time in which the slowest perturbation of the temperature falls to 1/e [s]. Collective.

        At the shape and the conductivities of the last solution.

        Parameters
        ----------
        capacities : mapping
            Heat capacity [J/(m3 K)] of each region.
        """
        u, v = ufl.TrialFunction(self.space), ufl.TestFunction(self.space)
        stored = sum(c * u * v * self.device.dx(region) for region, c in capacities.items())
        # Without a capacity where the temperature is held, that row has no finite rate.
        capacity = assemble_matrix(fem.form(stored), bcs=[self._cooled], diag=0.0)
        capacity.assemble()
        time = slowest_decay(self._heat.A, capacity)
        capacity.destroy()
        return time

    def _set_shape(self, shape: Shape) -> None:
        """Set gap, area and size effect from the shape of filament and electrode."""
        radii = self.mesh.electrode_points[:, 0]
        surface = np.column_stack((radii, shape.electrode.height(radii)))
        behind = shape.outline.distance(surface)
        self._set_on("outline", self.fields.gap, shape.gaps, shape.middle_gaps)
        self._set_on("electrode", self.fields.gap, behind, (behind[1:] + behind[:-1]) / 2)
        self._set_on("outline", self.fields.stretch, *shape.outline.stretch)
        diameter = 2 * shape.outline.profile(self.device.mesh.geometry.x[:, 1])
        self.fields.thinness.x.array[self._thinness_dofs] = self.model.wire.ratio(diameter)

    def _set_on(self, curve: str, field: fem.Function, nodes: Array, middles: Array) -> None:
        """Set a quadratic field at the nodes of a curve and halfway between them."""
        for dofs, values in zip(self._curves[curve], (nodes, middles), strict=True):
            field.x.array[dofs[dofs >= 0]] = values[dofs >= 0]

    def _solve_electrons(self, source: float) -> tuple[float, float]:
        """Solve for metal potential and temperature; return compliance's drop and conductance."""
        rise, lagged = self.fields.rise.x.array, self.fields.lagged.x.array
        for _ in range(_PICARD_STEPS):
            lagged[:] = rise
            with Timer("cell: metal"):
                self._metal.solve()
            conductance = self.integral("conductance")
            drop = self.model.compliance.drop(conductance, source)
            with Timer("cell: heat"):
                self._solve_heat(source - drop)
            if self._largest(np.abs(rise - lagged)) < _PICARD_TOLERANCE:
                return drop, conductance
        raise NotConvergedError(
            f"current and heat did not converge in {_PICARD_STEPS} iterations at {source:g} V"
        )

    def _solve_heat(self, voltage: float) -> None:
        self._constants.voltage.value = voltage
        tunnel = voltage**2 * self.integral("tunnel_heat") if self.model.tunnel_heating else 0.0
        rest = tunnel - self.integral("filament_heat")
        self._constants.active_heat.value = rest / self.integral("active_weight")
        self._heat.solve()

    def _solve_electrolyte(self, shape: Shape, source: float) -> None:
        current, level = self._lumped(shape)
        self._constants.ion_scale.value, self._constants.level.value = 1 / current, level
        deviation = self.fields.deviation.x.array
        self._ions.solve()
        reason = self._ions.solver.getConvergedReason()
        self.electrolyte.x.array[:] = level + deviation
        if reason <= 0 and self._ions.solver.getFunctionNorm() > _ROUNDING:
            deviation[:] = 0.0
            raise NotConvergedError(self._failure(source, reason))

    def _failure(self, source: float, reason: int) -> str:
        """Say why Newton's method failed and where the residual is largest. Collective."""
        names = {v: k for k, v in vars(PETSc.SNES.ConvergedReason).items() if isinstance(v, int)}
        history = ", ".join(f"{r:.1e}" for r in self._ions.solver.getConvergenceHistory()[0])
        residual = np.abs(self._ions.b.array)
        worst, place = -1.0, ""
        if residual.size:  # a rank of a small mesh may have got no nodes
            node = int(residual.argmax())
            r, z = self.space.tabulate_dof_coordinates()[node, :2] * 1e9
            worst, place = float(residual[node]), f"r = {r:.2f} nm, z = {z:.2f} nm"
        worst, place = max(self.comm.allgather((worst, place)))
        return (
            f"Newton's method for the electrolyte failed at {source:g} V "
            f"({names.get(reason, reason)}): residuals {history} of the ionic current, largest "
            f"{worst:.1e} at {place}"
        )

    def _lumped(self, shape: Shape) -> tuple[float, float]:
        """Ionic current and potential [A, V] of an electrolyte without resistance."""
        V, kinetics = float(self._constants.voltage.value), self.model.kinetics
        ambient = self.model.ambient
        outline, radii = shape.outline, self.mesh.electrode_points[:, 0]
        T_front = ambient + self.trace(self.fields.rise, self.mesh.outline)
        T_back = ambient + self.trace(self.fields.rise, self.mesh.electrode)
        phi = V * self.trace(self.fields.psi, self.mesh.outline)
        barrier = self.model.barrier(outline.r, outline.z - self.thickness)
        rings = ring_areas(np.column_stack((radii, shape.electrode.height(radii))))

        def plated(potential: float) -> float:
            return float(outline.ring_areas @ -kinetics(phi - potential, T_front, barrier))

        def excess(potential: float) -> float:
            return plated(potential) - float(rings @ kinetics(V - potential, T_back))

        if abs(V) < _NO_VOLTAGE:
            return float(outline.ring_areas @ kinetics.exchange(T_front)), 0.0
        potential = float(brentq(excess, min(V, 0.0), max(V, 0.0)))
        return abs(plated(potential)), potential

    def _speed(self, shape: Shape) -> Array:
        """Return the normal speed of the outline at its nodes [m/s]."""
        phi, rise, psi = (
            self.trace(field, self.mesh.outline)
            for field in (self.electrolyte, self.fields.rise, self.fields.psi)
        )
        barrier = self.model.barrier(shape.outline.r, shape.outline.z - self.thickness)
        V = float(self._constants.voltage.value)
        current: Array = self.model.kinetics(V * psi - phi, self.model.ambient + rise, barrier)
        return np.asarray(self.model.deposit.speed(current))

    def _hopping(self, voltage: float) -> float:
        """Largest difference of potential within the electrolyte over the voltage of the cell."""
        if abs(voltage) < _NO_VOLTAGE:
            return 0.0
        u = self.fields.deviation.x.array[self._oxide_dofs]
        return (self._largest(u) + self._largest(-u)) / abs(voltage)

    def _largest(self, values: Array) -> float:
        return float(max(self.comm.allgather(float(values.max(initial=-np.inf)))))

    def close(self) -> None:
        """Destroy the PETSc objects."""
        for problem in (self._metal, self._heat, self._ions):
            problem.solver.destroy()
            problem.A.destroy()
            problem.b.destroy()
            problem.x.destroy()
