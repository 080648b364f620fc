"""Periods of a signal, and what tells an oscillation from a transient that dies or drifts."""

import numpy as np
import pytest

from mitmodels.drive.oscillation import Oscillation, Sample

PERIOD = 2e-6


def fed(signal, end=15 * PERIOD, steps=600, found=None):
    """Periods of a signal of time and its rate, at steps of uneven lengths."""
    found = found or Oscillation(5, 1e-3)
    times = end * (np.arange(steps) / steps) ** 1.1
    for t in times:
        value, rate = signal(t)
        found.add(Sample(t, value, rate, 3.0 * t))
    return found


def ringing(decay=0.0, chirp=0.0, offset=2.0):
    """Cosine whose swing decays per period and whose period changes by as much."""

    def signal(t):
        w, a = 2 * np.pi / PERIOD, decay / PERIOD
        phase = w * t * (1 + chirp * t / PERIOD)
        slope = w * (1 + 2 * chirp * t / PERIOD)
        size = np.exp(-a * t)
        return offset + size * np.cos(phase), -size * (a * np.cos(phase) + slope * np.sin(phase))

    return signal


def test_periods_swing_energy_and_duty_of_a_steady_one():
    found = fed(ringing())
    assert len(found.equal) == 5
    for cycle in found.equal:
        assert cycle.period == pytest.approx(PERIOD, rel=1e-4)
        assert cycle.high - cycle.low == pytest.approx(2.0, rel=1e-3)
        assert cycle.energy == pytest.approx(3.0 * PERIOD, rel=1e-4)
        assert cycle.above / cycle.period == pytest.approx(0.5, abs=0.02)
    assert not found.has_settled


@pytest.mark.parametrize("changes", [{"decay": 0.01}, {"chirp": 0.005}])
def test_one_that_dies_or_drifts_is_none(changes):
    found = fed(ringing(**changes))
    assert len(found.cycles) > 10
    assert not found.equal


def test_a_transient_that_has_died_has_settled():
    found = fed(ringing(decay=1.5), end=40 * PERIOD, steps=4000)
    assert found.has_settled
    assert not found.equal


def test_a_charge_is_no_period():
    tau = PERIOD
    found = fed(lambda t: (1 - np.exp(-t / tau), np.exp(-t / tau) / tau))
    assert found.has_settled
    assert not found.cycles


@pytest.mark.parametrize("split", [1, 7, 300])
def test_goes_on_to_the_last_bit(split):
    signal, times = ringing(0.01, 0.002), np.linspace(0, 8 * PERIOD, 600)
    whole, begun = Oscillation(5, 1e-3), Oscillation(5, 1e-3)
    for number, t in enumerate(times):
        if number == split:
            begun = Oscillation(5, 1e-3, begun.content())
        for found in (whole, begun):
            found.add(Sample(t, *signal(t), 3.0 * t))
    assert whole.cycles
    assert begun.cycles == whole.cycles
    assert np.array_equal(begun.content(), whole.content())


def test_a_rise_through_a_middle_that_moves_up_is_one():
    """A saw tooth whose swing grows by a tenth: each rise meets the old and the new middle."""

    def saw(t):
        n, phase = divmod(t / PERIOD, 1.0)
        return phase * 1.1**n, 1.1**n / PERIOD

    cycles = fed(saw, steps=6000).cycles
    assert len(cycles) in (12, 13)
    assert [cycle.period for cycle in cycles] == pytest.approx([PERIOD] * len(cycles), rel=0.1)
