"""The parabolic barrier against 40-digit arithmetic, closed forms and limits."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitmodels.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE
from mitmodels.point_contact import landauer

KELVIN = BOLTZMANN / ELEMENTARY_CHARGE  # [V]
BARRIERS = [  # barrier [eV], alpha [1/eV]: tunnelling, opaque, weak, wide, opaque, open
    (1.088, 3.857),
    (5.51, 6.86),
    (0.22, 1.71),
    (0.0022, 85.7),
    (22.0, 3.4),
    (-6.2, 12.0),
]


def cold(V, barrier, alpha):
    """Current, left and right power over G0: the closed forms with dilogarithms."""
    x = mpmath.exp(alpha * (V / 2 - barrier))
    y = mpmath.exp(-alpha * (V / 2 + barrier))
    spread = (mpmath.polylog(2, -y) - mpmath.polylog(2, -x)) / alpha**2
    return (
        mpmath.log((1 + x) / (1 + y)) / alpha,
        spread - V / alpha * mpmath.log(1 + y),
        V / alpha * mpmath.log(1 + x) - spread,
    )


def warm(V, T, barrier, alpha):
    """The same at temperature T, as the thermal average of `cold` over the barrier height.

    Another integral than the one in the code; the trapezoidal rule converges exponentially.
    """
    theta, step = T * KELVIN, mpmath.mpf(1) / 2
    end = int(60 / (step * max(1 - alpha * theta, 0.2)))
    sums = [mpmath.mpf(0)] * 3
    for i in range(-end, end + 1):
        shift = theta * step * i
        kernel = step / (2 * mpmath.cosh(step * i / 2)) ** 2
        current, P_L, P_R = cold(V, barrier - shift, alpha)
        terms = (current, P_L - shift * current, P_R + shift * current)
        sums = [total + kernel * term for total, term in zip(sums, terms, strict=True)]
    return sums


def error(value, exact, scale):
    return float(abs(float(value) / mpmath.mpf(CONDUCTANCE_QUANTUM) - exact) / abs(scale))


@pytest.mark.parametrize(("barrier", "alpha"), BARRIERS)
@pytest.mark.parametrize("V", [1e-9, 1e-5, 0.017, 0.5, 2.17, 10.0])
def test_cold_current_and_powers_equal_the_closed_forms(V, barrier, alpha):
    """1e-12 from 1 nV up; as they stand the closed forms lose all digits of P below 1 uV."""
    with mpmath.workdps(90):
        current, P_L, P_R = cold(mpmath.mpf(V), mpmath.mpf(barrier), mpmath.mpf(alpha))
        left, right = landauer.powers(V, 0, barrier, alpha)
        assert error(landauer.current(V, 0, barrier, alpha), current, current) < 1e-12
        assert error(left, P_L, P_L) < 1e-12
        assert error(right, P_R, P_R) < 1e-12


@pytest.mark.parametrize("V", [1e-3, 0.5, 3.0])
def test_cold_powers_equal_their_integrals(V):
    """P_L weights the transmitted electrons with V/2 - E, P_R with E + V/2."""
    barrier, alpha = BARRIERS[0]
    with mpmath.workdps(40):
        half = mpmath.mpf(V) / 2

        def transmission(E):
            return 1 / (1 + mpmath.exp(-alpha * (E - barrier)))

        P_L = mpmath.quad(lambda E: (half - E) * transmission(E), [-half, half])
        P_R = mpmath.quad(lambda E: (E + half) * transmission(E), [-half, half])
        left, right = landauer.powers(V, 0, barrier, alpha)
        assert error(left, P_L, P_L) < 1e-10
        assert error(right, P_R, P_R) < 1e-10


@pytest.mark.parametrize(
    ("V", "T", "barrier", "alpha"),
    [
        (1e-9, 300, 1.088, 3.857),
        (0.1, 300, 1.088, 3.857),
        (2.17, 3000, 1.088, 3.857),
        (10.0, 300, 0.22, 1.71),
        (1e-9, 1, 5.51, 6.86),
        (0.017, 77, 0.0022, 85.7),
    ],
)
def test_warm_current_and_powers_equal_the_thermal_average(V, T, barrier, alpha):
    """1e-10 of the current and of the larger power (the smaller one passes through zero)."""
    with mpmath.workdps(40):
        current, P_L, P_R = warm(mpmath.mpf(V), T, mpmath.mpf(barrier), mpmath.mpf(alpha))
        left, right = landauer.powers(V, T, barrier, alpha)
        assert error(landauer.current(V, T, barrier, alpha), current, current) < 1e-10
        assert error(left, P_L, max(abs(P_L), P_R)) < 1e-10
        assert error(right, P_R, P_R) < 1e-10


def test_warm_current_at_steepness_kt_one():
    """Where the barrier is as steep as the Fermi edge the integral is Bose-like: d/(e^d - 1)."""
    barrier, alpha = 1.088, 3.857
    V = np.array([1e-3, 0.5, 2.0, 9.0])
    exact = [
        float(n(barrier - v / 2) - n(barrier + v / 2))
        for v in V
        for n in [lambda d: mpmath.mpf(d) / mpmath.expm1(alpha * d)]
    ]
    current = landauer.current(V, 1 / (alpha * KELVIN), barrier, alpha)
    np.testing.assert_allclose(current, CONDUCTANCE_QUANTUM * np.array(exact), rtol=1e-10)


def test_warm_tunnelling_closed_forms():
    """I = I_6 u / sin u and P_D/P_S = coth A - u cot(u)/A with u = pi alpha kT, A = alpha V/2."""
    barrier, alpha, T = 15.0, 4.0, 900.0
    u, V = np.pi * alpha * KELVIN * T, np.array([0.01, 0.1, 0.5])
    A = alpha * V / 2
    tunnelling = CONDUCTANCE_QUANTUM * 2 / alpha * np.exp(-alpha * barrier) * np.sinh(A)
    current = landauer.current(V, T, barrier, alpha)
    left, right = landauer.powers(V, T, barrier, alpha)
    np.testing.assert_allclose(current, tunnelling * u / np.sin(u), rtol=1e-12)
    np.testing.assert_allclose(
        (right - left) / (current * V), 1 / np.tanh(A) - u / np.tan(u) / A, rtol=1e-10
    )


def test_cold_source_end_of_a_warm_contact():
    """Below 0.017265 V at 300 K the source cools: P_L changes sign there (exponential D)."""
    alpha = 3.857130900595
    left, _ = landauer.powers(np.array([0.01726, 0.01727]), 300, 20.0, alpha)
    assert left[0] < 0 < left[1]


@pytest.mark.parametrize("T", [1e-12, 1e-6, 1e-3])
def test_low_temperature_joins_the_cold_result(T):
    """The correction is second order, (pi alpha kT)^2 / 6 of the current."""
    barrier, alpha = 0.3, 8.0
    V = np.array([1e-3, 0.6, 2.0])
    ratio = landauer.current(V, T, barrier, alpha) / landauer.current(V, 0, barrier, alpha)
    np.testing.assert_allclose(ratio, 1, atol=(np.pi * alpha * KELVIN * T) ** 2 / 6 + 1e-14)


@pytest.mark.parametrize("T", [0.0, 30.0, 3000.0])
def test_conductance_is_the_slope_at_no_bias(T):
    for barrier, alpha in BARRIERS:
        slope = landauer.current(1e-7, T, barrier, alpha) / 1e-7
        np.testing.assert_allclose(landauer.conductance(T, barrier, alpha), slope, rtol=1e-10)


def test_cold_conductance_is_the_transmission_at_the_fermi_level():
    """G0/(1 + e^(alpha barrier)): G0/2 for a vanishing barrier, not G0."""
    assert landauer.conductance(0, 0, 3.0) == pytest.approx(CONDUCTANCE_QUANTUM / 2, rel=1e-15)
    assert landauer.conductance(0, 1.0, 3.0) == pytest.approx(
        CONDUCTANCE_QUANTUM / (1 + np.exp(3)), rel=1e-15
    )


BIAS = st.floats(-1e6, 1e6)
TEMPERATURE = st.one_of(st.just(0.0), st.floats(0.0, 1e6))
BARRIER = st.floats(-1e3, 1e3)
STEEPNESS = st.floats(1e-3, 1e3)


@settings(deadline=None)
@given(V=BIAS, T=TEMPERATURE, barrier=BARRIER, alpha=STEEPNESS)
def test_symmetry_and_bounds(V, T, barrier, alpha):
    """The current is odd and at most G0 V; reversing the bias swaps the contacts."""
    current = landauer.current(V, T, barrier, alpha)
    left, right = landauer.powers(V, T, barrier, alpha)
    swapped = landauer.powers(-V, T, barrier, alpha)
    assert landauer.current(-V, T, barrier, alpha) == -current
    assert 0 <= current * np.sign(V) <= CONDUCTANCE_QUANTUM * abs(V) * (1 + 1e-14)
    assert (swapped[1], swapped[0]) == (left, right)
    assert left + right == pytest.approx(
        current * V, rel=1e-12, abs=1e-13 * abs(right - left) + 1e-300
    )
    assert (right - left) * np.sign(V) >= 0


@settings(deadline=None)
@given(V=st.floats(1e-6, 100), T=TEMPERATURE, barrier=st.floats(-10, 10), alpha=STEEPNESS)
def test_monotonicity(V, T, barrier, alpha):
    """More bias or a lower barrier carries more current."""
    current = landauer.current(V, T, barrier, alpha)
    assert landauer.current(1.01 * V, T, barrier, alpha) >= current * (1 - 1e-13)
    assert landauer.current(V, T, barrier - 0.01, alpha) >= current * (1 - 1e-13)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((float("nan"), 0, 1, 1), "V must be finite, got nan V"),
        ((2e6, 0, 1, 1), r"V must lie between -1e\+06 and 1e\+06 V, got 2000000.0 V"),
        ((1, -3, 1, 1), r"T must lie between 0 and 1e\+06 K, got -3.0 K"),
        ((1, 0, float("inf"), 1), "barrier must be finite, got inf eV"),
        ((1, 0, 1, 0), "alpha must be positive, got 0.0 1/eV"),
        (([1, 2], [1, 2, 3], 1, 1), r"shapes do not match: V \(2,\), T \(3,\)"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        landauer.current(*arguments)
