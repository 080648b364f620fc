"""A planar film on its substrate: the mesh and the solver that the sections ask for."""

from dataclasses import dataclass, replace
from typing import Any

from mpi4py import MPI

import dolfinx

import numpy as np

from mitmodels.cases.config.materials import left_ranges
from mitmodels.cases.config.observed import label, levels
from mitmodels.cases.film.laws.materials import film_materials, half_space, local_loss
from mitmodels.cases.film.laws.plan import element_sizes
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.cases.film.own_mesh import own_device
from mitmodels.cases.film.sections import FilmConfig, FilmExperiment, check_film
from mitmodels.drive.following import ENDED
from mitmodels.drive.observable import Level, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.errors import InputError
from mitmodels.meshes.device import Device
from mitmodels.meshes.planar_channel import PlanarChannel
from mitmodels.solvers.film.constraints import Drive
from mitmodels.solvers.film.electrothermal import ElectrothermalFilm
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.fourier_operator import FourierOperator
from mitmodels.solvers.film.substrate.grid_transfer import Surface
from mitmodels.solvers.film.substrate.half_space import HalfSpaceSubstrate, film_nodes
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss
from mitmodels.solvers.film.substrate.surface_operator import HalfSpace

# Quadrature that integrates sigma(T) |grad psi|^2 of a steep law well enough: 8 points instead of 4
# change the folds by less than 1e-6 of themselves.
_QUADRATURE = {1: 4, 2: 6}
# Growth of the elements under a pad that take a current to it: a contact's resistance errs by 7e-5.
_UNDER_PADS = 1.06
_MOST_NODES = 1_000_000  # several hundred times those of a shipped mesh
# Nodes of film and pads up to which a branch is faster with a dense operator of the substrate.
_DENSE_LIMIT = 6000
_NO_SOLID = 1e4  # [K] above the boiling point of every element


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
    remarks : tuple of str
        What is worth a second look in a mesh of one's own.
    """

    config: FilmConfig
    plan: Device
    layer: Device
    cells: dolfinx.mesh.EntityMap | None
    remarks: tuple[str, ...]

    @property
    def nodes(self) -> int:
        """Nodes of film and pads on all ranks: vertices, and middles of sides at degree 2."""
        return self._count(self.layer.mesh)

    @property
    def plan_nodes(self) -> int:
        """Nodes of the plan on all ranks."""
        return self._count(self.plan.mesh)

    def _count(self, mesh: dolfinx.mesh.Mesh) -> int:
        degree = self.config.mesh.degree
        mesh.topology.create_entities(degree - 1)
        return sum(int(mesh.topology.index_map(dim).size_global) for dim in range(degree))

    @property
    def smallest_cell(self) -> float:
        """Length of the shortest element edge [m]: as asked for, or of a mesh of one's own."""
        asked = self.config.mesh
        if asked.size and asked.edge_size and not self.config.geometry.drawn:
            return float(min(asked.edge_size, asked.size))
        mesh = self.plan.mesh
        mesh.topology.create_entities(1)
        edges = np.arange(mesh.topology.index_map(1).size_local, dtype=np.int32)
        return float(mesh.comm.allreduce(mesh.h(1, edges).min(initial=np.inf), MPI.MIN))

    @property
    def is_dense(self) -> bool:
        """Whether the operator of a half-space is a dense matrix."""
        substrate = self.config.substrate
        if not isinstance(substrate, HalfSpaceSection):
            return False
        linear = self.config.mesh.degree == 1
        by_size = "fourier" if linear and self.nodes > _DENSE_LIMIT else "dense"
        return (substrate.operator or by_size) == "dense"

    @property
    def contact_resistance(self) -> float:
        """Sum of both contacts in series with film and pads [ohm]."""
        return self.config.contact.resistance_width / self.config.geometry.width


@dataclass(frozen=True, eq=False)
class PreparedFilm[C: FilmExperiment]:
    """A checked configuration of an experiment with its mesh."""

    config: C
    device: FilmDevice
    protocol: Protocol

    @property
    def load(self) -> float:
        """Load resistor [ohm]."""
        return float(self.config.circuit.load)

    @property
    def series(self) -> float:
        """Resistance between the film and the source [ohm]."""
        return self.device.contact_resistance + self.load

    @property
    def drive(self) -> Drive:
        """What the source controls."""
        if self.protocol.drive == "voltage":
            return Drive.voltage_source(self.series)
        return Drive.current_source()

    @property
    def end_of_law(self) -> tuple[tuple[Until, str], ...]:
        """Conditions that end a step where a table ends or nothing is solid, and the event."""
        film, substrate = self.config.film, self.config.substrate
        ends = {"film": film.end}
        if isinstance(substrate, HalfSpaceSection):
            ends["substrate"] = substrate.end
        found = [
            (end, f"the table of the {name} ends at {end:g} K")
            for name, end in ends.items()
            if end is not None
        ]
        found.append((_NO_SOLID, f"nothing is solid at {_NO_SOLID:g} K"))
        return tuple((Until("T_max", ">", end), f"{ENDED}: {why}") for end, why in found)

    @property
    def fields(self) -> dict[str, Level]:
        """Values at which the fields are stored, by how the names of the files begin."""
        return {_file_name(level): level for level in levels(self.config.output.fields_at)}

    def beyond(self, hottest: float) -> str:
        """Say which laws hold up to less than a temperature [K], nothing if none."""
        return "; ".join(left_ranges(self.config, {}, {"K": hottest}))


def _file_name(level: Level) -> str:
    if level.quantity == "V_source":
        return f"{level.value:g}V"
    if level.quantity == "t":
        return f"t={level.value * 1e6:g}us"
    return label(level)


def build_device(config: FilmConfig, comm: MPI.Comm) -> FilmDevice:
    """Check the sections against each other and mesh the channel.

    Raises
    ------
    InputError
        If the sections do not go together or the geometry is none.
    """
    check_film(config)
    geometry = config.geometry
    half_space = isinstance(config.substrate, HalfSpaceSection)
    channel = _channel(config)
    remarks: tuple[str, ...] = ()
    if geometry.drawn:
        plan, remarks = own_device(geometry, channel, comm)
    else:
        plan = channel.build(comm)
    layer, cells = plan, None
    if half_space:
        regions = [name for name in ("film", "pad_left", "pad_right") if name in plan.names]
        layer, cells = plan.restrict(*regions)
    layer = replace(layer, quadrature_degree=_QUADRATURE[config.mesh.degree])
    return FilmDevice(config, plan, layer, cells, remarks)


def _channel(config: FilmConfig) -> PlanarChannel:
    geometry = config.geometry
    size, edge_size, cells_across = element_sizes(geometry, config.mesh)
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
            pad_growth=_UNDER_PADS if config.contact.resistivity else PlanarChannel.pad_growth,
        )
    except ValueError as error:
        raise InputError(f"geometry: {error}") from None
    if not channel.nodes <= _MOST_NODES:
        raise InputError(
            f"mesh.size = {size.given} and mesh.cells_across = {cells_across} make more than "
            f"{_MOST_NODES} nodes: give a longer size or fewer cells"
        )
    return channel


def build_solver(
    device: FilmDevice, operator: HalfSpace | FourierOperator | None = None
) -> BorderedNewton:
    """Assemble film and substrate into the solver of steady states.

    ``operator`` is that of the device's half-space if it has been built already.
    """
    film = build_film(device)
    if device.cells is None:
        return BorderedNewton(film, LocalHeatLoss(film))
    operator = operator or build_half_space(device, film)
    made_of = half_space(device.config)
    resistances = made_of.boundary_resistance, made_of.mount_resistance
    substrate = HalfSpaceSubstrate(film, operator, made_of.conductivity, *resistances)
    return BorderedNewton(film, substrate)


def build_half_space(device: FilmDevice, film: ElectrothermalFilm) -> HalfSpace | FourierOperator:
    """Assemble the surface operator of the substrate under film and pads."""
    section = device.config.substrate
    assert isinstance(section, HalfSpaceSection)
    thickness = float(section.thickness or np.inf)
    if device.is_dense:
        return HalfSpace(
            device.plan,
            float(device.config.geometry.far),
            film_nodes(film.space, device.plan, device.cells),
            device.smallest_cell,
            thickness,
            device.config.mesh.degree,
        )
    surface = Surface.of(film.space, device.layer.copies)
    return FourierOperator.of(film.comm, film.owned, surface, thickness)


def build_film(
    device: FilmDevice, heat_capacity: float = 0.0, pad_heat_capacity: float = 0.0
) -> ElectrothermalFilm:
    """Assemble the film; what it stores in [J/(m3 K)], its pads in [J/(m2 K)]."""
    config, degree = device.config, device.config.mesh.degree
    properties, contacts = film_materials(config)
    properties = replace(
        properties, heat_capacity=heat_capacity, pad_heat_capacity=pad_heat_capacity
    )
    geometry, substrate = config.geometry, config.substrate
    ends = contacts.ideal_sink * float(12 * geometry.thickness * geometry.width / geometry.length)
    T0, loss = float(config.ambient.temperature), local_loss(config)
    scale = substrate.conductance(float(geometry.length * geometry.width), T0)
    scale += ends * properties.thermal_conductivity  # of a bridge that is heated evenly
    return ElectrothermalFilm(device.layer, properties, contacts, T0, scale, loss, degree)


def mesh(prepared: PreparedFilm[Any], _: MPI.Comm) -> Device:
    """Return the mesh of film, pads and substrate, as every case of a film has it."""
    return prepared.device.plan
