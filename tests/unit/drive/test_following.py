"""A protocol is followed, and steps land on what is asked for, on a device of known solution."""

import math
from dataclasses import dataclass

import pytest

from mitmodels.drive.following import Position, expected, follow
from mitmodels.drive.landing import Crossing, land
from mitmodels.drive.observable import Level, Observable, Observables, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Hold, Pulse, Ramp
from mitmodels.film.observables import FILM


@dataclass(frozen=True)
class Point:
    """A device that shows its drive, ten decades per volt of current, and its time."""

    time: float
    V: float
    events: tuple[str, ...] = ()


SHOWN = Observables(
    "a diode",
    (
        Observable("t", "s", lambda point: point.time),
        Observable("V", "V", lambda point: point.V),
        Observable("I", "A", lambda point: 1e-12 * math.exp(10 * point.V)),
    ),
    {"time": "t"},
)
STEP = 0.3  # [s]


def march(segment, before):
    stop = segment.drive.next_stop(before.time)
    duration = min(STEP, stop - before.time)

    def attempt(duration):
        time = before.time + duration
        return Point(time, segment.drive(time))

    end = Point(stop, segment.drive(stop)) if duration == stop - before.time else attempt(duration)
    landed = land(before, end, duration, segment.crossings, attempt)
    return Point(landed.point.time, landed.point.V, landed.events)


def history(*steps, fields=None, position=None, begin=None):
    protocol = Protocol("voltage", steps)
    fields = {name: Level(*level) for name, level in (fields or {}).items()}
    start = position or Position(), begin or Point(0.0, 0.0)
    return list(follow(protocol, SHOWN, fields, *start, march))


def met(found):
    return {name: accepted.point for accepted in found for name in accepted.events}


def test_every_step_ends_at_the_first_of_its_conditions_and_the_next_begins_there():
    up = Ramp(2.0, rate=1.0, until=(Until("I", ">", 1e-6), Until("V", ">", 1.5)))
    down = Ramp(0.0, rate=1.0, until=(Until("time", ">", 0.25),))
    *_, last = found = history(up, down)
    ends = met(found)
    assert SHOWN.find("I").read(ends["step ended: I > 1e-06"]) == pytest.approx(1e-6, rel=1e-6)
    assert "step ended: V > 1.5" not in ends
    turn = math.log(1e6) / 10
    assert last.point.time == pytest.approx(turn + 0.25, rel=1e-6)
    assert pytest.approx(turn - 0.25, rel=1e-6) == last.point.V


def test_a_condition_that_holds_ends_a_step_only_when_it_holds_again():
    pulse = Pulse(1.0, width=0.5, rise=0.5, until=(Until("V", "<", 0.3),))
    *_, last = history(pulse)
    assert pytest.approx(0.3, rel=1e-6) == last.point.V
    assert last.point.time == pytest.approx(1.35, rel=1e-6)


def test_values_are_met_once_per_step_in_either_direction():
    levels = {"at I": ("I", 1e-9), "at t": ("t", 0.45), "never": ("V", 7.0)}
    triangle = Pulse(1.0, width=1e-3, rise=1.0)
    found = history(triangle, Ramp(1.0, rate=1.0), fields=levels)
    at = [(a.position.number, a.point) for a in found if "fields: at I" in a.events]
    assert [number for number, _ in at] == [0, 1]
    for _, point in at:
        assert SHOWN.find("I").read(point) == pytest.approx(1e-9, rel=1e-6)
    assert met(found)["fields: at t"].time == 0.45
    assert "fields: never" not in met(found)
    (first,) = [a for a in found if "fields: at I" in a.events and a.position.number == 0]
    again = history(triangle, fields=levels, position=first.position, begin=first.point)
    assert again[0].point.time > first.point.time
    assert "fields: at I" not in met(again)


def test_read_outs_are_points_of_the_table_whatever_they_are_values_of():
    reads = (Level("drive", 0.5), Level("I", 1e-10), Level("time", 0.1), Level("t", 0.77))
    found = history(Ramp(1.0, rate=1.0, read_at=reads), Hold(1.0, read_at=(Level("time", 0.5),)))
    times = [accepted.point.time for accepted in found]
    assert {0.1, 0.5, 0.77, 1.5} <= set(times)
    assert pytest.approx(math.log(100) / 10, rel=1e-6) == met(found)["read: I = 1e-10"].V


def test_what_is_asked_for_at_the_beginning_of_a_step_is_met_at_the_point_before():
    hold = Hold(0.5, read_at=(Level("time", 0.0), Level("drive", 1.0)))
    found = history(Ramp(1.0, rate=1.0), hold)
    (begun,) = [accepted for accepted in found if not accepted.new]
    assert begun.events == ("read: time = 0", "read: drive = 1")
    assert (begun.point.time, begun.position.number) == (1.0, 1)
    again = history(Ramp(1.0, rate=1.0), hold, position=begun.position, begin=begun.point)
    assert all(accepted.new for accepted in again)


def test_what_a_protocol_waits_for_has_words():
    reads = (Level("T_max", 500.0), Level("drive", 0.5))
    ramp = Ramp(1.0, until=(Until("I", ">", 1e-3),), read_at=reads)
    assert expected(Protocol("voltage", (ramp,)), FILM, {"a": Level("V", 3.0)}) == {
        "fields: a": "fields_at V = 3 V",
        "step ended: I > 0.001": "until I > 0.001 A",
        "read: T_max = 500": "read_at T_max = 500 K",
        "read: drive = 0.5": "read_at drive = 0.5 V",
    }


@pytest.mark.parametrize("decades", [1, 5, 12])
def test_landing_on_a_quantity_that_grows_exponentially_takes_few_steps(decades):
    tried = []

    def attempt(duration):
        tried.append(duration)
        return Point(duration, duration)

    grown = lambda point: 10 ** (decades * point.V)  # noqa: E731
    crossing = Crossing("met", grown, 3.0)
    landed = land(Point(0.0, 0.0), Point(1.0, 1.0), 1.0, [crossing], attempt)
    assert landed.events == ("met",)
    assert grown(landed.point) == pytest.approx(3.0, rel=1e-6)
    assert len(tried) < 8


def test_landing_on_a_quantity_that_is_nearly_straight_takes_four_steps():
    """As a current within one step of a filament: two times itself."""
    tried = []

    def attempt(duration):
        tried.append(duration)
        return Point(duration, duration)

    crossing = Crossing("met", lambda point: 1 + point.V + 0.2 * point.V**2, 1.35)
    landed = land(Point(0.0, 0.0), Point(1.0, 1.0), 1.0, [crossing], attempt)
    assert landed.duration == pytest.approx((math.sqrt(1 + 0.8 * 0.35) - 1) / 0.4, rel=1e-5)
    assert len(tried) <= 4


def test_a_quantity_that_begins_infinite_is_landed_on():
    """The resistance of a gap through which nothing tunnels yet."""
    read = lambda point: 1e6 * math.exp(20 * (1 - point.V)) if point.V > 0.3 else math.inf  # noqa: E731
    landed = land(
        Point(0.0, 0.0), Point(1.2, 1.2), 1.2, [Crossing("met", read, 1e6)], lambda t: Point(t, t)
    )
    assert pytest.approx(1.0, rel=1e-6) == landed.point.V


def test_a_quantity_that_a_device_does_not_show_is_refused_with_those_it_shows():
    with pytest.raises(ValueError, match=r"^a diode does not show gap: use one of t, V, I$"):
        SHOWN.find("gap")
