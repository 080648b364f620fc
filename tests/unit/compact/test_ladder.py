"""Thermal ladder: the impedance of known stages, and the step response that follows from it."""

import numpy as np
import pytest

from mitmodels.compact.ladder import Ladder, fit_ladder

OMEGA = np.logspace(1, 8, 40)


def test_one_stage_is_found():
    impedance = 1 / (1 + 1j * OMEGA[None] * 3e-5)
    ladder = fit_ladder(OMEGA, impedance, 1)
    assert ladder.times[0] == pytest.approx(3e-5, rel=0.5)
    assert ladder.error < 0.3


@pytest.mark.parametrize(("stages", "error"), [(2, 0.1), (4, 0.03), (8, 0.006)])
def test_step_of_a_half_space_is_followed(stages, error):
    """A wide spot on a half-space: Z = 1/(1 + sqrt(p t)), step response 1 - exp(t) erfc(sqrt t)."""
    from scipy.special import erfcx

    t0 = 1e-4
    ladder = fit_ladder(OMEGA, 1 / (1 + np.sqrt(1j * OMEGA[None] * t0)), stages)
    t = np.logspace(-6, -2, 50)
    exact = 1 - erfcx(np.sqrt(t / t0))
    assert np.abs(ladder.step_response(t)[0] - exact).max() < error
    assert ladder.weights.min() >= 0
    assert ladder.weights.sum() == pytest.approx(1)


def test_steps_are_those_of_the_stages():
    ladder = Ladder(np.array([1.0, 10.0]), np.array([[0.25, 0.75]]), 0.0)
    assert ladder.step_response([0.0, 1e3])[0] == pytest.approx([0, 1])
    assert ladder.step_response([1.0])[0, 0] == pytest.approx(1 - 0.25 / np.e - 0.75 * np.exp(-0.1))
