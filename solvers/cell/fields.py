"""Potentials and temperature of a metallization cell whose filament has a given shape.

Each field is a Lagrange function on the one conforming mesh; outside its own regions it is pinned,
so the potentials may differ across an interface and still have values at its nodes. Ions do not
load the metal (their current is 1e-9 of that of the electrons), so the order is: metal and
compliance, heat, both repeated until the temperature stays, then the electrolyte.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.common import Timer
from dolfinx.fem.petsc import LinearProblem, assemble_matrix

import numpy as np
import numpy.typing as npt

from mitmodels.cell.model import CellModel
from mitmodels.meshes.device import edge_dofs, vertex_dofs
from mitmodels.meshes.ecm_stack import EcmMesh
from mitmodels.solvers.cell.electrode import Shape
from mitmodels.solvers.cell.electrolyte import Electrolyte, largest
from mitmodels.solvers.cell.forms import METALS, CellFields, CellForms, CompiledForms
from mitmodels.solvers.cell.outline import Array
from mitmodels.solvers.petsc import SolverError, lu_options, slowest_decay

_FACES = ("bottom", "top")
_FAINT = 1e-25  # conductance of a gap [S] to which all metal is at one potential, to rounding
_PICARD_TOLERANCE = 1e-3  # [K]
_PICARD_VOLTAGE = 1e-9  # [V] of a tunnel law that is not linear
_PICARD_STEPS = 30


@dataclass(frozen=True, eq=False)
class CellState:
    """Read-out of the fields of a cell; SI units.

    Attributes
    ----------
    V_source, V_cell : float
        Voltage of the source and what load and compliance leave of it.
    I, I_ion : float
        Electronic current, the leakage with it, and ionic current that plates the filament.
    I_dissolution : float
        Ionic current out of the active electrode.
    conductance : float
        I / V_cell.
    hopping : float
        Largest fraction of the cell's voltage that drops in the electrolyte.
    T_max : float
        Largest temperature.
    joule, tunnel, leakage, circuit : float
        Powers; their sum is V_source I, that of a circuit includes what it stores.
    heat_out : float
        Heat through the outer faces of both electrodes.
    speed : ndarray, shape (n,)
        Normal speed of the outline at its nodes.
    mobility : ndarray, shape (n,)
        Decrease of that speed by the curvature [m2/s].
    """

    V_source: float
    V_cell: float
    I: float  # noqa: E741
    I_ion: float
    I_dissolution: float
    conductance: float
    hopping: float
    T_max: float
    joule: float
    tunnel: float
    leakage: float
    circuit: float
    heat_out: float
    speed: Array
    mobility: Array


class CellSolver:
    """Fields of a cell on one mesh, which may move between calls of `solve`.

    Attributes
    ----------
    fields : CellFields
        DOLFINx functions.
    electrolyte : Electrolyte
        Its potential, and the ions in it.
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
        self.mesh, self.model = mesh, model
        self.device, self.comm = mesh.device, mesh.device.mesh.comm
        self.fields = CellFields.on(self.device.mesh, degree)
        self.space = self.fields.psi.function_space
        self._thinness_dofs = vertex_dofs(self.fields.thinness.function_space)
        self._curves = self._curve_dofs()
        forms = CellForms(self.device, model, thickness, self.fields)
        self.compiled = compiled or CompiledForms.compile(forms)
        self._forms = self.compiled.bind(self.device, self.fields)
        bottom, faces = (mesh.device.dofs(self.space, *on) for on in (("bottom",), _FACES))
        self.fields.gap.x.array[:] = thickness
        self.fields.at_faces.x.array[faces] = 1.0
        self.fields.at_faces.x.scatter_forward()
        grounded, self._cooled = (fem.dirichletbc(0.0, on, self.space) for on in (bottom, faces))
        self._metal = self._linear("metal", self.fields.psi, self._pinned(*METALS), grounded)
        self._heat = self._linear("heat", self.fields.rise, self._cooled)
        self._beyond_linear = model.tunnel.law != "linear"
        self.electrolyte = Electrolyte(mesh, forms, self._forms, self._pinned("oxide"))

    @property
    def memory(self) -> tuple[fem.Function, ...]:
        """Where the iterations of the next solution start."""
        begin = self.fields.rise, self.fields.deviation
        return (*begin, self.fields.drop) if self._beyond_linear else begin

    def _curve_dofs(self) -> dict[str, npt.NDArray[np.int32]]:
        """Quadratic degrees of freedom at the nodes, then on the edges of both curves."""
        space, found = self.fields.gap.function_space, {}
        at_nodes = vertex_dofs(space)
        for name, nodes in (("outline", self.mesh.outline), ("electrode", self.mesh.electrode)):
            facets = self.device.entities(name)[1]
            corners = np.where(nodes >= 0, at_nodes[nodes], -1)
            found[name] = np.concatenate((corners, edge_dofs(space, facets, nodes)))
        return found

    def _linear(self, name: str, u: fem.Function, *bcs: fem.DirichletBC) -> LinearProblem:
        a, L = self._forms[f"{name}_a"], self._forms[f"{name}_L"]
        prefix = f"{name}_"
        unknowns = self.space.dofmap.index_map.size_global
        options = lu_options(prefix, self.comm, unknowns, definite=True)
        return LinearProblem(a, L, u=u, bcs=bcs, petsc_options=options, petsc_options_prefix=prefix)

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

    def solve(
        self, shape: Shape, source: float, drop_at: Callable[[float], float] | None = None
    ) -> CellState:
        """Solve for all fields at a voltage of the source [V].

        ``drop_at`` is the voltage that the circuit takes of it [V] at a conductance of the cell
        [S], if that is not the steady one.

        Raises
        ------
        SolverError
            If Newton's method or the iteration between current and heat fails.
        """
        self._set_shape(shape)
        drop, conductance = self._solve_electrons(source, drop_at)
        with Timer("cell: electrolyte"):
            self.electrolyte.solve(shape)
        V = source - drop
        speed, mobility = self.electrolyte.speed(shape)
        return CellState(
            V_source=source,
            V_cell=V,
            I=conductance * V,
            I_ion=self.integral("plating"),
            I_dissolution=self.integral("dissolution"),
            conductance=conductance,
            hopping=self.electrolyte.hopping(),
            T_max=self.model.ambient + largest(self.comm, self.fields.rise.x.array),
            joule=V**2 * self.integral("joule"),
            tunnel=V**2 * self.integral("tunnel_heat"),
            leakage=V**2 * self.model.leakage,
            circuit=drop * conductance * V,
            heat_out=self.integral("heat_out"),
            speed=speed,
            mobility=mobility,
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
        radii = self.mesh.electrode_points[:, 0]
        surface = np.column_stack((radii, shape.electrode.height(radii)))
        behind = shape.outline.distance(surface)
        self._set_on("outline", self.fields.gap, shape.gaps, shape.middle_gaps)
        self._set_on("electrode", self.fields.gap, behind, (behind[1:] + behind[:-1]) / 2)
        self._set_on("outline", self.fields.stretch, *shape.outline.stretch)
        if self.model.surface_energy:
            curved = self.model.capillary(shape.curvature)
            self._set_on("outline", self.fields.capillary, curved, (curved[1:] + curved[:-1]) / 2)
        diameter = 2 * shape.outline.profile(self.device.mesh.geometry.x[:, 1])
        self.fields.thinness.x.array[self._thinness_dofs] = self.model.wire.ratio(diameter)

    def _set_on(self, curve: str, field: fem.Function, *values: Array) -> None:
        """Set a quadratic field at the nodes of a curve and halfway between them."""
        dofs = self._curves[curve]
        field.x.array[dofs[dofs >= 0]] = np.concatenate(values)[dofs >= 0]

    def _solve_electrons(
        self, source: float, drop_at: Callable[[float], float] | None
    ) -> tuple[float, float]:
        """Solve for metal potential and heat; return the circuit's drop and the conductance."""
        rise, lagged = self.fields.rise.x.array, self.fields.lagged.x.array
        psi, across = self.fields.psi.x.array, self.fields.drop.x.array
        psi[:] = 0.0
        faint = self.integral("conductance") < _FAINT
        for _ in range(_PICARD_STEPS):
            lagged[:] = rise
            with Timer("cell: metal"):
                if not faint:
                    self._metal.solve()
            conductance = self.integral("conductance") + self.model.leakage
            if not np.isfinite(conductance):
                raise SolverError(f"the potential of the metal is no number at {source:g} V")
            circuit = self.model.circuit
            drop = drop_at(conductance) if drop_at else circuit.drop(conductance, source)
            with Timer("cell: heat"):
                self._solve_heat(source - drop)
            settled = True
            if self._beyond_linear:
                before = across.copy()
                across[:] = (source - drop) * (1 - psi)
                settled = largest(self.comm, np.abs(across - before)) < _PICARD_VOLTAGE
            if settled and largest(self.comm, np.abs(rise - lagged)) < _PICARD_TOLERANCE:
                return drop, conductance
        raise SolverError(
            f"current and heat did not converge in {_PICARD_STEPS} iterations at {source:g} V"
        )

    def _solve_heat(self, voltage: float) -> None:
        self.fields.voltage.value = voltage
        tunnel = voltage**2 * self.integral("tunnel_heat") if self.model.tunnel_heating else 0.0
        rest, weight = tunnel - self.integral("filament_heat"), self.integral("active_weight")
        # Behind some 40 nm the tunnel current is below the least number: no heat either.
        self.fields.active_heat.value = rest / weight if weight > 0 else 0.0
        if self.model.leakage:
            heat = voltage**2 * self.model.leakage
            self.fields.oxide_heat.value = heat / self.integral("oxide_volume")
        self._heat.solve()
