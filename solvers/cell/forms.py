r"""Weak forms of a metallization cell, compiled once for all its meshes.

The metal potential is proportional to the voltage of the cell, :math:`\varphi_m = V\psi`,

.. math::
    \int_{metal} \sigma \nabla\psi\cdot\nabla v
    = \int_{outline} G_t(g)\,(1 - \psi)\, v ,

with the tunnel conductance per area G_t of the gap g to the active electrode, an equipotential.
The potential of the electrolyte is :math:`\varphi_e = \varphi_0 + u`, where phi_0 is that of an
electrolyte without resistance: a small ionic current would drown in the rounding errors of the
potential itself. With the plating current J_r and the dissolution current J_o,

.. math::
    \int_{oxide} \sigma_i(|\nabla u|, T) \nabla u\cdot\nabla v
    + \int_{outline} J_r\, v - \int_{electrode} J_o\, v = 0 .

Heat is steady: the slowest perturbation falls to 1/e in some 1e-11 s (`CellSolver.thermal_time`).
The unknown is the rise :math:`\theta = T - T_0` above the ambient temperature, for at small
currents it is far below the rounding error of T. The tunnel heat of the active electrode is
distributed over its surface by the conductance of the gap, that of the leakage evenly in the oxide,

.. math::
    \int \kappa\nabla\theta\cdot\nabla v = \int_{metal} V^2\sigma|\nabla\psi|^2 v
    + \int_{outline} \gamma\, G_t\, V^2 (1 - \psi)^2 v + \int_{electrode} a\, G_t\, v
    + \int_{oxide} q\, v .

All measures carry :math:`2\pi r`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import dolfinx
import ufl
from dolfinx import fem
from dolfinx.fem import IntegralType
from dolfinx.fem.forms import CompiledForm, compile_form, create_form, get_integration_domains
from ufl import grad, inner

import numpy as np
import numpy.typing as npt

from mitmodels.cell.model import CellModel
from mitmodels.meshes.device import Device, WeightedMeasure

METALS = ("counter", "filament")
_OUTLINE_DEGREE = 8  # of the quadrature: tunnel current and barriers are exponential along a facet
_ELECTRODE_DEGREE = 6


@dataclass(frozen=True, eq=False)
class CellFields:
    """Functions of a cell: three unknowns, what the forms need to know, and their constants."""

    psi: fem.Function
    rise: fem.Function  # of the temperature above ambient [K]
    deviation: fem.Function  # u [V]
    lagged: fem.Function  # rise of the temperature at which the conductivities are taken [K]
    at_faces: fem.Function  # 1 on the outer faces of both electrodes, 0 elsewhere
    drop: fem.Function  # voltage at which the tunnel law is taken [V]
    gap: fem.Function  # [m], on outline and electrode; quadratic, for it is that of the curve
    stretch: fem.Function  # area of the outline's curve over that of its chords; quadratic
    capillary: fem.Function  # overpotential by the surface energy [V], on the outline; quadratic
    thinness: fem.Function  # conductivity of the filament over that of the bulk
    voltage: fem.Constant  # V [V]
    level: fem.Constant  # phi_0 [V]
    ion_scale: fem.Constant  # one over a typical ionic current [1/A]
    active_heat: fem.Constant  # a [V2]
    oxide_heat: fem.Constant  # of the leakage [W/m3]
    zero: fem.Constant

    @classmethod
    def on(cls, mesh: dolfinx.mesh.Mesh, degree: int) -> Self:
        """Make the functions and constants on a mesh."""
        space = fem.functionspace(mesh, ("Lagrange", degree))
        own = {"thinness": 1, "gap": 2, "stretch": 2, "capillary": 2}
        spaces = {name: fem.functionspace(mesh, ("Lagrange", order)) for name, order in own.items()}
        made = cls(
            **{
                f.name: fem.Function(spaces.get(f.name, space), name=f.name)
                if f.type == fem.Function
                else fem.Constant(mesh, 0.0)
                for f in fields(cls)
            }
        )
        made.thinness.x.array[:] = made.stretch.x.array[:] = 1.0
        return made


@dataclass(frozen=True, eq=False)
class CellForms:
    """The weak forms of a cell, as UFL.

    Attributes
    ----------
    device : Device
    model : CellModel
    thickness : float
        Height of the undissolved active electrode [m].
    fields : CellFields
    """

    device: Device
    model: CellModel
    thickness: float
    fields: CellFields

    @property
    def _arguments(self) -> tuple[Any, Any]:
        space = self.fields.psi.function_space
        return ufl.TrialFunction(space), ufl.TestFunction(space)

    @property
    def _outline(self) -> WeightedMeasure:
        chords = _with_degree(self.device.dS("outline"), _OUTLINE_DEGREE)
        return replace(chords, weight=chords.weight * self.fields.stretch("+"))

    @property
    def _electrode(self) -> WeightedMeasure:
        return _with_degree(self.device.dS("electrode"), _ELECTRODE_DEGREE)

    def _dx(self, region: str) -> WeightedMeasure:
        # The estimated degree of a law of the field would be far too high.
        element = self.fields.psi.function_space.element.basix_element
        return _with_degree(self.device.dx(region), 2 * element.degree)

    @property
    def _tunnel(self) -> Any:
        return self.model.tunnel.conductance(self.fields.gap("+"), self.fields.drop("+"))

    @property
    def _lagged(self) -> Any:
        return self.model.ambient + self.fields.lagged

    def _sigma(self, region: str) -> Any:
        return self.model.conductivity(region, self._lagged, self.fields.thinness)

    def _kappa(self, region: str) -> Any:
        return self.model.heat_conductivity(region, self._lagged, self.fields.thinness)

    def _diagonal(self, u: Any, v: Any) -> Any:
        """Nothing, but it gives pinned unknowns a place on the matrix's diagonal."""
        return self.fields.zero * u * v * ufl.dx(self.device.mesh)

    def metal(self) -> dict[str, ufl.Form]:
        """Forms of the metal potential: equation, conductance [S], heat per V2 [S]."""
        (u, v), psi = self._arguments, self.fields.psi
        drop = 1 - psi("+")
        a = self._diagonal(u, v) + self._tunnel * u("+") * v("+") * self._outline
        joule = 0
        for region in METALS:
            a += self._sigma(region) * inner(grad(u), grad(v)) * self._dx(region)
            joule += self._sigma(region) * inner(grad(psi), grad(psi)) * self._dx(region)
        return {
            "metal_a": a,
            "metal_L": self._tunnel * v("+") * self._outline,
            "conductance": self._tunnel * drop * self._outline,
            "joule": joule,
            "tunnel_heat": self._tunnel * drop**2 * self._outline,
        }

    def heat(self) -> dict[str, ufl.Form]:
        """Forms of the rise: equation, filament's tunnel heat and heat out [W], volume [m3]."""
        (u, v), psi, V = self._arguments, self.fields.psi, self.fields.voltage
        regions = (*METALS, "oxide", "active")
        flux = sum(
            self._kappa(name) * inner(grad(self.fields.rise), grad(v)) * self._dx(name)
            for name in regions
        )
        into_filament = self._filament_fraction() * self._tunnel * (V * (1 - psi("+"))) ** 2
        load = into_filament * v("+") * self._outline
        load += self.fields.active_heat * self._tunnel * v("+") * self._electrode
        for name in METALS:
            joule = V**2 * self._sigma(name) * inner(grad(psi), grad(psi))
            load += joule * v * self._dx(name)
        load += self.fields.oxide_heat * v * self._dx("oxide")
        return {
            "heat_a": ufl.replace(flux, {self.fields.rise: u}),
            "heat_L": load,
            "filament_heat": into_filament * self._outline,
            "active_weight": self._tunnel * self._electrode,
            "oxide_volume": 1.0 * self._dx("oxide"),
            "heat_out": ufl.replace(load - flux, {v: self.fields.at_faces}),
        }

    def _filament_fraction(self) -> Any:
        if not self.model.tunnel_heating:
            return self.fields.zero
        V = self.fields.voltage
        drop = V * (1 - self.fields.psi("+"))
        emitting = self.model.filament_heat_fraction
        if emitting is None:
            emitting = 1 - self.model.tunnel.receiving_fraction(abs(drop), self.fields.gap("+"))
        # Electrons leave the filament while the electrode is positive.
        return ufl.conditional(ufl.ge(V, 0.0), emitting, 1 - emitting)

    def ions(self) -> dict[str, ufl.Form]:
        """Forms of the electrolyte: scaled residual and Jacobian, both ionic currents [A]."""
        u, V = self.fields.deviation, self.fields.voltage
        T = self.model.ambient + self.fields.rise
        (du, v), model, scale = self._arguments, self.model, self.fields.ion_scale
        r, z = ufl.SpatialCoordinate(self.device.mesh)
        phi = self.fields.level + u
        barrier = model.barrier(r, z - self.thickness)("+")
        curved = self.fields.capillary("+") if model.surface_energy else 0.0
        plated = -model.kinetics((V * self.fields.psi - phi)("+") + curved, T("+"), barrier)
        dissolved = model.kinetics((V - phi)("+"), T("+"))
        conductivity = model.hopping(inner(grad(u), grad(u)), T)
        F = scale * conductivity * inner(grad(u), grad(v)) * self._dx("oxide")
        F += scale * plated * v("+") * self._outline
        F -= scale * dissolved * v("+") * self._electrode
        F += self._diagonal(u, v)
        return {
            "ions_F": F,
            "ions_J": ufl.derivative(F, u, du),
            "plating": plated * self._outline,
            "dissolution": dissolved * self._electrode,
        }

    def all(self) -> dict[str, ufl.Form]:
        """Return every form by name."""
        return self.metal() | self.heat() | self.ions()


def _with_degree(measure: WeightedMeasure, degree: int) -> WeightedMeasure:
    return replace(measure, measure=measure.measure(metadata={"quadrature_degree": degree}))


@dataclass(frozen=True)
class CompiledForms:
    """Forms that are compiled once and bound to every new mesh of a cell.

    Remeshing asks for the same forms on other meshes. Processing their UFL again takes longer than
    the solution does.

    Attributes
    ----------
    forms : mapping
        By name.
    fields : CellFields
        Those of the UFL forms.
    """

    forms: Mapping[str, CompiledForm]
    fields: CellFields

    @classmethod
    def compile(cls, forms: CellForms) -> Self:
        """Compile the forms of a cell."""
        comm = forms.device.mesh.comm
        compiled = {
            name: replace(compile_form(comm, form), ufl_form=_signature(form))
            for name, form in forms.all().items()
        }
        return cls(compiled, forms.fields)

    def bind(self, device: Device, on_device: CellFields) -> dict[str, fem.Form]:
        """Return the forms on a device with its fields in place of the originals.

        The regions and boundaries of the device must have the tags of the one for which the forms
        were written.
        """
        space = on_device.psi.function_space
        new: dict[Any, Any] = {
            getattr(self.fields, f.name): getattr(on_device, f.name) for f in fields(CellFields)
        }
        return {
            name: create_form(
                form,
                [space] * form.ufcx_form.rank,
                device.mesh,
                subdomains(form, device),
                new,
                new,
            )
            for name, form in self.forms.items()
        }


def _signature(form: ufl.Form) -> ufl.Form:
    """Return a short form of the same coefficients and constants, which binding looks for."""
    terms = (*form.coefficients(), *form.constants())
    return sum(terms, start=ufl.as_ufl(1.0)) * ufl.dx(form.ufl_domains()[0])


def subdomains(
    form: CompiledForm, device: Device
) -> dict[IntegralType, list[tuple[int, npt.NDArray[np.int32]]]]:
    """Entities of the device over which a form integrates, by the tags in the form."""
    offsets = form.ufcx_form.form_integral_offsets
    found = {}
    for kind, codimension in ((IntegralType.cell, 0), (IntegralType.interior_facet, 1)):
        numbers = range(offsets[kind.value], offsets[kind.value + 1])
        ids = [form.ufcx_form.form_integral_ids[j] for j in numbers]
        if ids:
            found[kind] = get_integration_domains(kind, device.tags[codimension], ids)
    return found
