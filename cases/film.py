"""TOML sections of a planar film, its electrodes and substrate, and the solver built from them."""

import logging
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Protocol

from mpi4py import MPI

import dolfinx

import numpy as np
from pydantic import Field, model_validator

from cases.dimensions import (
    ContactResistance,
    Length,
    LengthOrZero,
    SheetThermalConductance,
    Temperature,
)
from cases.film_law import FilmLaw, Inhomogeneity, TableLaw
from cases.film_substrate import HalfSpaceSection, SheetSection, SubstrateSection
from cases.own_mesh import own_device
from cases.quantity import Quantity
from cases.section import Section
from cases.validation import shown
from meshes.device import Device
from meshes.planar_channel import PlanarChannel
from mitmodels.errors import InputError
from solvers.bordered import BorderedNewton
from solvers.electrothermal import ElectrothermalFilm
from solvers.film_properties import Contacts, FilmProperties
from solvers.half_space import HalfSpaceSubstrate, film_nodes
from solvers.sheet import SheetSubstrate
from solvers.substrate import HalfSpace

_LOG = logging.getLogger(__name__)
# Quadrature that integrates sigma(T) |grad psi|^2 of a steep law well enough: 8 points instead of 4
# change the folds by less than 1e-6 of themselves.
_QUADRATURE = {1: 4, 2: 6}
_MOST_NODES = 1_000_000  # several hundred times those of a shipped mesh


class Geometry(Section):
    """The channel seen from above, and the file of a mesh of one's own for it.

    ``unit`` is the length of one unit of the file's coordinates.
    """

    length: Length
    width: Length
    thickness: Length
    pad_length: LengthOrZero
    far: LengthOrZero
    domain: Literal["quarter", "full"] = "quarter"
    mesh: str | None = Field(None, description="path of a mesh of one's own")
    mesh_sha256: str | None = Field(None, description="checksum of that file, kept by a run")
    unit: Length = Quantity(1.0, "m", "1 m", "default")

    @model_validator(mode="before")
    @classmethod
    def _fingerprint(cls, data: Any) -> Any:
        """Tell the mesh of a run from another one of the same name."""
        if not isinstance(data, dict) or not isinstance(data.get("mesh"), str):
            return data
        try:
            found = sha256(Path(data["mesh"]).read_bytes()).hexdigest()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ValueError(f"mesh = {shown(data['mesh'])} cannot be read ({reason})") from None
        if data.get("mesh_sha256") not in (None, found):
            raise ValueError(f"mesh = {shown(data['mesh'])} was changed since; restore that file")
        return {**data, "mesh_sha256": found}


class Mesh(Section):
    """Element sizes: along the current, across it at the lateral edge, and their number.

    ``free`` fills the film with triangles at random that have these sizes at its boundaries. Of a
    mesh of one's own only the degree counts.
    """

    size: Length | None = None
    edge_size: Length | None = None
    cells_across: int | None = Field(default=None, ge=1, le=100_000)
    degree: Literal[1, 2] = 1
    structure: Literal["blocks", "free"] = "blocks"


class Pads(Section):
    """Electrode pads on the film's ends."""

    sheet_conductance: SheetThermalConductance


class Contact(Section):
    """Contacts between film and pads: their summed resistance times the width, and its heat.

    Without pads ``thermal`` holds the film's ends at the ambient temperature or lets them be.
    """

    resistance_width: ContactResistance
    heat: Literal["none", "pads"] = "none"
    thermal: Literal["free", "sink"] = "free"


class Ambient(Section):
    """Temperature far away."""

    temperature: Temperature


class FilmConfig(Section):
    """Everything that a planar film case needs to build its solver."""

    geometry: Geometry
    mesh: Mesh = Field(default_factory=Mesh)
    film: FilmLaw
    inhomogeneity: Inhomogeneity | None = None
    pads: Pads | None = None
    contact: Contact
    substrate: SubstrateSection
    ambient: Ambient


@dataclass(frozen=True, eq=False)
class FilmDevice:
    """A meshed channel, before anything is solved.

    Attributes
    ----------
    config : FilmConfig
    plan : Device
        Film, pads and, on a half-space, the bare substrate around them.
    layer : Device
        Film and pads.
    cells : EntityMap or None
        From the cells of ``layer`` to those of ``plan``, where they differ.
    """

    config: FilmConfig
    plan: Device
    layer: Device
    cells: dolfinx.mesh.EntityMap | None

    @property
    def nodes(self) -> int:
        """Vertices of film and pads on all ranks."""
        return int(self.layer.mesh.topology.index_map(0).size_global)

    @property
    def smallest_cell(self) -> float:
        """Length of the shortest element edge [m]: as asked for, or of a mesh of one's own."""
        asked = self.config.mesh
        if asked.size and asked.edge_size and not self.config.geometry.mesh:
            return float(min(asked.edge_size, asked.size))
        mesh = self.plan.mesh
        mesh.topology.create_entities(1)
        edges = np.arange(mesh.topology.index_map(1).size_local, dtype=np.int32)
        return float(mesh.comm.allreduce(mesh.h(1, edges).min(initial=np.inf), MPI.MIN))

    @property
    def contact_resistance(self) -> float:
        """Sum of both contacts [ohm]."""
        return self.config.contact.resistance_width / self.config.geometry.width


class HasDevice(Protocol):
    """What a case of a film prepares."""

    @property
    def device(self) -> FilmDevice:
        """The meshed channel."""
        ...


def build_device(config: FilmConfig, comm: MPI.Comm) -> FilmDevice:
    """Check the sections against each other and mesh the channel.

    Raises
    ------
    InputError
        If the sections do not go together or the geometry is none.
    """
    _check(config)
    geometry = config.geometry
    half_space = isinstance(config.substrate, HalfSpaceSection)
    channel = _channel(config)
    if geometry.mesh:
        plan = own_device(Path(geometry.mesh), float(geometry.unit), channel, comm)
    else:
        plan = channel.build(comm)
    layer, cells = plan, None
    if half_space:
        regions = [name for name in ("film", "pad_left", "pad_right") if name in plan.names]
        layer, cells = plan.restrict(*regions)
    layer = replace(layer, quadrature_degree=_QUADRATURE[config.mesh.degree])
    return FilmDevice(config, plan, layer, cells)


def _channel(config: FilmConfig) -> PlanarChannel:
    geometry = config.geometry
    size, edge_size, cells_across = _sizes(config)
    try:
        channel = PlanarChannel(
            length=geometry.length,
            width=geometry.width,
            thickness=geometry.thickness,
            pad_length=geometry.pad_length,
            far=geometry.far if isinstance(config.substrate, HalfSpaceSection) else 0.0,
            size=size,
            edge_size=edge_size,
            cells_across=cells_across,
            domain=geometry.domain,
            structured=config.mesh.structure == "blocks",
        )
    except ValueError as error:
        raise InputError(f"geometry: {error}") from None
    if not channel.nodes <= _MOST_NODES:
        raise InputError(
            f"mesh.size = {size.given} and mesh.cells_across = {cells_across} make more than "
            f"{_MOST_NODES} nodes: give a longer size or fewer cells"
        )
    return channel


def _sizes(config: FilmConfig) -> tuple[Quantity, Quantity, int]:
    """Element sizes and number as asked for; of a mesh of one's own they have no meaning."""
    geometry, mesh = config.geometry, config.mesh
    if geometry.mesh:
        return geometry.length, geometry.width, 1
    found = []
    for key, size, limit, words in (
        ("size", mesh.size, geometry.length / 2, "half of the film"),
        ("edge_size", mesh.edge_size, geometry.width / 2, "half of the film is wide"),
    ):
        if size is None:
            raise InputError(_missing(key))
        if size > limit:
            raise InputError(
                f"mesh.{key} = {size.given} is longer than {words}: give a smaller one"
            )
        found.append(size)
    if mesh.cells_across is None:
        raise InputError(_missing("cells_across"))
    return found[0], found[1], mesh.cells_across


def _missing(key: str) -> str:
    return f"mesh.{key} is missing: add it, or name the file of a mesh in geometry.mesh"


def build_solver(device: FilmDevice, operator: HalfSpace | None = None) -> BorderedNewton:
    """Assemble film and substrate into the solver of steady states.

    ``operator`` is that of the device's half-space if it has been built already.
    """
    film = build_film(device)
    if device.cells is None:
        return BorderedNewton(film, SheetSubstrate(film))
    operator = operator or build_half_space(device, film)
    section = device.config.substrate
    assert isinstance(section, HalfSpaceSection)
    resistance = float(section.boundary_resistance or 0.0)
    return BorderedNewton(film, HalfSpaceSubstrate(film, operator, resistance))


def build_half_space(device: FilmDevice, film: ElectrothermalFilm) -> HalfSpace:
    """Assemble the surface operator of the substrate under film and pads."""
    section = device.config.substrate
    assert isinstance(section, HalfSpaceSection)
    return HalfSpace(
        device.plan,
        float(section.conductivity),
        float(device.config.geometry.far),
        film_nodes(film.space, device.plan, device.cells),
        device.smallest_cell,
        thickness=float(section.thickness or np.inf),
    )


def build_film(
    device: FilmDevice, heat_capacity: float = 0.0, pad_heat_capacity: float = 0.0
) -> ElectrothermalFilm:
    """Assemble the film; what it stores in [J/(m3 K)], its pads in [J/(m2 K)]."""
    config = device.config
    disorder = config.inhomogeneity
    factor = disorder.factor() if disorder else None
    properties = FilmProperties(
        config.film.resistivity(),
        float(config.film.thermal_conductivity),
        float(config.pads.sheet_conductance) if config.pads else 0.0,
        float(config.film.barrier_temperature),
        factor if disorder and disorder.quantity == "resistivity" else None,
        factor if disorder and disorder.quantity == "loss" else None,
        heat_capacity,
        pad_heat_capacity,
        config.film.temperatures[-1] if isinstance(config.film, TableLaw) else np.inf,
    )
    contact = config.contact
    contacts = Contacts(device.contact_resistance, contact.heat, contact.thermal == "sink")
    area = float(config.geometry.length * config.geometry.width)
    substrate = config.substrate
    loss = float(substrate.loss) if isinstance(substrate, SheetSection) else 0.0
    ambient = float(config.ambient.temperature)
    return ElectrothermalFilm(
        device.layer,
        properties,
        contacts,
        ambient,
        substrate.conductance(area),
        loss,
        config.mesh.degree,
    )


def mesh(prepared: "HasDevice", comm: MPI.Comm) -> Device:  # noqa: ARG001
    """Return the mesh of film, pads and substrate, as every case of a film has it."""
    return prepared.device.plan


def wall_warning(config: FilmConfig) -> str | None:
    r"""Say if the elements are too long for the walls between the phases of a sheet.

    A wall is as wide as the length over which heat spreads along the film before it is lost,
    :math:`\ell = \sqrt{\kappa t / g}`; longer elements pin it and add folds that are none. It
    stands across the current, or along it where the hot phase conducts better.
    """
    if not isinstance(config.substrate, SheetSection) or config.geometry.mesh:
        return None  # of a mesh of one's own, nobody knows what is along and what across
    sheet = config.film.thermal_conductivity * config.geometry.thickness
    length = float(np.sqrt(sheet / config.substrate.loss))
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


def _check(config: FilmConfig) -> None:
    geometry, contact = config.geometry, config.contact
    half_space = isinstance(config.substrate, HalfSpaceSection)
    faults = {
        "mesh.degree = 2 needs the sheet substrate: set mesh.degree = 1": half_space
        and config.mesh.degree == 2,
        "geometry.far = 0 needs the sheet substrate: give the half-space a radius of at least "
        "twice the device": half_space and not geometry.far,
        "pads is missing: give pads.sheet_conductance, or geometry.pad_length = "
        '"0 um"': geometry.pad_length > 0 and config.pads is None,
        'contact.heat = "pads" needs pads: give geometry.pad_length a length': contact.heat
        == "pads"
        and not geometry.pad_length,
        'contact.thermal = "sink" is for a film without pads: set it to "free"': contact.thermal
        == "sink"
        and geometry.pad_length > 0,
    }
    film, ambient = config.film, config.ambient.temperature
    if isinstance(film, TableLaw) and not film.temperatures[0] <= ambient < film.temperatures[-1]:
        faults[
            f"ambient.temperature = {ambient.given} is outside of the film's table, from "
            f"{film.temperatures[0]:g} K to {film.temperatures[-1]:g} K: nothing is extrapolated"
        ] = True
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
