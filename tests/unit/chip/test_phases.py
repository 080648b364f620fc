"""Spikes, phases and order of oscillators that are known."""

import numpy as np
import pytest

from mitmodels.chip.phases import order_parameter, phases, spike_times


def test_spikes_are_where_a_wave_rises_through_its_middle():
    t = np.linspace(0, 5, 2001)
    np.testing.assert_allclose(
        spike_times(t, 3 - np.cos(2 * np.pi * t)), np.arange(5) + 0.25, atol=1e-5
    )


@pytest.mark.parametrize(("shift", "order"), [(0.0, 1.0), (0.5, 0.0), (0.25, np.sqrt(0.5))])
def test_order_of_two_oscillators_is_that_of_their_shift(shift, order):
    t = np.linspace(2, 8, 13)
    phase = phases([np.arange(10.0), np.arange(10.0) + shift], t)
    np.testing.assert_allclose(order_parameter(phase), order, atol=1e-12)


def test_oscillators_of_unlike_periods_come_and_go():
    phase = phases([np.arange(0, 20, 1.0), np.arange(0, 20, 1.1)], np.array([0.0, 5.5, 11.0]))
    np.testing.assert_allclose(order_parameter(phase), [1.0, 0.0, 1.0], atol=1e-9)
