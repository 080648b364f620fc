"""Numbers of a TOML file, and how what the equations of the film contain depends on them."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.laws.materials import film_materials, half_space, local_loss
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.cases.film.sensitivity.lengths import lengths_of
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.properties import form_numbers
from mitmodels.solvers.film.substrate.kirchhoff import HalfSpaceProperties

# Of differences of closed forms, extrapolated: they err by its fourth power, by rounding over it.
_STEP = 1e-3
CHANGES = (-2 * _STEP, -_STEP, _STEP, 2 * _STEP)
"""Relative changes of a number at which what depends on it in closed form is evaluated."""
AROUND = ("contact", "load", "threshold", "stretch")
"""Numbers that the forms do not contain, by their names in `Inputs` and `Gradient`."""
_SECTIONS = (
    "geometry",
    "film",
    "inhomogeneity",
    "pads",
    "contact",
    "substrate",
    "ambient",
    "circuit",
    "heat_capacity",
    "mesh",
)
_TABLES = ("film.resistivities", "substrate.conductivities")
_STEADY, _TABLE = "no steady state depends on it", "of a table, it is the factor of its values"
_REASONS = {
    "geometry.far": "it says how much of the substrate is meshed, not what the device is",
    "geometry.pad_length": "the film has no pads",
    "contact.resistivity": "an ideal contact has no term of its own",
    "film.temperatures": _TABLE,
    "film.smoothing": _TABLE,
    "substrate.temperatures": _TABLE,
    "circuit.inductance": _STEADY,
    "circuit.capacitance": _STEADY,
    "circuit.compliance": "it says where the branch ends",
    "heat_capacity": _STEADY,
    "mesh": "it is of the finite elements, not of the device",
}


@dataclass(frozen=True)
class Number:
    """A number of a TOML file; of a table, the factor of all of its values.

    Attributes
    ----------
    key : str
        Section and key.
    value : float
        In SI; 1 of a table.
    unit : str
    """

    key: str
    value: float
    unit: str

    def scaled(self, config: SteadyConfig, factor: float, offset: float = 0.0) -> SteadyConfig:
        """Return a configuration with another value of it."""
        name, last = self.key.split(".")
        section = getattr(config, name)
        old = getattr(section, last)
        new: Any = (
            tuple(_with(each, factor * each) for each in old)
            if isinstance(old, tuple)
            else _with(old, factor * old + offset)
        )
        return config.model_copy(update={name: section.model_copy(update={last: new})})


def _with(old: Quantity, value: float) -> Quantity:
    return Quantity(float(value), old.unit, old.given, old.source)


@dataclass(frozen=True)
class Inputs:
    """What the equations contain: see `form_numbers`, `Gradient` and `HalfSpaceProperties`."""

    forms: Mapping[str, float]
    contact: float
    load: float
    threshold: float
    stretch: float
    half_space: HalfSpaceProperties | None

    @classmethod
    def of(cls, config: SteadyConfig) -> "Inputs":
        """Return those of a configuration."""
        film, contacts = film_materials(config)
        thickness, ambient = float(config.geometry.thickness), float(config.ambient.temperature)
        forms = form_numbers(film, contacts, thickness, ambient, local_loss(config))
        is_half_space = isinstance(config.substrate, HalfSpaceSection)
        return cls(
            forms,
            contacts.resistance,
            float(config.circuit.load),
            film.barrier_temperature,
            math.log(config.geometry.length),
            half_space(config) if is_half_space else None,
        )

    @property
    def scalars(self) -> dict[str, float]:
        """All of them that are numbers."""
        around = {name: float(getattr(self, name)) for name in AROUND}
        return {**self.forms, **{f"around.{name}": x for name, x in around.items()}}


def sorted_numbers(config: SteadyConfig) -> tuple[dict[str, Number], dict[str, str]]:
    """Sort the numbers of a configuration, by their keys.

    Those on which its equations depend, and why a film is not derived by the others.
    """
    known, others, here = {}, {}, Inputs.of(config)
    for name in _SECTIONS:
        for key, value in getattr(config, name, None) or ():
            dotted, is_table = f"{name}.{key}", isinstance(value, tuple) and bool(value)
            if not is_table and not isinstance(value, Quantity):
                continue
            number = Number(dotted, 1.0, "")
            if isinstance(value, Quantity):
                number = Number(dotted, float(value), value.unit)
            if reason := _why_not(number, config, here):
                if is_table or value.source != "default":
                    others[dotted] = reason
            else:
                known[dotted] = number
    return known, others


def _why_not(number: Number, config: SteadyConfig, here: Inputs) -> str:
    """Why a film is not derived by a number, nothing if it is."""
    key, geometry = number.key, config.geometry
    if key in _TABLES or key in lengths_of(config) or key.startswith("inhomogeneity."):
        return ""
    if geometry.drawn and key.startswith("geometry.") and key != "geometry.thickness":
        return f"the shape is drawn in {geometry.drawn}"
    if key in _REASONS and not (key == "contact.resistivity" and number.value):
        return _REASONS[key]
    other = Inputs.of(perturbed(number, config, _STEP))
    if other.scalars != here.scalars or other.half_space != here.half_space:
        return ""
    return _REASONS.get(key.split(".")[0], "no equation of the film contains it")


def perturbed(number: Number, config: SteadyConfig, change: float) -> SteadyConfig:
    """Return a configuration with a number changed by a fraction; a zero, by itself."""
    if number.value:
        return number.scaled(config, 1 + change)
    return number.scaled(config, 1.0, change)


def derivative[T: (float, Array)](at: Mapping[float, T], value: float) -> T:
    """Return the derivative by a number of what has been evaluated at changes as `CHANGES`."""
    near, far = ((at[h] - at[-h]) / (2 * h) for h in sorted(at)[2:])
    return (4 * near - far) / 3 / (value or 1.0)
