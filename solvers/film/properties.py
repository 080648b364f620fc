"""Materials of a film and its contacts."""

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

from dolfinx import fem

import numpy as np
import numpy.typing as npt

from mitmodels.film.table import TabulatedResistivity
from mitmodels.meshes.device import Device

Array = npt.NDArray[np.float64]
ENDS = {"contact_left": -0.5, "contact_right": 0.5, "pad_left": -0.5, "pad_right": 0.5}
"""psi at the contacts and in the pads."""


@dataclass(frozen=True)
class FilmProperties:
    """What the film and its electrodes are made of.

    Attributes
    ----------
    resistivity : callable or TabulatedResistivity
        Law of T [K] in [ohm m], for floats, arrays and UFL; a table for floats and arrays only. One
        with a memory also takes the temperature [K] that its phases follow.
    thermal_conductivity : float
        Of the film [W/(m K)].
    pad_sheet_conductance : float
        Thermal conductivity times thickness of the pads [W/K].
    barrier_temperature : float
        Above it [K] the film counts as barrier in the readings.
    resistivity_factor, loss_factor : callable or None
        Variation along the film: factor at points [m] of shape (n, 2), of the resistivity and of
        the loss into a sheet substrate.
    heat_capacity : float
        rho c_p of the film [J/(m3 K)]; without it there are steady states only.
    pad_heat_capacity : float
        That of the pads times their thickness [J/(m2 K)].
    """

    resistivity: Callable[[Any], Any]
    thermal_conductivity: float
    pad_sheet_conductance: float = 0.0
    barrier_temperature: float = 340.0
    resistivity_factor: Callable[[Array], Array] | None = None
    loss_factor: Callable[[Array], Array] | None = None
    heat_capacity: float = 0.0
    pad_heat_capacity: float = 0.0

    @property
    def detail(self) -> float:
        """Distance between details of the resistivity [K]: points of a table; infinite for none."""
        law = self.resistivity
        return law.spacing if isinstance(law, TabulatedResistivity) else np.inf


@dataclass(frozen=True)
class Contacts:
    """The contacts between film and pads.

    Attributes
    ----------
    resistance : float
        Sum of both contacts, in series with the film [ohm].
    heat : {"none", "pads"}
        Where its Joule heat goes: nowhere, or evenly into the pads.
    ideal_sink : bool
        The film's ends are held at the ambient temperature.
    resistivity : float
        Between each pad and the film under it [ohm m2]. If it is 0, the film under the pads has
        their potential and carries no current.
    """

    resistance: float = 0.0
    heat: Literal["none", "pads"] = "none"
    ideal_sink: bool = False
    resistivity: float = 0.0

    def boundary_conditions(
        self, device: Device, space: fem.FunctionSpace, ambient: float
    ) -> list[fem.DirichletBC]:
        """Values of (psi, T) at the contacts, and of psi in the middle of a quarter."""
        potential, heat = space.sub(0), space.sub(1)
        for dim in (0, 1):
            device.mesh.topology.create_connectivity(dim, device.mesh.topology.dim)

        def fix(space: fem.FunctionSpace, name: str, value: float) -> fem.DirichletBC:
            dim, entities = device.entities(name)
            return fem.dirichletbc(value, fem.locate_dofs_topological(space, dim, entities), space)

        ends = [name for name in ENDS if name in device.names]
        bcs = [] if "contact_left" in ends else [fix(potential, "midplane", 0.0)]
        if not self.resistivity:
            bcs += [fix(potential, name, ENDS[name]) for name in ends]
        if self.ideal_sink:
            bcs += [fix(heat, name, ambient) for name in ends if name.startswith("contact")]
        return bcs


def form_numbers(
    film: FilmProperties, contacts: Contacts, thickness: float, ambient: float, loss: float = 0.0
) -> dict[str, float]:
    """Return what the forms of a film depend on, in SI; numbers of its law as ``law.NAME``.

    Parameters
    ----------
    film, contacts
        What the film and its electrodes are made of.
    thickness
        Of the film [m].
    ambient
        T0 [K].
    loss
        Local loss coefficient of a sheet substrate [W/(m2 K)].
    """
    law = {f"law.{name}": value for name, value in law_numbers(film.resistivity).items()}
    return law | {
        "thickness": thickness,
        "thermal_conductivity": film.thermal_conductivity,
        "pad_sheet_conductance": film.pad_sheet_conductance,
        "contact_conductance": 1 / (contacts.resistivity or np.inf),  # [S/m2]
        "loss": loss,
        "ambient": ambient,
    }


def law_numbers(law: Callable[[Any], Any]) -> dict[str, float]:
    """Return the numbers of a law that is a record."""
    if not is_dataclass(law) or isinstance(law, type):
        return {}
    values = {field.name: getattr(law, field.name) for field in fields(law)}
    return {name: value for name, value in values.items() if isinstance(value, float)}
