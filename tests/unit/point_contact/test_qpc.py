"""The quantum point contact: limits of one subband, many subbands, thermal circuit, bad input."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mitmodels.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELECTRON_MASS, ELEMENTARY_CHARGE
from mitmodels.langevin import langevin
from mitmodels.point_contact.qpc import (
    J01,
    MultiChannel,
    QuantumPointContact,
    contact_temperatures,
    disc_zeros,
)

LENGTH = st.floats(1e-12, 1e-6)
BIAS = st.floats(-1e6, 1e6)


@settings(deadline=None)
@given(radius=LENGTH, gap=LENGTH, ratio=st.floats(0.01, 100), V=BIAS)
def test_derived_quantities(radius, gap, ratio, V):
    """alpha barrier = gap/g0 (the mass drops out), V0 = 2/alpha; nothing overflows."""
    contact = QuantumPointContact(radius, gap, ratio * ELECTRON_MASS)
    exponent = contact.alpha * contact.barrier_height
    assert exponent == pytest.approx(gap / contact.g0, rel=1e-13)
    assert exponent == pytest.approx(np.pi * J01 * gap / (2 * radius), rel=1e-13)
    assert contact.V0 * contact.alpha == pytest.approx(2, rel=1e-15)
    # The other two forms of Eq. 4, the middle one with the factor pi that the letter leaves out.
    hbar = 1.054571817646156e-34
    joules = contact.barrier_height * ELEMENTARY_CHARGE
    middle = np.pi * gap / (2 * hbar) * np.sqrt(2 * contact.mass / joules) * ELEMENTARY_CHARGE
    assert contact.alpha == pytest.approx(middle, rel=1e-12)
    assert abs(contact.current(V)) <= abs(contact.current_tunnelling(V)) * (1 + 1e-12)


@settings(deadline=None)
@given(radius=LENGTH, gap=LENGTH, V=BIAS)
def test_tunnelling_powers_divide_by_the_langevin_function(radius, gap, V):
    """P_D/P_S = coth(V/V0) - V0/V; the sum is I V."""
    contact = QuantumPointContact(radius, gap)
    left, right = contact.powers_tunnelling(V)
    total = contact.current_tunnelling(V) * V
    if not 1e-280 < total < 1e300:
        return
    assert left + right == pytest.approx(total, rel=1e-12)
    assert (right - left) / total == pytest.approx(langevin(V / contact.V0), rel=1e-12, abs=1e-15)


def test_tunnelling_powers_equal_the_printed_brackets():
    """Eqs 20 and 21 with the prefactor 2/(h alpha^2), that is G0/alpha^2 for alpha in 1/V."""
    contact = QuantumPointContact(0.45e-9, 0.5e-9)
    V, a = np.array([-2.0, -0.5, 0.3, 1.0]), contact.alpha
    prefactor = CONDUCTANCE_QUANTUM / a**2 * np.exp(-a * contact.barrier_height)
    up, down = np.exp(a * V / 2), np.exp(-a * V / 2)
    left, right = contact.powers_tunnelling(V)
    np.testing.assert_allclose(left, prefactor * (up - (1 + a * V) * down), rtol=1e-12)
    np.testing.assert_allclose(right, prefactor * (down - (1 - a * V) * up), rtol=1e-12)


def test_exact_result_tends_to_tunnelling_for_a_high_barrier():
    """I_6/I = 1 + e^(-alpha phi) cosh(alpha V/2) to first order."""
    contact = QuantumPointContact(0.45e-9, 1.0e-9)
    V = np.array([0.01, 0.2, 0.5])
    excess = contact.current_tunnelling(V) / contact.current(V) - 1
    first_order = np.exp(-contact.gap / contact.g0) * np.cosh(V / contact.V0)
    np.testing.assert_allclose(excess, first_order, rtol=2 * first_order.max())


def test_vanishing_gap_leaves_half_the_quantum():
    """Eq. 6 gives G0 for a vanishing gap, the Landauer integral it approximates G0/2."""
    contact = QuantumPointContact(0.45e-9, 1e-13)
    assert contact.current(0.1) / (CONDUCTANCE_QUANTUM * 0.1) == pytest.approx(0.49979, abs=1e-5)


@pytest.mark.parametrize(("radius", "fraction"), [(10e-9, 0.4786), (100e-9, 0.49978)])
def test_wide_constriction_also_leaves_half_the_quantum(radius, fraction):
    contact = QuantumPointContact(radius, 0.5e-9)
    assert contact.current(0.1) / (CONDUCTANCE_QUANTUM * 0.1) == pytest.approx(fraction, rel=1e-4)


def test_single_subband_never_exceeds_the_quantum_in_slope():
    """dI/dV of Eq. 8 passes G0 above V0 arccosh(exp(g/g0)); the exact one stays below G0."""
    contact = QuantumPointContact(0.45e-9, 0.5e-9)
    V = np.linspace(0, 6, 6001)
    limit = contact.V0 * np.arccosh(np.exp(contact.gap / contact.g0))
    assert np.diff(contact.current(V)).max() / np.diff(V)[0] < CONDUCTANCE_QUANTUM
    slope = np.diff(contact.current_tunnelling(V)) / np.diff(V)
    crossing = V[np.argmax(slope > CONDUCTANCE_QUANTUM)]
    assert crossing == pytest.approx(limit, abs=2e-3)


def test_one_channel_is_the_letter():
    """A thin constriction at no band depth carries its current in the first subband."""
    many, one = MultiChannel(0.2e-9, 2e-9), QuantumPointContact(0.2e-9, 2e-9)
    V = np.array([-1.0, 0.1, 2.0])
    np.testing.assert_allclose(many.current(V), one.current(V), rtol=1e-9)
    np.testing.assert_allclose(many.current(V, 300), one.current(V, 300), rtol=1e-6)
    np.testing.assert_allclose(many.powers(V), one.powers(V), rtol=1e-9)
    assert many.conductance() == pytest.approx(one.conductance(), rel=1e-9)


def test_steps_in_the_radius():
    """A long copper constriction conducts 1, 3, 5, 6, 8 quanta between its subband radii.

    The subbands open at R = j/k: j_01, j_11 twice, j_21 twice, j_02, j_31 twice.
    """
    k = MultiChannel(1e-9, 1e-9, 7.0).fermi_wavenumber
    opening = np.array([2.4048, 3.8317, 5.1356, 5.5201, 6.3802, 7.0156]) / k
    middle = 0.5 * (opening[1:] + opening[:-1])
    quanta = [MultiChannel(R, 60e-9, 7.0).conductance() / CONDUCTANCE_QUANTUM for R in middle]
    np.testing.assert_allclose(quanta, [1, 3, 5, 6, 8], atol=1e-3)
    counts = [MultiChannel(R, 60e-9, 7.0).open_channels for R in middle]
    assert counts == [1, 3, 5, 6, 8]


def test_band_depth_of_copper_gives_its_fermi_wavenumber():
    """13.55 /nm for 7 eV and the free mass."""
    assert MultiChannel(1e-9, 1e-9, 7.0).fermi_wavenumber == pytest.approx(13.555e9, rel=1e-3)


def test_wide_contact_approaches_sharvin():
    """(k R/2)^2 to 2 % at R = 10 nm, and the next Weyl term -k R/2 to 0.1 %."""
    wide = MultiChannel(10e-9, 30e-9, 7.0)
    quanta = wide.conductance() / CONDUCTANCE_QUANTUM
    rim = 0.5 * wide.fermi_wavenumber * wide.radius
    assert quanta == pytest.approx(wide.sharvin_count, rel=0.02)
    assert quanta == pytest.approx(wide.sharvin_count - rim, rel=1e-3)


def test_low_resistive_state_has_a_dozen_channels():
    """1 kOhm is 12.9 quanta: a copper contact of radius 0.6 nm."""
    assert 1 / MultiChannel(0.62e-9, 3e-9, 7.0).conductance() == pytest.approx(1e3, rel=0.1)
    assert 10 <= MultiChannel(0.62e-9, 3e-9, 7.0).open_channels <= 14


def test_left_out_channels_do_not_count():
    """Twice as many subbands change nothing: the sum is cut at e^-40 of the first."""
    contact = MultiChannel(0.5e-9, 0.3e-9, 7.0)
    barrier, _, _ = contact.channels()
    wider, alpha, degeneracy = contact.channels(V=30.0)
    assert wider.size > barrier.size
    more = CONDUCTANCE_QUANTUM * np.sum(degeneracy / (1 + np.exp(alpha * wider)))
    assert contact.conductance() == pytest.approx(more, rel=1e-14)


def test_channel_arrays_broadcast():
    contact = MultiChannel(0.5e-9, 1e-9, 7.0)
    V, T = np.linspace(-1, 1, 5)[:, None], np.array([0.0, 300.0])
    current, (left, right) = contact.current(V, T), contact.powers(V, T)
    assert current.shape == left.shape == right.shape == (5, 2)
    np.testing.assert_allclose(left + right, current * V, rtol=1e-12, atol=1e-20)
    np.testing.assert_allclose(current, -current[::-1], rtol=1e-13, atol=1e-20)
    assert contact.conductance(T).shape == (2,)


def test_disc_zeros_follow_weyl():
    """Dirichlet modes of a disc below j: j^2/4 - j/2 with a bounded remainder."""
    zeros, degeneracy = disc_zeros(150.0)
    assert degeneracy.sum() == pytest.approx(150**2 / 4 - 150 / 2, rel=0.002)
    assert zeros.min() == J01


@settings(deadline=None)
@given(P_L=st.floats(-1e-3, 1e-3), P_R=st.floats(-1e-3, 1e-3), along=st.floats(0, 1e-3))
def test_thermal_circuit(P_L, P_R, along):
    """Heat balance of both contacts, and a mean that does not depend on G_z."""
    outward, T_0 = 1.33e-5, 300.0
    T_L, T_R = contact_temperatures(P_L, P_R, outward, along, T_0)
    scale = abs(P_L) + abs(P_R) + 1e-12
    assert outward * (T_L - T_0) + along * (T_L - T_R) == pytest.approx(
        P_L, abs=1e-9 * scale + 1e-13
    )
    assert outward * (T_R - T_0) - along * (T_L - T_R) == pytest.approx(
        P_R, abs=1e-9 * scale + 1e-13
    )
    mean = (T_L + T_R) / 2
    assert mean == pytest.approx(T_0 + (P_L + P_R) / (2 * outward), rel=1e-13)


def test_conduction_along_the_contact_is_lattice_heat():
    """G_z = 5e-7 W/K is 880 times the Wiedemann-Franz conductance of one channel at 300 K."""
    lorenz = np.pi**2 / 3 * (BOLTZMANN / ELEMENTARY_CHARGE) ** 2
    assert 5e-7 / (lorenz * CONDUCTANCE_QUANTUM * 300) == pytest.approx(880.5, rel=1e-4)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"radius": -1e-9}, "radius must lie between 1e-15 and 0.001 m, got -1e-09 m"),
        ({"radius": 0.45}, "radius must lie between 1e-15 and 0.001 m, got 0.45 m"),
        ({"gap": 0.0}, "gap must lie between 1e-15 and 0.001 m, got 0.0 m"),
        ({"gap": float("nan")}, "gap must be finite, got nan m"),
        ({"mass": 1.0}, "mass must lie between .* kg, got 1.0 kg"),
        ({"bessel_zero": 0.0}, "bessel_zero must lie between 0.001 and 1e"),
    ],
)
def test_bad_contact(arguments, message):
    with pytest.raises(ValueError, match=message):
        QuantumPointContact(**{"radius": 0.45e-9, "gap": 0.5e-9} | arguments)


def test_bad_arguments():
    contact = QuantumPointContact(0.45e-9, 0.5e-9)
    with pytest.raises(ValueError, match=r"T must lie between 0 and 1e\+06 K, got -1.0 K"):
        contact.conductance(-1.0)
    with pytest.raises(ValueError, match=r"V must be finite, got inf V"):
        contact.current_tunnelling(np.inf)
    with pytest.raises(ValueError, match=r"V must be finite, got nan V"):
        contact.powers_tunnelling(np.nan)
    with pytest.raises(ValueError, match=r"band_depth must not be negative, got -1.0 eV"):
        MultiChannel(1e-9, 1e-9, -1.0)
    with pytest.raises(ValueError, match=r"gap .m. is too short against the radius .m."):
        MultiChannel(1e-9, 1e-12, 7.0).conductance()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((1e-6, 1e-6, 0.0, 1e-7, 300.0), "G_N must be positive, got 0.0 W/K"),
        ((1e-6, 1e-6, 1e-5, -1e-7, 300.0), "G_z must not be negative, got -1e-07 W/K"),
        ((1e-6, 1e-6, 1e-5, 1e-7, -1.0), "T_0 must be positive, got -1.0 K"),
        ((np.nan, 1e-6, 1e-5, 1e-7, 300.0), "P_L must be finite, got nan W"),
    ],
)
def test_bad_thermal_circuit(arguments, message):
    with pytest.raises(ValueError, match=message):
        contact_temperatures(*arguments)
