"""The drive: exact at corners, continuous, and ended by the first condition."""

import math
from itertools import accumulate, islice, pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitmodels.drive.observable import Level, Until
from mitmodels.drive.protocol import Protocol
from mitmodels.drive.steps import Hold, Pulse, Ramp, Repeat, Sine, Table
from mitmodels.drive.waveform import Waveform

SET = Protocol("voltage", (Ramp(2.0, rate=1.0), Ramp(0.0, rate=1.0)))
SWEEP = Protocol("voltage", (Ramp(55.0), Ramp(0.0)))
PULSE = Pulse(1.5, width=1e-6, rise=1e-8, fall=2e-8, period=1e-5)


def test_steady_sweep_tells_how_far_to_trace_and_in_which_directions():
    assert SWEEP.quasi_static
    assert SWEEP.extremes == (0.0, 55.0)
    assert list(SWEEP.sweeps()) == [(0.0, 55.0), (55.0, 0.0)]


def test_sweeps_join_what_continues_in_one_direction():
    steps = (Ramp(1.0), Ramp(3.0), Hold(1.0), Ramp(4.0), Pulse(9.0, 1.0, 1.0), Ramp(-2.0))
    protocol = Protocol("current", steps, start=0.5)
    assert list(protocol.sweeps()) == [(0.5, 9.0), (9.0, -2.0)]
    assert protocol.extremes == (-2.0, 9.0)


def test_triangle_is_exact_at_its_corners_and_lasts_four_seconds():
    up, down = SET.waveforms()
    assert (up(0.0), up(1.25), up(2.0), down(2.0), down(3.5), down(4.0)) == (0, 1.25, 2, 2, 0.5, 0)
    assert SET.duration == 4.0
    assert not SET.quasi_static


def test_pulse_has_corners_where_it_says():
    drive = PULSE.waveform(1.0, 0.1)
    since = [time - 1.0 for time in drive.times]
    assert since == pytest.approx([0.0, 1e-8, 1.01e-6, 1.03e-6, 1e-5], rel=1e-7, abs=1e-15)
    assert drive.values == (0.1, 1.5, 1.5, 0.1, 0.1)
    stops = [1.0]
    while (stop := drive.next_stop(stops[-1])) is not None:
        stops.append(stop)
    assert stops == list(drive.times)
    assert drive(1.0 + 5e-6) == 0.1


def test_pulse_falls_as_it_rises_and_ends_with_the_fall_unless_told_otherwise():
    drive = Pulse(1.0, width=2.0, rise=0.5).waveform(0.0, 0.0)
    assert drive.times == (0.0, 0.5, 2.5, 3.0)


def test_repetitions_are_written_out_in_order_and_counted_in_the_duration():
    cycle = Repeat(3, (Ramp(1.0, rate=1.0), Ramp(-1.0, duration=3.0)))
    protocol = Protocol("voltage", (cycle, Hold(0.5)))
    assert [type(step).__name__ for step in protocol.unrolled()] == ["Ramp", "Ramp"] * 3 + ["Hold"]
    last = list(protocol.waveforms())[-1]
    assert protocol.duration == last.stop == 1 + 3 + 2 * (2 + 3) + 0.5
    assert protocol.shortest == 0.5
    assert list(protocol.sweeps())[:3] == [(0.0, 1.0), (1.0, -1.0), (-1.0, 1.0)]


def test_endless_repetition_costs_nothing_until_it_is_run():
    protocol = Protocol("voltage", (Repeat(10**12, (Ramp(1.0, rate=1.0), Ramp(0.0, rate=1.0))),))
    assert protocol.duration == 2e12
    assert protocol.extremes == (0.0, 1.0)
    assert len(list(islice(protocol.waveforms(), 5))) == 5


def test_ramp_that_has_arrived_takes_no_time():
    drive = Ramp(2.0, rate=1.0).waveform(1.0, 2.0)
    assert (drive.start, drive.stop, drive(1.0)) == (1.0, 1.0, 2.0)
    almost = Ramp(2.0, rate=1.0).waveform(100.0, math.nextafter(2.0, 0))
    assert (almost.stop, almost(100.0)) == (100.0, 2.0)
    assert drive.next_stop(1.0) is None


def test_step_ended_early_is_continued_from_where_it_was():
    up, down = SET.unrolled()
    drive = up.waveform(0.0, 0.0)
    time = 1.78
    after = down.waveform(time, drive(time))
    assert after(time) == drive(time)
    assert after.stop == pytest.approx(2 * time, rel=1e-15)


def test_crossings_are_found_once_each():
    drive = Waveform((0.0, 1.0, 2.0, 4.0), (0.0, 2.0, 2.0, 0.0))
    assert drive.crossings(1.0) == (0.5, 3.0)
    assert drive.crossings(2.0) == (1.0,)
    assert drive.crossings(0.0) == (0.0, 4.0)
    assert drive.crossings(3.0) == ()


values = st.floats(-1e3, 1e3)
spans = st.floats(1e-3, 1e3)
steps = st.one_of(
    st.builds(Ramp, to=values, duration=spans),
    st.builds(Ramp, to=values, rate=spans),
    st.builds(Hold, duration=spans),
    st.lists(st.tuples(spans, values), min_size=1, max_size=4).map(
        lambda points: Table(
            tuple(accumulate(span for span, _ in points)), tuple(value for _, value in points)
        )
    ),
    st.builds(Pulse, value=values, width=spans, rise=spans, fall=spans),
)


@given(st.lists(steps, min_size=1, max_size=6).map(tuple), values)
def test_any_protocol_is_continuous_within_its_extremes_and_as_long_as_its_steps(steps, start):
    protocol = Protocol("voltage", steps, start)
    drives = list(protocol.waveforms())
    for before, after in pairwise(drives):
        assert before.stop == after.start
        assert before(before.stop) == pytest.approx(after(after.start), rel=0, abs=1e-9)
    low, high = protocol.extremes
    for drive in drives:
        middle = 0.5 * (drive.start + drive.stop)
        assert low - 1e-9 <= drive(middle) <= high + 1e-9
        assert all(drive(time) == value for time, value in zip(drive.times, drive.values))  # noqa: B905
    assert protocol.duration == pytest.approx(drives[-1].stop, rel=1e-12)
    sweeps = list(protocol.sweeps())
    assert all(first[1] == then[0] for first, then in pairwise(sweeps))
    assert all((a[1] > a[0]) != (b[1] > b[0]) for a, b in pairwise(sweeps))


@pytest.mark.parametrize(
    ("relation", "before", "after", "met"),
    [
        (">", 0.0, 4.0, True),
        (">", 0.0, 1.0, True),  # landed on
        (">", 1.0, 2.0, False),  # was there when the step began
        (">", 2.0, 0.0, False),  # passed the wrong way
        ("<", 2.0, 0.0, True),
        ("<", 1.0, 0.0, False),
        ("<", 0.0, 2.0, False),
    ],
)
def test_limit_is_met_from_one_side_only(relation, before, after, met):
    assert Until("I", relation, 1.0).reached(before, after) == met


def nested(depth):
    step = Ramp(1.0)
    for _ in range(depth):
        step = Repeat(2, (step,))
    return step


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Ramp(1.0, rate=1.0, duration=1.0), "a rate or a duration: leave one of them out"),
        (lambda: Ramp(1.0, rate=-1.0), "rate of a ramp must be positive, not -1"),
        (lambda: Ramp(1.0, duration=0.0), "duration of a ramp must be positive, not 0"),
        (lambda: Hold(math.inf), "duration of a hold must be positive, not inf"),
        (
            lambda: Hold(1.0, read_at=(Level("time", 2.0),)),
            "a hold of 1 s cannot be read after 2 s",
        ),
        (lambda: Pulse(1.0, 0.0, 1.0), "width of a pulse must be positive"),
        (lambda: Pulse(1.0, 1.0, 1.0, -1.0), "fall of a pulse must be positive"),
        (lambda: Pulse(1.0, 1.0, 1.0, period=2.0), "a pulse of 3 s needs a longer period than 2 s"),
        (
            lambda: Pulse(1.0, 1.0, 1.0, read_at=(Level("time", 4.0),)),
            "a pulse of 3 s cannot be read after 4 s",
        ),
        (lambda: Repeat(0, (Hold(1.0),)), "repeat needs steps and times of at least 1, not 0"),
        (lambda: Repeat(2, ()), "repeat needs steps"),
        (lambda: nested(5), "repeat can be nested 4 deep"),
        (lambda: Protocol("voltage", ()), "a protocol needs at least one step"),
        (
            lambda: Protocol("voltage", (Ramp(2.0, read_at=(Level("drive", 3.0),)),)),
            "the ramp from 0 to 2 V never passes its read_at 3 V",
        ),
        (lambda: SWEEP.duration, "the ramp to 55 takes no time: give it a rate or a duration"),
        (
            lambda: Ramp(1.0, duration=1e-12).waveform(1e6, 0.0),
            "the drive changes at 1e.06 s in less than the clock resolves",
        ),
    ],
)
def test_what_makes_no_drive_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_sine_is_one_and_is_found_where_it_comes_to_a_value():
    drive = Sine(2.0, period=4e-6, duration=8e-6).waveform(1e-6, 3.0)
    for t in np.linspace(1e-6, 9e-6, 41):
        assert drive(t) == pytest.approx(3 + 2 * np.sin(2 * np.pi * (t - 1e-6) / 4e-6), abs=1e-12)
    assert drive.stop == pytest.approx(9e-6)
    found = drive.crossings(4.5)
    assert len(found) == 4
    for t in found:
        assert drive(t) == pytest.approx(4.5, abs=1e-12)


def test_sine_of_a_part_of_a_period_is_refused():
    with pytest.raises(ValueError, match="no whole number of periods"):
        Sine(1.0, period=4e-6, duration=9e-6)


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [
        ((1.0, 2.0), (3.0,), "2 times and 1 values"),
        ((0.0,), (0.0,), "a time after the beginning"),
        ((1.0, 1.0), (0.0, 1.0), "must increase: 1 s does not"),
        ((2.0, 1.0), (0.0, 1.0), "must increase: 1 s does not"),
        ((-1.0, 1.0), (0.0, 1.0), "must increase: -1 s does not"),
    ],
)
def test_table_without_a_line_is_refused(times, values, message):
    with pytest.raises(ValueError, match=message):
        Table(times, values)


def test_table_begins_where_the_source_is():
    table = Table((0.0, 2.0), (1.0, 5.0))
    assert table.waveform(3.0, 1.0)(4.0) == 3.0
    with pytest.raises(ValueError, match="a table begins at 1 where the source is at 0"):
        table.waveform(3.0, 0.0)
