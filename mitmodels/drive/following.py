"""A protocol followed in time: its steps one after the other, each from where the last one ended.

Steps end early where a condition is met; states are read and stored where a quantity comes to a
value. How a device takes one time step is the business of its solver.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from typing import Protocol as Interface

from mitmodels.drive.landing import Crossing
from mitmodels.drive.observable import Level, Observables, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import SingleStep
from mitmodels.drive.waveform import Waveform

ENDED, READ, FIELDS = "step ended", "read", "fields"


@dataclass(frozen=True)
class Position:
    """Position in a protocol.

    Attributes
    ----------
    number : int
        Of the step.
    time, value : float
        Time [s] and drive [V or A] at its beginning.
    passed : tuple of str
        Names of the values that have been met in it.
    """

    number: int = 0
    time: float = 0.0
    value: float = 0.0
    passed: tuple[str, ...] = ()


class TimePoint(Interface):
    """A device at a point in time."""

    @property
    def time(self) -> float:
        """Time [s]."""

    @property
    def events(self) -> tuple[str, ...]:
        """Names of what is met here: of crossings, and of events of the device itself."""


@dataclass(frozen=True)
class Segment[M]:
    """One step of a protocol as it is driven.

    Attributes
    ----------
    step : SingleStep
    drive : Waveform
        Time steps land on its corners and read-outs.
    crossings : tuple of Crossing
        What time steps land on besides.
    scheduled : mapping
        Names of what is met at times that are known [s].
    """

    step: SingleStep
    drive: Waveform
    crossings: tuple[Crossing[M], ...]
    scheduled: Mapping[float, tuple[str, ...]]


@dataclass(frozen=True)
class Accepted[P: TimePoint, M]:
    """An accepted time step, its position in the protocol, and the names of what is met there.

    One that is not ``new`` is the last one again, at which a step begins with what is met in it.
    """

    position: Position
    segment: Segment[M]
    point: P
    events: tuple[str, ...]
    new: bool = True

    @property
    def value(self) -> float:
        """Value of the drive [V or A]."""
        return self.segment.drive(self.point.time)


def follow[P: TimePoint, M](
    protocol: Protocol,
    observables: Observables[M],
    fields: Mapping[str, Level],
    position: Position,
    point: P,
    advance: Callable[[Segment[M], P], P],
) -> Iterator[Accepted[P, M]]:
    """Follow a protocol from a point in time within one of its steps.

    Parameters
    ----------
    protocol
    observables
        Of what the crossings are looked for in, which need not be the points themselves.
    fields
        Values at whose first crossing within each step a state is stored, by their names.
    position, point
        Where to begin; the point is yielded only if something is met at it.
    advance
        Takes one time step from a point, at most to the next stop of the drive and to the first of
        the crossings, which it adds to the events of its end.
    """
    for number, step in enumerate(protocol.unrolled()):
        if number < position.number:
            continue
        segment = _segment(step, position, observables, fields)
        begun = segment.scheduled.get(position.time, ())
        if begun and not position.passed:
            position = _passing(position, begun)
            yield Accepted(position, segment, point, begun, new=False)
        while segment.drive.next_stop(point.time) is not None:
            ahead = tuple(c for c in segment.crossings if c.name not in position.passed)
            point = advance(replace(segment, crossings=ahead), point)
            events = (*point.events, *segment.scheduled.get(point.time, ()))
            position = _passing(position, events)
            yield Accepted(position, segment, point, events)
            if any(_kind(name) == ENDED for name in events):
                break
        position = Position(number + 1, point.time, segment.drive(point.time))


def expected(
    protocol: Protocol, observables: Observables[Any], fields: Mapping[str, Level]
) -> dict[str, str]:
    """Return what a protocol waits for: names of events, and how to call them in a sentence."""
    keys = {FIELDS: "fields_at", ENDED: "until", READ: "read_at"}
    found = {}
    for event, named in awaited(protocol, fields):
        name = named.quantity
        unit = protocol.unit if name == "drive" else observables.find(name).unit
        found[event] = f"{keys[_kind(event)]} {named} {unit}"
    return found


def awaited(protocol: Protocol, fields: Mapping[str, Level]) -> Iterator[tuple[str, Level | Until]]:
    """Yield what a protocol waits for, with the names of its events."""
    yield from ((f"{FIELDS}: {name}", level) for name, level in fields.items())
    for step in protocol.unrolled(most=1):
        yield from ((ending_name(until), until) for until in step.until)
        yield from ((reading_name(level), level) for level in step.read_at)


def _passing(position: Position, events: tuple[str, ...]) -> Position:
    met = [name for name in events if _kind(name) in (READ, FIELDS)]
    return replace(position, passed=tuple(dict.fromkeys((*position.passed, *met))))


def _kind(name: str) -> str:
    return name.partition(":")[0]


def ending_name(until: Until) -> str:
    """Name of the event that a condition is met."""
    return f"{ENDED}: {until}"


def reading_name(level: Level) -> str:
    """Name of the event that a value is met at which the state is read."""
    return f"{READ}: {level}"


def _segment[M](
    step: SingleStep, position: Position, observables: Observables[M], fields: Mapping[str, Level]
) -> Segment[M]:
    drive = step.waveform(position.time, position.value)
    crossings = []
    for until in step.until:
        since = position.time if until.quantity == "time" else 0.0
        read = observables.find(until.quantity).read
        crossings.append(Crossing(ending_name(until), read, since + until.limit, until.relation))
    scheduled: dict[float, tuple[str, ...]] = {}
    wanted = [(reading_name(level), level) for level in step.read_at]
    wanted += [(f"{FIELDS}: {name}", level) for name, level in fields.items()]
    for name, level in wanted:
        times = _times_on(drive, level)
        for t in (times or ())[: 1 if _kind(name) == FIELDS else None]:
            scheduled[t] = (*scheduled.get(t, ()), name)
        if times is None:
            read = observables.find(level.quantity).read
            crossings.append(Crossing(name, read, level.value))
    drive = replace(drive, reads=tuple(sorted(scheduled)))
    return Segment(step, drive, tuple(crossings), scheduled)


def _times_on(line: Waveform, level: Level) -> tuple[float, ...] | None:
    """Times [s] at which the drive, or time itself, comes to a level; None of another quantity."""
    if level.quantity == "drive":
        return line.crossings(level.value)
    if level.quantity not in ("t", "time"):
        return None
    t = level.value + (line.start if level.quantity == "time" else 0.0)
    return (t,) if line.start <= t <= line.stop else ()
