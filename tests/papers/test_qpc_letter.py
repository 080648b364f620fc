"""Reference values of Miranda and Sune 2024, computed to 40 digits from the corrected formulas."""

import numpy as np
import pytest

from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.point_contact.memory_state import MemoryState, occupation
from mitmodels.point_contact.qpc import QuantumPointContact, contact_temperatures

pytestmark = pytest.mark.serial  # no ranks take part

CONTACT = QuantumPointContact(radius=0.45e-9, gap=0.5e-9, bessel_zero=2.405)
STATE = MemoryState(0.01, 0.01, 0.12, 0.12, 0.1e-9, 1e-9)
P_L, P_R = CONTACT.powers(0.5)
TUNNEL_L, TUNNEL_R = CONTACT.powers_tunnelling(0.5)
T_L, T_R = contact_temperatures(20e-6, 60e-6, 1.33e-5, 5e-7, 300.0)


@pytest.mark.parametrize(
    ("value", "reference"),
    [
        pytest.param(CONDUCTANCE_QUANTUM, 7.748091729863651e-5, id="Q1 G0"),
        pytest.param(CONTACT.barrier_height, 1.088248482933, id="Q2 barrier"),
        pytest.param(CONTACT.alpha, 3.857130900595, id="Q3 alpha"),
        pytest.param(CONTACT.alpha * CONTACT.barrier_height, 4.197516851046, id="Q4 exponent"),
        pytest.param(CONTACT.V0, 0.518520125851, id="Q5 V0"),
        pytest.param(CONTACT.g0, 0.1191180447257e-9, id="Q6 g0"),
        pytest.param(CONDUCTANCE_QUANTUM * CONTACT.V0, 4.017541498874e-5, id="Q8 I0"),
        pytest.param(CONTACT.current_tunnelling(0.5), 6.769235050101e-7, id="Q11 I Eq. 6"),
        pytest.param(CONTACT.current(0.5), 6.620356311424e-7, id="Q12 I"),
        pytest.param(CONTACT.conductance(), 1.147509384215e-6, id="Q18 G"),
        pytest.param(TUNNEL_L, 1.179341246633e-7, id="Q19 P_L Eq. 20"),
        pytest.param(TUNNEL_R, 2.205276278417e-7, id="Q20 P_R Eq. 21"),
        pytest.param(TUNNEL_R - TUNNEL_L, 1.025935031784e-7, id="Q21 P_D Eq. 22"),
        pytest.param(P_L, 1.161516208526e-7, id="Q22 P_L"),
        pytest.param(P_R, 2.148661947186e-7, id="Q23 P_R"),
        pytest.param(
            (TUNNEL_R - TUNNEL_L) / (TUNNEL_R + TUNNEL_L), 0.30311697679, id="Q24 P_D/P_S"
        ),
        pytest.param(CONTACT.current(0.5, 300.0), 6.722508191805e-7, id="Q27 I at 300 K"),
        pytest.param(
            CONTACT.current(0.5, 3008.588098413), 2.068310739156e-6, id="I at alpha kT = 1"
        ),
        pytest.param(T_L, 301.608917398391, id="Q35 T_L"),
        pytest.param(T_R, 304.406120195594, id="Q36 T_R"),
        pytest.param((T_L + T_R) / 2, 303.007518796992, id="Q37 T_g"),
        pytest.param(STATE.rates(0.5)[0], 0.32242294605628, id="M1 set rate"),
        pytest.param(STATE.transparency(1.0, 0.5, 0.0), 0.2756082531026, id="M3 set"),
        pytest.param(STATE.transparency(5.0, -0.4, 0.9), 0.44697201696896, id="M5 reset"),
        pytest.param(STATE.transparency(100.0, 0.0, 0.4), 0.4, id="M7 no voltage"),
        pytest.param(occupation(1.5, 0.7, 0.3, 0.2), 0.58843491992579, id="M8 two rates"),
        pytest.param(occupation(1.5, 0.7, 0.3, 0.0), 0.5438088878961, id="M8 Eq. 14"),
    ],
)
def test_reference_value(value, reference):
    assert value == pytest.approx(reference, rel=1e-10)


def test_sinusoid():
    """M10: the gap, wide open at first, at an eighth, a quarter, half and all of a period."""
    gap = STATE.gap(np.arange(9) / 8, lambda t: 0.6 * np.sin(2 * np.pi * t), 1e-9)
    reference = [0.99373158731676, 0.93448024419676, 0.87325332679403, 0.88931804596281]
    normalised = (gap[[1, 2, 4, 8]] - 0.1e-9) / 0.9e-9
    np.testing.assert_allclose(normalised, reference, rtol=1e-10)


@pytest.mark.parametrize(
    ("particles", "ratio"), [(5, 3.637623), (20, 1.418389), (100, 1.072826), (1000, 1.007056)]
)
def test_fluctuations_raise_the_mean_conductance(particles, ratio):
    """At half transparency; given to the sixth decimal."""
    half_time = np.log(2) / STATE.rates(0.5)[0]
    exact, mean_field = STATE.tunnelling_factor(half_time, 0.5, 0, particles, 0.12e-9)
    assert exact / mean_field == pytest.approx(ratio, abs=5.1e-7)


def test_radius_of_the_decay_length():
    """0.12 nm and 0.45 nm belong together to two digits only."""
    assert CONTACT.g0 == pytest.approx(0.119118e-9, rel=1e-6)
    assert np.pi * 2.405 / 2 * 0.12e-9 == pytest.approx(0.453332e-9, rel=1e-6)


def test_where_the_tunnelling_current_parts():
    """1/ln 2 too large where eV/2 reaches the barrier, 2.76 times at 3 V."""
    V = np.array([2 * CONTACT.barrier_height, 3.0])
    ratio = CONTACT.current_tunnelling(V) / CONTACT.current(V)
    np.testing.assert_allclose(ratio, [1.44315, 2.76], rtol=2e-3)
    assert 2 * CONTACT.barrier_height == pytest.approx(2.1769, abs=5e-4)


def test_thermal_part_of_the_asymmetry():
    """At 0.1 V and 300 K P_D/P_S is 0.2310536, at no temperature 0.0631736."""
    for T, reference in ((300.0, 0.2310536), (0.0, 0.0631736)):
        left, right = CONTACT.powers(0.1, T)
        assert (right - left) / (right + left) == pytest.approx(reference, rel=1e-6)
