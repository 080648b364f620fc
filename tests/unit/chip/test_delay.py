"""Heat that takes its time from one film to another: against the error function of Carslaw."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import erfc

from mitmodels.solvers.chip.delay import DelayedExchange

KAPPA, D = 8.0, 3e-6
DISTANCES = np.array([30e-6, 80e-6, 200e-6])


def _exchange():
    """A source, one point, and a film of three points that it heats."""
    apart = np.full((4, 4), np.inf)
    apart[0, 1:] = apart[1:, 0] = DISTANCES
    return SimpleNamespace(
        points=np.zeros((4, 2)),
        distances=apart,
        slices=[slice(0, 1), slice(1, 4)],
        charges=np.concatenate,
        charge=lambda _number, heat: heat,
        to_film=lambda _number, values: values,
    )


def test_a_step_of_heat_arrives_when_it_does():
    """A watt from the time zero on, in steps of any length."""
    delayed = DelayedExchange(_exchange(), KAPPA, D, 1e-2)
    delayed.start([np.zeros(1), np.zeros(3)])
    warm, far = delayed.surroundings(1), 2 * np.pi * KAPPA * DISTANCES
    rng = np.random.default_rng(1)
    delayed.record(0, 1e-12, np.ones(1))
    end = 1e-12
    for step in 10.0 ** rng.uniform(-8, -4, 60):
        end += step
        delayed.record(0, end, np.ones(1))
        delayed.record(1, end, np.zeros(3))
        exact = erfc(DISTANCES / np.sqrt(4 * D * end)) / far
        rise, rate = warm(end)
        assert np.abs(rise - exact).max() < 3e-4 / far.min()
        later, _ = warm(end + 1e-9)
        assert (later - rise) / 1e-9 == pytest.approx(rate, rel=1e-2, abs=1.0)
    assert warm(end)[0][0] > 0.6 / far[0]


def test_heat_that_was_always_there_is_steady():
    delayed = DelayedExchange(_exchange(), KAPPA, D, 1.0)
    delayed.start([np.ones(1), np.zeros(3)])
    rise, rate = delayed.surroundings(1)(0.0)
    np.testing.assert_allclose(rise, 1 / (2 * np.pi * KAPPA * DISTANCES), rtol=5e-3)
    assert np.all(rate == 0)


def test_nearly_nothing_arrives_within_the_longest_step():
    longest = DelayedExchange.longest_step(30e-6, D)
    assert erfc(30e-6 / np.sqrt(4 * D * longest)) < 5e-3
