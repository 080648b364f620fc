"""TOML sections of a planar film, its electrodes and substrate, and what holds between them."""

from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field, model_validator

from mitmodels.cases.config.circuit import Circuit
from mitmodels.cases.config.observed import ValuesAt, check_observed
from mitmodels.cases.config.protocol import ProtocolEntries, build_protocol
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Ambient, CaseConfig, RecordedOutput
from mitmodels.cases.film.laws.film import FilmLaw, Inhomogeneity
from mitmodels.cases.film.laws.plan import Contact, Geometry, Mesh, Pads
from mitmodels.cases.film.laws.substrate import HalfSpaceSection, SheetSection, SubstrateSection
from mitmodels.cases.film.laws.table import TableLaw
from mitmodels.drive.observable import Observables
from mitmodels.drive.protocol import Protocol
from mitmodels.errors import InputError
from mitmodels.film.observables import OperatingPoint

# Elements along the film, at its lateral edge over its width, and over half of it, graded; and how
# many there are at most in a row if walls ask for more.
_ALONG, _AT_EDGE, _ACROSS, _MOST = 100, 160, 12, 800
# Contacts of less than about this are ideal: potentials of film and pad differ by rounding only.
_LEAST_CONTACT = 1e-14  # [ohm m2]
_LAYOUTS = (".gds", ".oas", ".dxf")
DERIVED = "from geometry and walls"
"""Source of element sizes that the file leaves out."""


class FilmConfig(CaseConfig):
    """Everything that a planar film case needs to build its solver."""

    geometry: Geometry
    mesh: Mesh = Field(default_factory=Mesh)
    film: FilmLaw
    inhomogeneity: Inhomogeneity | None = None
    pads: Pads | None = None
    contact: Contact
    substrate: SubstrateSection
    ambient: Ambient

    @model_validator(mode="after")
    def _sizes_elements(self) -> Self:
        if self.geometry.mesh is None:
            object.__setattr__(self, "mesh", _completed(self))
        return self


class FilmOutput(RecordedOutput):
    """What is stored besides the tables."""

    fields_at: ValuesAt = Field(default_factory=dict)
    """Values of observed quantities at which fields are stored: of every stable state with one of
    them, in time of its first crossing within each step."""


class FilmExperiment(FilmConfig):
    """A film under a source, steady or in time."""

    circuit: Circuit = Field(default_factory=Circuit)
    protocol: ProtocolEntries
    output: FilmOutput = Field(default_factory=FilmOutput)

    def checked_protocol(self, shown: Observables[OperatingPoint]) -> Protocol:
        """Return the protocol in SI, checked against the circuit and what the film shows.

        Raises
        ------
        InputError
            If they do not go together, or the source changes its sign.
        """
        protocol = build_protocol(self.protocol)
        self.circuit.check(protocol.drive)
        lowest, unit = protocol.extremes[0], protocol.unit
        if lowest < 0:
            raise InputError(
                f"protocol: the source goes to {lowest:g} {unit}: the film is the same for both "
                f"signs, give values from 0 {unit} up"
            )
        check_observed(shown, protocol, self.output.fields_at)
        return protocol


def _completed(config: "FilmConfig") -> Mesh:
    """Sizes as asked for, the others from geometry and wall.

    Those of the geometry give key figures within 1 % of finer ones (`lsmo_family`). The hot part of
    a film whose hot phase conducts better stands anywhere across: its elements are even.
    """
    geometry, mesh, wall = config.geometry, config.mesh, wall_width(config)
    half, filament = geometry.width / 2, config.film.hot < config.film.cold
    size, edge_size = geometry.length / _ALONG, geometry.width / _AT_EDGE
    if wall and filament:
        edge_size = min(edge_size, wall / 4)
    elif wall:
        size = max(min(size, wall / 4), geometry.length / _MOST)
    edge_size = float(mesh.edge_size or max(edge_size, geometry.width / _MOST))
    even = min(_MOST / 2, np.ceil(half / edge_size * (1 - 1e-9)))
    return mesh.model_copy(
        update={
            "size": mesh.size or _derived(size),
            "edge_size": mesh.edge_size or _derived(edge_size),
            "cells_across": mesh.cells_across or (int(even) if filament else _ACROSS),
        }
    )


def _derived(length: float) -> Quantity:
    return Quantity(length, "m", f"{length * 1e6:.4g} um", DERIVED)


def wall_width(config: FilmConfig) -> float | None:
    r"""Width of a wall between the phases of a film on a sheet [m], None where there is none.

    It is the length over which heat spreads along the film before it is lost,
    :math:`\ell = \sqrt{\kappa t / g}`.
    """
    if not isinstance(config.substrate, SheetSection) or not config.substrate.loss:
        return None  # without a loss, walls are as wide as the film is long
    sheet = config.film.thermal_conductivity * config.geometry.thickness
    return float(np.sqrt(sheet / config.substrate.loss))


def wall_warning(config: FilmConfig) -> str | None:
    r"""Say if the elements are too long for the walls between the phases of a sheet.

    Longer elements than a quarter of it pin a wall and add folds that are none. It stands across
    the current, or along it where the hot phase conducts better.
    """
    length = wall_width(config)
    if length is None or config.geometry.drawn:
        return None  # of a shape of one's own, nobody knows what is along and what across
    key, size = "size", config.mesh.size
    if config.film.hot < config.film.cold:
        key, size = "edge_size", config.mesh.edge_size
    if size is None or size <= length / 4 * (1 + 1e-9):
        return None
    return (
        f"mesh.{key} = {size.given} is too coarse: walls between the phases are about "
        f"{length * 1e6:.3g} um wide and elements above a quarter of that pin them to the mesh, "
        "which shows as folds and steps that no film has"
    )


def has_resistivity(film: FilmLaw, T: float) -> bool:
    """Tell whether the resistivity of a law is a positive, finite number at a temperature [K]."""
    with np.errstate(all="ignore"):
        return bool(0 < film.resistivity()(float(T)) < np.inf)


def _faults_of_layout(geometry: Geometry) -> dict[str, bool]:
    """What does not go together with a layout, or without one."""
    layout, kinds = geometry.layout, ", ".join(_LAYOUTS)
    has_suffix = bool(layout) and Path(str(layout)).suffix.lower() in _LAYOUTS
    named = bool(geometry.layers or geometry.cell)
    return {
        f"geometry.layout is no layout by its suffix: give one of {kinds}, or geometry.mesh": bool(
            layout and not has_suffix
        ),
        "geometry.layers is missing: say which layers of the layout are film and contacts": bool(
            layout and not geometry.layers
        ),
        "geometry.layers and geometry.cell are of a layout: give geometry.layout too, or remove "
        "them": named and not layout,
        'geometry.domain = "quarter" is not drawn in a layout: set it to "full"': bool(
            layout and geometry.domain == "quarter"
        ),
    }


def _faults_of_degree(config: FilmConfig) -> dict[str, bool]:
    """What quadratic elements do not go together with on a half-space."""
    substrate = config.substrate
    if config.mesh.degree == 1 or not isinstance(substrate, HalfSpaceSection):
        return {}
    return {
        "mesh.degree = 2 goes without substrate.boundary_resistance, which is that of a node's "
        "area: corners of such elements have none; set mesh.degree = 1": bool(
            substrate.boundary_resistance
        ),
        'mesh.degree = 2 needs substrate.operator = "dense" on a half-space: set mesh.degree = '
        "1": substrate.operator == "fourier",
    }


def check_film(config: FilmConfig) -> None:
    """Check the sections against each other.

    Raises
    ------
    InputError
        If they do not go together.
    """
    geometry, contact = config.geometry, config.contact
    half_space = isinstance(config.substrate, HalfSpaceSection)
    faults = {
        "geometry.unit is of the file of a mesh or layout: give geometry.mesh or geometry.layout "
        "too, or remove it": geometry.unit.source != "default" and not geometry.drawn,
        **_faults_of_layout(geometry),
        **_faults_of_degree(config),
        "geometry.far = 0 needs the sheet substrate: give the half-space a radius of at least "
        "twice the device": half_space and not geometry.far,
        "pads is missing: give pads.sheet_conductance, or geometry.pad_length = "
        '"0 um"': geometry.pad_length > 0 and config.pads is None,
        'contact.heat = "pads" needs pads: give geometry.pad_length a length': contact.heat
        == "pads"
        and not geometry.pad_length,
        f"contact.resistivity below {_LEAST_CONTACT:g} ohm m2 leaves no digits of the film's "
        "potential: give 0, an ideal contact": 0 < float(contact.resistivity or 0) < _LEAST_CONTACT,
        "contact.resistivity is that of the film under pads: give geometry.pad_length a length, or "
        "contact.resistance_width": contact.resistivity is not None and not geometry.pad_length,
        'contact.thermal = "sink" is for a film without pads: set it to "free"': contact.thermal
        == "sink"
        and geometry.pad_length > 0,
    }
    film, substrate, ambient = config.film, config.substrate, config.ambient.temperature
    tables = {}
    if isinstance(film, TableLaw) and film.beyond == "end":
        tables["film"] = film.resistivity().range
    if isinstance(substrate, HalfSpaceSection) and substrate.end is not None:
        tables["substrate"] = substrate.law().range
    for name, (low, high) in tables.items():
        faults[
            f"ambient.temperature = {ambient.given} is outside of the {name}'s table, from {low:g} "
            f'K to {high:g} K: give it further points, or {name}.beyond = "hold" or "slope"'
        ] = not low <= ambient < high
    faults[
        f"ambient.temperature = {ambient.given}: the film's law has no finite resistivity there: "
        "go nearer to the temperatures that the law was made for"
    ] = not has_resistivity(film, ambient)
    if isinstance(substrate, SheetSection) and not substrate.loss and contact.thermal == "free":
        faults['substrate.loss = 0 needs contact.thermal = "sink": heat has to leave'] = True
    disorder = config.inhomogeneity
    if disorder:
        faults |= {
            'inhomogeneity needs geometry.domain = "full": a quarter is symmetric': geometry.domain
            == "quarter",
            'inhomogeneity.quantity = "loss" needs the sheet substrate: vary the '
            '"resistivity"': disorder.quantity == "loss" and half_space,
            "inhomogeneity.amplitude = 0 varies nothing: give a percentage, or remove the "
            "section": not disorder.amplitude,
        }
    for message, wrong in faults.items():
        if wrong:
            raise InputError(message)
