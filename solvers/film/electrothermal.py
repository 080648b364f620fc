r"""Current continuity and heat in a film: residual and derivatives at one state.

Unknowns are the normalised potential psi = phi / V and the temperature T,

.. math::
    \nabla\cdot(\sigma(T)\nabla\psi) = 0, \qquad
    \rho c_p\, \partial_t T - \nabla\cdot(\kappa\nabla T) + q = V^2 \sigma(T) |\nabla\psi|^2 ,

with the heat q into the substrate, and V, the voltage across the film, a plain scalar. A contact is
ideal, psi that of its pad, or passes (psi - psi_pad) V / rho_c. The film is at rest until
`ElectrothermalFilm.store` gives it a time step.
"""

from typing import Any

from petsc4py import PETSc

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.fem.petsc import LinearProblem, create_matrix

import numpy as np

from mitmodels.film import forms
from mitmodels.meshes.device import Device, WeightedMeasure
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.properties import ENDS, Contacts, FilmProperties, form_numbers
from mitmodels.solvers.film.resistivity import ResistivityInForms, summed, varied
from mitmodels.solvers.petsc import destroy_with, lu_options

PSI, TEMPERATURE = 0, 1  # components of the state
_TEMPERATURE_SCALE = 100.0  # [K] typical heating; sets what the residual is measured against


class ElectrothermalFilm:
    """Assembles the coupled problem on film and pads; holds the fields ``state`` = (psi, T).

    Parameters
    ----------
    device : Device
        Film and pads, with the regions and boundaries of `PlanarChannel`.
    film, contacts : FilmProperties, Contacts
    ambient : float
        T0 [K].
    loss : float
        Local loss coefficient of a sheet substrate [W/(m2 K)]; 0 if the substrate answers apart.
    thermal_conductance : float
        Rough heat loss of the device per kelvin [W/K]: the scale of powers.
    degree : int
        Of the Lagrange elements.

    Attributes
    ----------
    step : float
        Length of the implicit step [s], infinite at rest.
    fixed : ndarray, shape (owned nodes, 2)
        1 where a boundary condition fixes the state, 0 elsewhere.
    matrix : PETSc.Mat
        Jacobian at a fixed current, see `linearise`.
    pad_heat : ndarray, shape (owned nodes, 2)
        Residual rows of one watt at the contacts.
    numbers : dict of Constant
        What the forms depend on, see `form_numbers`.
    resistivity_factor, loss_factor : Constant or Function
        Variation along the film.
    residual_form, conductance_form : ufl.Form
    """

    def __init__(
        self,
        device: Device,
        film: FilmProperties,
        contacts: Contacts,
        ambient: float,
        thermal_conductance: float,
        loss: float = 0.0,
        degree: int = 1,
    ) -> None:
        self.device, self.comm = device, device.mesh.comm
        self.properties, self.contacts, self.ambient = film, contacts, ambient
        self.space = fem.functionspace(device.mesh, ("Lagrange", degree, (2,)))
        self.state = fem.Function(self.space, name="state")
        self.owned = self.space.dofmap.index_map.size_local
        self.pads = tuple(n for n in ("pad_left", "pad_right") if n in device.names)
        self._fed_pads = self.pads if contacts.resistivity else ()
        self.step = np.inf
        self.power_scale = thermal_conductance * _TEMPERATURE_SCALE
        self.bcs = contacts.boundary_conditions(device, self.space, ambient)
        fixed = np.zeros(2 * self.owned)
        for dofs, count in (bc.dof_indices() for bc in self.bcs):
            fixed[dofs[:count]] = 1.0
        self.fixed = fixed.reshape(-1, 2)
        self.voltage = fem.Constant(device.mesh, 0.0)
        self._potential_scale = fem.Constant(device.mesh, 1.0)
        values = form_numbers(film, contacts, device.thickness, ambient, loss)
        self.numbers = n = {name: fem.Constant(device.mesh, x) for name, x in values.items()}
        law = ResistivityInForms(film.resistivity, self.state, n, device.quadrature_degree)
        self.resistivity = law
        self._exchange = self.numbers["contact_conductance"]
        self.resistivity_factor = varied(film.resistivity_factor, device.mesh)
        self.loss_factor = varied(film.loss_factor, device.mesh)
        self._before, self._storage = fem.Function(self.space), self._heat_storage()
        self.residual_form, by_voltage = self._residual_forms(bool(loss))
        self._residual, self._by_voltage = fem.form(self.residual_form), fem.form(by_voltage)
        self._jacobian = law.derivative(self.residual_form)
        self.conductance_form = self._joule_heat(1, 1, "film", *self._fed_pads)
        self._conductance = fem.form(self.conductance_form)
        self._under_pads = [fem.form(self._joule_heat(1, 1, pad)) for pad in self._fed_pads]
        self._conductance_gradient = law.derivative(self.conductance_form)
        # Blocks of psi and T: element matrices go in a third faster than row by row.
        self.matrix = create_matrix(self._jacobian.explicit, kind=PETSc.Mat.Type.BAIJ)
        destroy_with(self, self.matrix)
        self.pad_heat = self._pad_heat()
        self.voltage_scale = self._start()

    def conductivity(self, T: Any, degree: int | None = None) -> Any:
        """Conductivity [S/m] in UFL, with its variation along the film.

        ``T`` is the temperature of the state, ``degree`` that of the quadrature at whose points it
        is evaluated if not that of the measures.
        """
        return 1 / (self.resistivity(T, degree) * self.resistivity_factor)

    def _dx(self, *regions: str) -> WeightedMeasure:
        """Volume measure [m3] of regions, with the thickness as a constant of the forms."""
        area = self.device.dA(*regions)
        return WeightedMeasure(self.numbers["thickness"] * area.weight, area.measure)

    def _continuity(self, psi: Any, w: Any, σ: Any, exchange: Any) -> ufl.Form:
        """Conservation of current, that to the pads included."""
        current = forms.current_continuity(psi, w, σ, self._dx("film", *self._fed_pads))
        for pad in self._fed_pads:
            current += forms.contact_current(psi, w, ENDS[pad], exchange, self.device.dA(pad))
        return current

    def _joule_heat(self, v: Any, V: Any, *regions: str) -> ufl.Form:
        """Joule heat of the film in some regions and, where they are pads, of the contact."""
        device, (psi, T) = self.device, ufl.split(self.state)
        heat = forms.joule_heat(psi, v, V, self.conductivity(T), self._dx(*regions))
        for pad in (region for region in regions if region in self.pads):
            heat += forms.contact_heat(psi, v, V, ENDS[pad], self._exchange, device.dA(pad))
        return heat

    def _heat_storage(self) -> list[tuple[fem.Constant, float, ufl.Measure]]:
        """Heat capacity over the time step, which `store` sets; the capacity; and its region."""
        device, film = self.device, self.properties
        regions = [(film.heat_capacity, device.dx("film"))]
        if self.pads:
            regions.append((film.pad_heat_capacity, device.dA(*self.pads)))
        return [(fem.Constant(device.mesh, 0.0), c, measure) for c, measure in regions if c]

    def _residual_forms(self, is_lossy: bool) -> tuple[ufl.Form, ufl.Form]:
        """Residual in units of the reference power, and its derivative by the voltage."""
        device, numbers = self.device, self.numbers
        psi, T = ufl.split(self.state)
        w, v = ufl.TestFunctions(self.space)
        σ, V = self.conductivity(T), self.voltage
        power = forms.heat_conduction(T, v, numbers["thermal_conductivity"], self._dx("film"))
        if self.pads:
            sheet = numbers["pad_sheet_conductance"]
            power += forms.heat_conduction(T, v, sheet, device.dA(*self.pads))
        if is_lossy:
            g, T0 = numbers["loss"] * self.loss_factor, numbers["ambient"]
            power += forms.surface_loss(T, v, T0, g, device.dA("film", *self.pads))
        before = ufl.split(self._before)[TEMPERATURE]
        for rate, _, measure in self._storage:
            power += forms.heat_storage(T, v, before, rate, measure)
        scale = fem.Constant(device.mesh, 1 / self.power_scale)
        continuity = self._potential_scale * self._continuity(
            psi, w, σ, numbers["contact_conductance"]
        )
        heating = self._joule_heat(v, V, "film", *self._fed_pads)
        by_voltage = -2 * scale * V * self._joule_heat(v, 1.0, "film", *self._fed_pads)
        return continuity + scale * (power - heating), by_voltage

    def store(self, before: Array, duration: float) -> None:
        """Make the residual that of an implicit step [s] from temperatures [K] of owned nodes."""
        self.step, values = duration, self._before.x
        values.array[TEMPERATURE : 2 * self.owned : 2] = before
        values.scatter_forward()
        for rate, capacity, _ in self._storage:
            rate.value = capacity / duration

    def _pad_heat(self) -> Array:
        """Residual rows of one watt at the contacts, spread evenly over the pads."""
        rows = np.zeros((self.owned, 2))
        if self.contacts.heat == "pads":
            rows[:, TEMPERATURE] = -self.node_weights(*self.pads) / self.power_scale
        return rows

    def _start(self) -> float:
        """Set T = T0 and psi of the cold film; return the voltage that heats it noticeably."""
        u, w = ufl.TrialFunction(self.space), ufl.TestFunction(self.space)
        exchange = float(self.properties.resistivity(self.ambient)) * self._exchange
        cold = self._continuity(u[PSI], w[PSI], 1.0, exchange)
        cold += (u[TEMPERATURE] - self.numbers["ambient"]) * w[TEMPERATURE] * self.device.dA()
        problem = LinearProblem(
            *ufl.system(cold),
            u=self.state,
            bcs=self.bcs,
            petsc_options_prefix="cold_film_",
            petsc_options=lu_options("cold_film_", self.comm, self.matrix.getSize()[0])
            | {"ksp_error_if_not_converged": True},
        )
        problem.solve()
        self.state.x.array[TEMPERATURE::2] = self.ambient
        self.resistivity.update()
        scale = float(np.sqrt(self.power_scale / self.conductance()))
        self._potential_scale.value = scale**2 / self.power_scale
        return scale

    def _rows(self, vector: dolfinx.la.Vector) -> Array:
        return vector.array[: 2 * self.owned].reshape(-1, 2).copy()

    def _assembled(self, form: fem.Form) -> Array:
        return self._rows(summed(form))

    def _free(self, rows: Array) -> Array:
        """Rows with zeros where a boundary condition stands."""
        return np.where(self.fixed, 0.0, rows)

    @property
    def fields(self) -> Array:
        """Owned rows of the state, shape (owned nodes, 2): a copy."""
        return self._rows(self.state.x)

    def set(self, fields: Array, voltage: float) -> None:
        """Take over owned rows of the state and the film voltage [V]."""
        self.state.x.array[: 2 * self.owned] = fields.reshape(-1)
        self.state.x.scatter_forward()
        self.resistivity.update()
        self.voltage.value = voltage

    @property
    def memory(self) -> Array | None:
        """Temperatures [K] that the phases at the owned nodes followed; None without a memory."""
        resistivity = self.resistivity
        return None if resistivity.followed is None else resistivity.before[: self.owned].copy()

    @memory.setter
    def memory(self, before: Array | None) -> None:
        if before is not None:
            self.resistivity.remember(before)

    @property
    def followed(self) -> Array | None:
        """What the phases at the owned nodes follow now [K]; None without a memory."""
        followed = self.resistivity.followed
        return None if followed is None else self._rows(followed.x)[:, TEMPERATURE]

    def residual(self) -> tuple[Array, float]:
        """Residual rows without the substrate's part, in reference powers; the conductance [S]."""
        rows = self._assembled(self._residual)
        if self._fed_pads:
            conductance = self.conductance()
        else:  # continuity tested with the potential itself gives it without another form
            psi = self.state.x.array[PSI : 2 * self.owned : 2]
            conductance = float(self.comm.allreduce(np.vdot(psi, rows[:, PSI])))
            conductance /= float(self._potential_scale.value)
        heat = self.contacts.resistance * (self.voltage.value * conductance) ** 2
        return self._free(rows) + heat * self.pad_heat, conductance

    def linearise(self) -> None:
        """Assemble the Jacobian at a fixed current into ``matrix``."""
        self._jacobian.assemble(self.matrix, self.bcs)

    def by_voltage(self) -> Array:
        """Derivative of the residual by the voltage [1/V] at a fixed current."""
        return self._free(self._assembled(self._by_voltage))

    def conductance(self) -> float:
        """Conductance [S] of the present state."""
        return float(self.comm.allreduce(fem.assemble_scalar(self._conductance)))

    def contact_resistance(self, conductance: float) -> float:
        """Resistance of both contacts [ohm]: in series, and by the heat made under the pads."""
        under = sum(fem.assemble_scalar(heat) for heat in self._under_pads)
        return self.contacts.resistance + self.comm.allreduce(under) / conductance**2

    def conductance_gradient(self) -> Array:
        """Derivative of the conductance by psi and T [S, S/K], shape (owned nodes, 2)."""
        return self._free(self._rows(self._conductance_gradient.vector()))

    def node_weights(self, *regions: str) -> Array:
        """Fraction of the regions' area that belongs to each owned node; the ranks' sum is 1."""
        areas = self.node_areas(*regions)
        return areas / self.comm.allreduce(areas.sum())

    def node_areas(self, *regions: str) -> Array:
        """Area [m2] of regions that belongs to each owned node."""
        v = ufl.TestFunction(self.space)[TEMPERATURE]
        return self._assembled(fem.form(v * self.device.dA(*regions)))[:, TEMPERATURE]

    def indicator(self, point: str) -> Array:
        """1 at the owned node of a named point, 0 elsewhere."""
        nodes = self.device.dofs(self.space, point)
        pick = np.zeros(self.owned)
        pick[nodes[nodes < self.owned]] = 1.0
        return pick
