"""A film in time: its TOML file, and what must hold before anything is solved."""

from collections.abc import Mapping
from dataclasses import dataclass

from mpi4py import MPI

from mitmodels.cases.config.observed import check_observed
from mitmodels.cases.film.ambient_history import memory
from mitmodels.cases.film.config import TransientConfig
from mitmodels.cases.film.device import FilmDevice, PreparedFilm, build_device, build_film
from mitmodels.cases.film.forecast import report
from mitmodels.cases.film.laws.film import TableLaw
from mitmodels.cases.film.laws.substrate import SheetSection
from mitmodels.errors import InputError
from mitmodels.film.observables import FILM, shown_on
from mitmodels.solvers.film.constraints import Limited, SoftlyLimited, drive_at
from mitmodels.solvers.film.interfaces import Constraint, TransientSubstrate
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.substrate.half_space import film_nodes
from mitmodels.solvers.film.substrate.half_space_transient import TransientHalfSpace
from mitmodels.solvers.film.substrate.heat_modes import HeatModes
from mitmodels.solvers.film.substrate.local_heat_loss import LocalHeatLoss
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, Tolerance

_ITERATIONS = 1500  # of Newton's method for a pulse or a ramp
_MOST_NODES = 6000  # of the plan: the eigenbasis is dense


Config = TransientConfig


@dataclass(frozen=True, eq=False)
class Prepared(PreparedFilm[Config]):
    """A checked configuration with its mesh."""

    def condition(self, value: float, scale: float) -> Constraint:
        """Constraint of the source at a value [V or A]; ``scale`` is a typical one."""
        circuit = self.config.circuit
        if circuit.limiter:
            return SoftlyLimited(self.drive, value, circuit.limiter)
        unlimited = drive_at(self.drive, value, scale)
        return Limited(unlimited, float(circuit.compliance)) if circuit.compliance else unlimited


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If the protocol takes no time or is negative, or the sections do not go together.
    """
    protocol = config.checked_protocol(FILM)
    if protocol.quasi_static:
        raise InputError(
            "protocol: this case goes in time: give every ramp a rate or a duration, or use the "
            "case lsmo_iv"
        )
    if config.circuit.series.stores:
        raise InputError(
            "circuit.inductance and circuit.capacitance are for steady states so far, of which "
            "they decide the stability: remove them"
        )
    for message, wrong in (_faults(config) | _faults_of_history(config)).items():
        if wrong:
            raise InputError(message)
    device = build_device(config, comm)
    check_observed(shown_on(FILM, device.plan.names), protocol, config.output.fields_at)
    if device.cells is not None and device.plan_nodes > _MOST_NODES:
        raise InputError(
            f"mesh: {device.plan_nodes} nodes of the plan are too many for a half-space in time, "
            f"which takes up to {_MOST_NODES}: give a larger mesh.size or mesh.edge_size"
        )
    return Prepared(config, device, protocol)


def _faults(config: Config) -> dict[str, bool]:
    """What is wrong with substrate and pads in time, and whether it is the case."""
    substrate, capacity = config.substrate, config.heat_capacity
    pads, stores = config.geometry.pad_length > 0, capacity.substrate is not None
    faults = {
        'heat_capacity.pads is missing: give the pads one, "0.25 J/(m2 K)"': pads
        and capacity.pads is None,
        "heat_capacity.pads is given, but geometry.pad_length is zero: remove it": not pads
        and capacity.pads is not None,
    }
    if isinstance(substrate, SheetSection):
        return faults | {
            "heat_capacity.substrate has no meaning for the sheet substrate, which stores nothing: "
            "remove it": stores
        }
    steady = "is for steady states only: remove it, or use the case lsmo_iv"
    return faults | {
        'heat_capacity.substrate is missing: give the half-space one, "2.7e6 J/(m3 K)"': not stores,
        f"substrate.thickness {steady}": substrate.thickness is not None,
        f"substrate.boundary_resistance {steady}": substrate.boundary_resistance is not None,
        f"substrate.mount_resistance {steady}": substrate.mount_resistance is not None,
        "substrate: a conductivity that depends on the temperature is for steady states only: give "
        "substrate.conductivity as one number, or use the case lsmo_iv": substrate.is_table
        or float(substrate.conductivity_exponent) != 0,
    }


def _faults_of_history(config: Config) -> dict[str, bool]:
    """What is wrong with the ambient's history, and whether it is the case."""
    film, history = config.film, config.ambient.history
    faults = {
        "ambient.history: R(T) is that of a film whose current does not spread under the pads: "
        "give contact.resistance_width in place of contact.resistivity": bool(
            history and config.contact.resistivity
        )
    }
    if isinstance(film, TableLaw) and film.beyond == "end":
        low, high = film.resistivity().range
        for T in history:
            faults[
                f"ambient.history goes to {T.given}, outside of the film's table, from {low:g} K "
                f'to {high:g} K: give it further points, or film.beyond = "hold" or "slope"'
            ] = not low <= T <= high
    return faults


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    device, protocol = prepared.device, prepared.protocol
    dense = device.plan_nodes**2 * 3 + device.nodes**2 * 20 if device.cells else 0
    low, high = protocol.extremes
    drive = f"{low:g} to {high:g} {protocol.unit} in {protocol.duration:g} s"
    return report(prepared, drive, dense * 8 / 2**20, _ITERATIONS)


def build_stepper(config: Config, device: FilmDevice) -> Stepper:
    """Assemble film and substrate into the solver in time."""
    capacity, numerics = config.heat_capacity, config.numerics
    film = build_film(device, float(capacity.film), float(capacity.pads or 0.0))
    substrate: TransientSubstrate
    if isinstance(config.substrate, SheetSection) or capacity.substrate is None:
        substrate = LocalHeatLoss(film)
    else:
        modes = HeatModes(
            device.plan,
            float(config.substrate.law()(float(config.ambient.temperature))),
            float(capacity.substrate),
            float(config.geometry.far),
            film_nodes(film.space, device.plan, device.cells),
            device.smallest_cell,
        )
        substrate = TransientHalfSpace(film, modes)
    tolerance = Tolerance(float(numerics.error), float(numerics.relative_error))
    return Stepper(BorderedNewton(film, substrate), substrate, tolerance, memory(config))
