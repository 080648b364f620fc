"""The gap's master equation: mean, fluctuations, waveforms and the periodic state."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from mitmodels.point_contact.memory_state import MemoryState, occupation

STATE = MemoryState(0.01, 0.02, 0.12, 0.15, 0.1e-9, 1e-9)


def normalised(gap):
    return (gap - STATE.gap_min) / (STATE.gap_max - STATE.gap_min)


@pytest.mark.parametrize("rates", [(0.7, 0.3), (2.0, 0.0), (0.0, 0.5)])
def test_occupation_solves_the_rate_equation(rates):
    """1e-9 against an integrator, also with both rates acting."""
    rate_set, rate_reset = rates
    t = np.linspace(0, 5, 11)
    solution = solve_ivp(
        lambda _, rho: rate_set * (1 - rho) - rate_reset * rho,
        (0, 5),
        [0.2],
        t_eval=t,
        rtol=1e-12,
        atol=1e-14,
        method="DOP853",
    )
    np.testing.assert_allclose(occupation(t, rate_set, rate_reset, 0.2), solution.y[0], rtol=1e-9)


def gillespie(rng, V, end, conducting, particles, runs):
    """Jump every particle one by one: the number that conducts at the end of each run."""
    rate_set, rate_reset = STATE.rates(V)
    final = np.empty(runs)
    for run in range(runs):
        n, t = conducting, 0.0
        while True:
            up, down = rate_set * (particles - n), rate_reset * n
            if up + down == 0:
                break
            t += rng.exponential(1 / (up + down))
            if t > end:
                break
            n += 1 if rng.random() * (up + down) < up else -1
        final[run] = n
    return final


@pytest.mark.parametrize(("V", "end"), [(0.4, 1.5), (-0.4, 2.0)])
def test_moments_against_stochastic_simulation(V, end, record):
    """Mean and variance of 4000 runs within four standard errors."""
    particles, conducting, runs = 20, 8, 4000
    final = gillespie(np.random.default_rng(2024), V, end, conducting, particles, runs)
    mean, variance = STATE.moments(end, V, conducting, particles)
    fourth = np.mean((final - final.mean()) ** 4)
    off_mean = abs(final.mean() - mean) / np.sqrt(variance / runs)
    off_variance = abs(final.var(ddof=1) - variance) / np.sqrt((fourth - variance**2) / runs)
    record(f"gap statistics at {V} V, mean and variance", "4 sigma", max(off_mean, off_variance))
    assert off_mean < 4
    assert off_variance < 4
    rho = mean / particles
    assert rho == pytest.approx(STATE.transparency(end, V, conducting / particles), rel=1e-13)
    assert variance < particles * rho * (1 - rho)


def test_variance_falls_short_of_one_binomial():
    """By N rho0 (1 - rho0) exp(-2 w t): particles of two kinds, not of one."""
    particles, conducting, t, V = 50, 20, 1.0, 0.45
    mean, variance = STATE.moments(t, V, conducting, particles)
    rho, rho0, rate = mean / particles, conducting / particles, STATE.rates(V)[0]
    lack = particles * rho0 * (1 - rho0) * np.exp(-2 * rate * t)
    assert variance == pytest.approx(particles * rho * (1 - rho) - lack, rel=1e-12)


def test_tunnelling_factor_is_the_binomial_mean():
    """Summed over the 21 states of 20 particles; above the mean-field value (Jensen)."""
    particles, t, V, g0 = 20, 1.0, 0.5, 0.12e-9
    exact, mean_field = STATE.tunnelling_factor(t, V, 0, particles, g0)
    n = np.arange(particles + 1)
    gap = STATE.gap_max - (STATE.gap_max - STATE.gap_min) * n / particles
    rho = STATE.transparency(t, V, 0.0)
    weights = [math.comb(particles, k) * rho**k * (1 - rho) ** (particles - k) for k in n]
    assert exact == pytest.approx(np.sum(weights * np.exp(-gap / g0)), rel=1e-12)
    assert mean_field < exact
    later = STATE.tunnelling_factor(1e9, V, 3, particles, g0)
    np.testing.assert_allclose(later, np.exp(-STATE.gap_min / g0), rtol=1e-12)


def test_gap_at_constant_voltage_is_the_closed_form():
    t = np.linspace(0, 3, 7)
    for V in (0.5, -0.6, 0.0):
        gap = STATE.gap(t, lambda _, V=V: V, 0.4e-9)
        exact = 1 - STATE.transparency(t, V, 1 - normalised(0.4e-9))
        np.testing.assert_allclose(normalised(gap), exact, atol=1e-9)


def test_gap_does_not_step_over_a_pulse():
    """A pulse of one output interval closes the gap by exp(-rate width)."""
    t = np.linspace(0, 10, 101)
    gap = STATE.gap(t, lambda s: 0.55 if 4.0 <= s < 4.1 else 0.0, STATE.gap_max)
    closed = np.exp(-STATE.rates(0.55)[0] * 0.1)
    assert normalised(gap[-1]) == pytest.approx(closed, rel=2e-3)


def test_periodic_state_repeats():
    """One period of integration returns to it, and any deviation shrinks by the contraction."""
    amplitude, frequency = 0.6, 1.0
    state = STATE.periodic_state(amplitude, frequency)
    t = np.linspace(0, 1, 41)

    def sinusoid(time):
        return amplitude * np.sin(2 * np.pi * frequency * time)

    gap = STATE.gap(t, sinusoid, state.gap_start)
    other = STATE.gap(t, sinusoid, STATE.gap_max)
    width = STATE.gap_max - STATE.gap_min
    assert gap[-1] == pytest.approx(state.gap_start, abs=1e-9 * width)
    assert gap[20] == pytest.approx(state.gap_half, abs=1e-9 * width)
    shrunk = (other[-1] - gap[-1]) / (other[0] - gap[0])
    assert shrunk == pytest.approx(state.contraction, rel=1e-8)


def test_periodic_state_of_slow_rates_is_the_ratio_of_the_drives():
    """For rates that hardly act in a period the gap settles at opening/(opening + closing)."""
    slow = MemoryState(1e-12, 3e-12, 0.12, 0.12, 0.1e-9, 1e-9)
    state = slow.periodic_state(0.3, 1.0)
    assert normalised(state.gap_start) == pytest.approx(0.75, rel=1e-9)


@settings(deadline=None)
@given(
    t=st.floats(0, 1e300),
    V=st.floats(-1e300, 1e300),
    rho0=st.floats(0, 1),
)
def test_transparency_is_a_fraction(t, V, rho0):
    """No overflow; set raises it, reset lowers it, no voltage keeps it."""
    rho = STATE.transparency(t, V, rho0)
    assert 0 <= rho <= 1 + 1e-15
    assert np.sign(V) * (rho - rho0) >= -1e-15
    if V == 0:
        assert rho == rho0


@settings(deadline=None)
@given(V=st.floats(-60, 60))
def test_rates_act_one_at_a_time(V):
    rate_set, rate_reset = STATE.rates(V)
    assert rate_set * rate_reset == 0
    assert rate_set - rate_reset == pytest.approx(
        0.01 * np.sinh(V / 0.12) if V > 0 else 0.02 * np.sinh(V / 0.15), rel=1e-12
    )


@pytest.mark.parametrize(
    ("index", "value", "message"),
    [
        (0, 0.0, "rate_set must be positive, got 0.0 1/s"),
        (1, -1.0, "rate_reset must be positive, got -1.0 1/s"),
        (2, 0.0, "voltage_set must be positive, got 0.0 V"),
        (3, np.nan, "voltage_reset must be finite, got nan V"),
        (4, -1e-9, "gap_min must be positive, got -1e-09 m"),
        (5, 0.05e-9, "gap_max must exceed gap_min, got 5e-11 m and 1e-10 m"),
    ],
)
def test_bad_state(index, value, message):
    arguments = [0.01, 0.02, 0.12, 0.15, 0.1e-9, 1e-9]
    arguments[index] = value
    with pytest.raises(ValueError, match=message):
        MemoryState(*arguments)


def test_bad_arguments():
    with pytest.raises(ValueError, match=r"t must not be negative, got -1.0 s"):
        STATE.transparency(-1.0, 0.1, 0.0)
    with pytest.raises(ValueError, match=r"rho0 must lie between 0 and 1"):
        STATE.transparency(1.0, 0.1, 1.5)
    with pytest.raises(ValueError, match=r"V must be finite, got nan V"):
        STATE.rates(np.nan)
    with pytest.raises(ValueError, match=r"shapes do not match: t \(2,\)"):
        STATE.transparency([1.0, 2.0], [0.1, 0.2, 0.3], 0.0)
    with pytest.raises(ValueError, match=r"conducting must lie between 0 and particles"):
        STATE.moments(1.0, 0.1, 5, 4)
    with pytest.raises(ValueError, match=r"g0 must be positive, got 0.0 m"):
        STATE.tunnelling_factor(1.0, 0.1, 0, 4, 0.0)
    with pytest.raises(ValueError, match=r"t must hold two or more ascending times in s"):
        STATE.gap([0.0, 0.0], np.sin, 1e-9)
    with pytest.raises(ValueError, match=r"gap0 must lie between 1e-10 and 1e-09 m, got 2e-09 m"):
        STATE.gap([0.0, 1.0], np.sin, 2e-9)
    with pytest.raises(ValueError, match=r"amplitude must be positive, got 0.0 V"):
        STATE.periodic_state(0.0, 1.0)
    with pytest.raises(ValueError, match=r"frequency must be positive, got -1.0 Hz"):
        STATE.periodic_state(0.5, -1.0)
