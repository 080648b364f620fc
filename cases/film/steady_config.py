"""A steady experiment on a film: its TOML file, and what must hold before anything is solved."""

from collections.abc import Mapping
from dataclasses import dataclass

from mpi4py import MPI

from mitmodels.cases.config.observed import check_observed
from mitmodels.cases.film.config import SteadyConfig
from mitmodels.cases.film.device import PreparedFilm, build_device
from mitmodels.cases.film.forecast import report
from mitmodels.cases.film.heat_storage import check_nodes, faults
from mitmodels.cases.film.laws.phases import HysteresisLaw
from mitmodels.cases.film.laws.substrate import SheetSection
from mitmodels.cases.runs.further_columns import check_places, further_columns
from mitmodels.drive.observable import Level, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Ramp
from mitmodels.errors import InputError
from mitmodels.film.observables import STEADY_FILM, shown_on

_ITERATIONS = 250  # of Newton's method along a branch
_MOST_NODES = 100_000  # of a film whose complex factors fit a workstation
# An impedance takes as long as about four of them; those for one critical value at every state.
_PER_IMPEDANCE, _PER_ELEMENT = 4, 800


Config = SteadyConfig


@dataclass(frozen=True, eq=False)
class Prepared(PreparedFilm[Config]):
    """A checked configuration with its mesh."""

    @property
    def limit(self) -> float:
        """Highest value of the drive [V or A], to which the branch is followed."""
        return self.protocol.extremes[1]

    @property
    def until(self) -> tuple[Until, ...]:
        """Conditions that end the branch before that."""
        return tuple(until for step in self.protocol.unrolled(most=1) for until in step.until)

    @property
    def reads(self) -> tuple[Level, ...]:
        """Values at which states are read besides."""
        steps = self.protocol.unrolled(most=1)
        return tuple(dict.fromkeys(level for step in steps for level in step.read_at))

    @property
    def compliance(self) -> float:
        """Limit of the current [A], at which the branch ends; infinite for none."""
        return self.config.circuit.series.limit


def prepare(config: Config, comm: MPI.Comm) -> Prepared:
    """Check what the sections mean together, and mesh.

    Raises
    ------
    InputError
        If the protocol is not a quasi-static sweep from zero, or the sections do not go together.
    """
    protocol = config.checked_protocol(STEADY_FILM)
    if config.circuit.compliance_softness:
        raise InputError(
            "circuit.compliance_softness is for films in time: at a soft limit only the limiter's "
            "voltage goes on changing, which no steady state of the film shows: remove it"
        )
    if config.circuit.series_capacitance:
        raise InputError(
            "circuit.series_capacitance lets no steady current through: remove it, or go in time "
            'with case = "film_transient"'
        )
    if isinstance(config.film, HysteresisLaw):
        raise InputError(
            f"film.law = {config.film.law!r} makes states depend on how they were reached, which "
            'a branch of steady states does not follow: use case = "film_transient" with slow ramps'
        )
    _check_sweep(protocol)
    _check_stored(config, protocol)
    _check_small_signal(config, protocol)
    device = build_device(config, comm)
    shown, output = shown_on(STEADY_FILM, device.plan.names), config.output
    check_observed(shown, protocol, output.fields_at)
    check_observed(shown, protocol, output.impedance_at.states, "output.impedance_at.states")
    further_columns(output, {**STEADY_FILM.units, "stable": ""})
    check_places(device.layer, output.probes)
    if config.heat_capacity and output.follows_heat:
        check_nodes(device, config.heat_capacity)
        if device.nodes > _MOST_NODES:
            raise InputError(
                f"mesh: {device.nodes} nodes are too many for small signals, whose linear systems "
                f"every rank solves whole, up to {_MOST_NODES}: give a larger mesh.size or "
                "mesh.edge_size"
            )
    return Prepared(config, device, protocol)


def _check_sweep(protocol: Protocol) -> None:
    """Refuse what the branch of steady states from zero to the highest value does not show."""
    unit, highest = protocol.unit, protocol.extremes[1]
    steps = list(protocol.unrolled(most=1))
    ramps = [step for step in steps if isinstance(step, Ramp)]
    if ramps != steps or any(ramp.rate or ramp.duration for ramp in ramps):
        raise InputError(
            "protocol: lsmo_iv follows steady states: give ramps without rate and duration"
        )
    if highest == 0:
        raise InputError(f"protocol: nothing is driven: give a ramp to more than 0 {unit}")
    for turn in (end for sweep in protocol.sweeps(most=2) for end in sweep):
        if turn not in (0, highest):
            raise InputError(
                f"protocol: the source turns or ends at {turn:g} {unit}, but the branch of steady "
                f"states is followed from 0 {unit} to {highest:g} {unit}, for both directions: "
                "ramp to one of them instead"
            )
    rise = next(number for number, ramp in enumerate(ramps) if ramp.to == highest)
    for number, ramp in enumerate(ramps):
        if ramp.until and number != rise:
            raise InputError(
                f"protocol.{number}.until: the branch of steady states is followed on the ramp to "
                f"its highest value, step {rise}: give the conditions there"
            )


def _check_stored(config: Config, protocol: Protocol) -> None:
    highest, output = protocol.extremes[1], config.output
    stability_at = output.stability_at.V_source
    if stability_at and protocol.drive == "current":
        raise InputError(
            "output.stability_at.V_source needs a source of voltage, but the protocol drives the "
            "current: remove it"
        )
    if stability_at and isinstance(config.substrate, SheetSection):
        raise InputError(
            "output.stability_at needs the half-space, whose heat it perturbs: remove it"
        )
    listed = {"fields_at": output.fields_at, "impedance_at.states": output.impedance_at.states}
    if protocol.drive == "current":
        listed = {}
    asked = [(name, values.get("V_source", ())) for name, values in listed.items()]
    for name, voltages in (*asked, ("stability_at", stability_at)):
        for voltage in voltages:
            if not 0 < voltage <= highest:
                raise InputError(
                    f"output.{name}.V_source = {voltage.given} is never reached: the protocol goes "
                    f"from 0 V to {highest:g} V"
                )


def _check_small_signal(config: Config, protocol: Protocol) -> None:
    """Refuse what has no small signals in time, and elements that do nothing in the circuit."""
    capacity, circuit, output = config.heat_capacity, config.circuit.series, config.output
    elements = output.critical.elements
    found = {
        "heat_capacity is missing: small signals are followed by heat: give it, or remove "
        "output.impedance_at and output.critical": output.follows_heat and capacity is None,
        "output.critical.elements: an inductance does not change what a source of current imposes, "
        "but the protocol drives the current: remove it": protocol.drive == "current"
        and "inductance" in elements,
        "output.critical.elements: a capacitance across an ideal source changes nothing: give "
        "circuit.load": protocol.drive == "voltage"
        and "capacitance" in elements
        and not (circuit.load or circuit.inductance),
    }
    if capacity and output.follows_heat:
        found |= faults(config, capacity, "heat_capacity")
    for message, wrong in found.items():
        if wrong:
            raise InputError(message)


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be solved."""
    device = prepared.device
    dense = device.nodes**2 * 8 * 4 / 2**20 if device.is_dense else 0.0
    drive = f"0 to {prepared.limit:g} {prepared.protocol.unit}, quasi-static"
    output = prepared.config.output
    impedances = _PER_ELEMENT * len(output.critical.elements)
    impedances += output.impedance_at.count * sum(map(len, output.impedance_at.states.values()))
    iterations = _ITERATIONS + _PER_IMPEDANCE * impedances
    return report(prepared, drive, dense + device.plan_nodes * 5e-3, iterations)
