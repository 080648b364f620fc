"""Events of a film in time: its barrier, the limits of source and run, the end of a law."""

from collections.abc import Callable, Iterator

from mitmodels.cases.film.switching import EXTINGUISHED, FULL, NUCLEATES, Accepted
from mitmodels.cases.film.transient_config import Prepared
from mitmodels.drive.landing import Crossing
from mitmodels.drive.observable import Observables
from mitmodels.film.observables import READ_AT, OperatingPoint
from mitmodels.solvers.film.transient.source import Source
from mitmodels.solvers.film.transient.tr_bdf2 import TransientState

_AFTERGLOW = 0.1  # of all the heating: what a falling drive may add behind the end of a law
COMPLIANCE, RELEASED = "compliance", "compliance released"
OVERVOLTAGE, OVERHEATED = "voltage compliance", "maximum temperature"


def observables(prepared: Prepared) -> Observables[TransientState]:
    """Observed quantities of a state in time, behind the load resistor."""
    load, circuit = prepared.load, prepared.config.circuit.series

    def seen(at: TransientState) -> OperatingPoint:
        stored = circuit.energy(at.circuit)
        return OperatingPoint(at.state.reading, load, at.time, at.work, at.circuit, stored)

    return prepared.shown.of(seen)


def own_crossings(
    prepared: Prepared, shown: Observables[TransientState], source: Callable[[float], Source]
) -> Iterator[Crossing[TransientState]]:
    """What the barrier does, the end of the film's law, and the limits of run and source."""
    config = prepared.config
    hottest, edge, voltage = (shown.find(n).read for n in ("T_max", "T_edge", "V_device"))
    hot = float(config.film.barrier_temperature)
    yield Crossing(NUCLEATES, hottest, hot, ">")
    yield Crossing(EXTINGUISHED, hottest, hot, "<")
    if READ_AT["T_edge"] in prepared.device.plan.names:
        yield Crossing(FULL, edge, hot, ">")
    for until, event in prepared.end_of_law:
        yield Crossing(event, hottest, until.limit, ">")
    if config.limits.voltage:
        yield Crossing(OVERVOLTAGE, voltage, float(config.limits.voltage), ">")
    if config.limits.temperature:
        yield Crossing(OVERHEATED, hottest, float(config.limits.temperature), ">")
    if source(0.0).is_limited:
        yield from _compliance(source)


def _compliance(source: Callable[[float], Source]) -> Iterator[Crossing[TransientState]]:
    """Where the limit of the current comes into force, and where it no longer is."""

    def excess(at: TransientState) -> float:
        return source(at.time).excess(at.circuit)

    yield Crossing(COMPLIANCE, excess, 0.0, ">", scale=1.0)
    yield Crossing(RELEASED, excess, 0.0, "<", scale=1.0)


def ending(prepared: Prepared, accepted: Accepted) -> str:
    """Name of the limit that ends the run here, empty if none does.

    Where the film's law ends, a step of the protocol ends; where the next one heats the film on by
    more than the heat on its way explains, the run does.
    """
    limits, hottest = (OVERVOLTAGE, OVERHEATED), accepted.point.state.state.reading.T_max
    heating = hottest - float(prepared.config.ambient.temperature)
    beyond = [e for until, e in prepared.end_of_law if hottest - until.limit > _AFTERGLOW * heating]
    return next((event for event in (*accepted.events, *beyond) if event in (*limits, *beyond)), "")
