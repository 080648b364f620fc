"""A film in time: its TOML file, and what must hold before anything is solved."""

from collections.abc import Mapping
from dataclasses import dataclass

from mpi4py import MPI

from mitmodels.cases.config.observed import check_observed
from mitmodels.cases.config.protocol import build_protocol
from mitmodels.cases.film.config import TransientConfig
from mitmodels.cases.film.device import FilmDevice, PreparedFilm, build_device
from mitmodels.cases.film.forecast import report
from mitmodels.cases.film.heat_storage import build_storing, check_nodes, faults, memory_of_modes
from mitmodels.cases.film.laws.ambient_history import memory
from mitmodels.cases.film.laws.table import TableLaw
from mitmodels.cases.film.sections import has_resistivity
from mitmodels.cases.runs.further_columns import check_places, further_columns
from mitmodels.drive.observable import Observables
from mitmodels.errors import InputError
from mitmodels.film.observables import FILM, FILM_IN_CIRCUIT, OperatingPoint, shown_on
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.tr_bdf2 import Stepper, Tolerance

_ITERATIONS, _OSCILLATING = 1500, 10_000  # of Newton's method for a pulse or ramp, for periods


Config = TransientConfig


@dataclass(frozen=True, eq=False)
class Prepared(PreparedFilm[Config]):
    """A checked configuration with its mesh."""

    @property
    def shown(self) -> Observables[OperatingPoint]:
        """What the film shows in its circuit."""
        return shown_in(self.config)

    def source(self, value: float, scales: tuple[float, float]) -> Source:
        """Return the source at a value [V or A]; ``scales`` are typical ones of both."""
        imposes_voltage = self.protocol.drive == "voltage"
        contacts = self.device.contact_resistance
        return Source(imposes_voltage, value, self.config.circuit.series, contacts, scales)


def shown_in(config: Config) -> Observables[OperatingPoint]:
    """Return what a film shows in its circuit, which may have a state of its own."""
    return FILM_IN_CIRCUIT if config.circuit.series.stores else FILM


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If the protocol takes no time or is negative, or the sections do not go together.
    """
    shown = shown_in(config)
    protocol = config.checked_protocol(shown)
    if protocol.quasi_static:
        raise InputError(
            "protocol: this case goes in time: give every ramp a rate or a duration, or use the "
            "case lsmo_iv"
        )
    config.circuit.check_oscillation(config.oscillation)
    found = faults(config, config.heat_capacity, "use the case lsmo_iv")
    for message, wrong in (found | _faults_of_history(config)).items():
        if wrong:
            raise InputError(message)
    device = build_device(config, comm)
    check_observed(shown_on(shown, device.plan.names), protocol, config.output.fields_at)
    further_columns(config.output, shown.units)
    check_places(device.layer, config.output.probes)
    check_nodes(device, config.heat_capacity, protocol.duration)
    return Prepared(config, device, protocol)


def _faults_of_history(config: Config) -> dict[str, bool]:
    """What is wrong with the ambient's history, and whether it is the case."""
    film, history = config.film, config.ambient.history
    faults = {
        "ambient.history: R(T) is that of a film whose current does not spread under the pads: "
        "give contact.resistance_width in place of contact.resistivity": bool(
            history and config.contact.resistivity
        )
    }
    for T in history:
        faults[
            f"ambient.history goes to {T.given}, where the film's law has no finite resistivity: "
            "stay nearer to the temperatures that the law was made for"
        ] = not has_resistivity(film, T)
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
    taken = memory_of_modes(device, prepared.config.heat_capacity, protocol.duration)
    low, high = protocol.extremes
    drive = f"{low:g} to {high:g} {protocol.unit} in {protocol.duration:g} s"
    count = _OSCILLATING if prepared.config.oscillation else _ITERATIONS
    return report(prepared, drive, taken, count)


def build_stepper(config: Config, device: FilmDevice) -> Stepper:
    """Assemble film and substrate into the solver in time."""
    protocol = build_protocol(config.protocol)
    newton, substrate = build_storing(device, config.heat_capacity, protocol.duration)
    numerics, film = config.numerics, newton.film
    largest = protocol.extremes[1]
    if protocol.drive == "current":
        largest *= film.voltage_scale**2 / film.power_scale
    error, circuit_error = float(numerics.error), float(numerics.circuit_error)
    tolerance = Tolerance(error, float(numerics.relative_error), circuit_error, largest)
    return Stepper(newton, substrate, tolerance, memory(config), config.circuit.series)
