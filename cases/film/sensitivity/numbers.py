"""Numbers of a TOML file, and how what the equations of the film contain depends on them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.laws.materials import film_materials, half_space, local_loss
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.solvers.film.interfaces import Array
from mitmodels.solvers.film.properties import form_numbers
from mitmodels.solvers.film.substrate.kirchhoff import HalfSpaceProperties

# Of differences of closed forms, extrapolated: they err by its fourth power, by rounding over it.
_STEP = 1e-3
CHANGES = (-2 * _STEP, -_STEP, _STEP, 2 * _STEP)
"""Relative changes of a number at which what depends on it in closed form is evaluated."""
_SECTIONS = ("film", "pads", "contact", "substrate", "ambient")
_TABLES = {"film.resistivities": "resistivities", "substrate.conductivities": "conductivities"}


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
            half_space(config) if is_half_space else None,
        )

    @property
    def scalars(self) -> dict[str, float]:
        """All of them that are numbers."""
        around = {"contact": self.contact, "load": self.load, "threshold": self.threshold}
        return {**self.forms, **{f"around.{name}": x for name, x in around.items()}}


def numbers(config: SteadyConfig) -> dict[str, Number]:
    """Return the numbers of a configuration on which its equations depend, by their keys."""
    found = [_entry("geometry.thickness", config.geometry.thickness)]
    for name in _SECTIONS:
        for key, value in getattr(config, name) or ():
            dotted = f"{name}.{key}"
            if isinstance(value, Quantity):
                found.append(_entry(dotted, value))
            elif value and dotted in _TABLES:
                found.append(Number(dotted, 1.0, ""))
    found.append(_entry("circuit.load", config.circuit.load))
    here = Inputs.of(config)
    return {number.key: number for number in found if _matters(number, config, here)}


def _entry(key: str, value: Quantity) -> Number:
    return Number(key, float(value), value.unit)


def _matters(number: Number, config: SteadyConfig, here: Inputs) -> bool:
    if number.key == "contact.resistivity" and not number.value:
        return False  # an ideal contact has no term of its own
    if number.key in _TABLES:
        return True
    other = Inputs.of(perturbed(number, config, _STEP))
    return other.scalars != here.scalars or other.half_space != here.half_space


def perturbed(number: Number, config: SteadyConfig, change: float) -> SteadyConfig:
    """Return a configuration with a number changed by a fraction; a zero, by itself."""
    if number.value:
        return number.scaled(config, 1 + change)
    return number.scaled(config, 1.0, change)


def derivative[T: (float, Array)](at: Mapping[float, T], value: float) -> T:
    """Return the derivative by a number of what has been evaluated at its `CHANGES`."""
    far, near = ((at[h] - at[-h]) / (2 * h) for h in CHANGES[:1:-1])
    return (4 * near - far) / 3 / (value or 1.0)
