"""What the equations of a film contain: materials of film, contacts and substrate."""

from mitmodels.cases.film.laws.substrate import HalfSpaceSection, SheetSection
from mitmodels.cases.film.sections import FilmConfig
from mitmodels.solvers.film.properties import Contacts, FilmProperties
from mitmodels.solvers.film.substrate.kirchhoff import HalfSpaceProperties


def film_materials(config: FilmConfig) -> tuple[FilmProperties, Contacts]:
    """Return what film and contacts are made of, without the heat that they store."""
    factor = disorder.factor() if (disorder := config.inhomogeneity) else None
    properties = FilmProperties(
        config.film.resistivity(),
        float(config.film.thermal_conductivity),
        float(config.pads.sheet_conductance) if config.pads else 0.0,
        float(config.film.barrier_temperature),
        factor if disorder and disorder.quantity == "resistivity" else None,
        factor if disorder and disorder.quantity == "loss" else None,
    )
    contact, R = config.contact, config.contact.resistance_width / config.geometry.width
    resistivity = float(contact.resistivity or 0.0)
    return properties, Contacts(R, contact.heat, contact.thermal == "sink", resistivity)


def local_loss(config: FilmConfig) -> float:
    """Return the local heat loss of a sheet [W/(m2 K)], 0 of a half-space."""
    substrate = config.substrate
    return float(substrate.loss) if isinstance(substrate, SheetSection) else 0.0


def half_space(config: FilmConfig) -> HalfSpaceProperties:
    """Return what the half-space or slab of a case is made of."""
    section = config.substrate
    assert isinstance(section, HalfSpaceSection)
    R_b, R_m = (float(R or 0.0) for R in (section.boundary_resistance, section.mount_resistance))
    return HalfSpaceProperties(section.law(), float(config.ambient.temperature), R_b, R_m)
