"""Analytic barrier: roots of the cubic of the paper, its threshold and the error of Eqs 5.7-5.8."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mitmodels.film.barrier import AnalyticBarrier

BASE = AnalyticBarrier(
    resistivity_metal=2e-6,
    resistivity_ratio=20.0,
    length=100e-6,
    thickness=20e-9,
    loss_substrate=5e6,
    loss_film=3e8,
    T_c=340.0,
    T_0=100.0,
)


def cubic(b, V):
    """Coefficients A, B, C, D of Eq. 5.4 with T_I = T_c and T_M = T_0, as printed."""
    α, L, t = b.resistivity_ratio, b.length, b.thickness
    A = b.loss_substrate * α**2
    B = 2 * b.loss_substrate * α + 2 * b.loss_film * α**2 * t / L
    C = b.loss_substrate + 4 * b.loss_film * α * t / L
    C = C - (α + 1) * t * V**2 / (b.resistivity_metal * (b.T_c - b.T_0) * L**2)
    return A, B, C, 2 * b.loss_film * t / L


def with_loss_ratio(q, **fields):
    """Return the barrier whose substrate loss is q times its film loss at s = 2."""
    ends = fields["resistivity_ratio"] * fields["loss_film"] * fields["thickness"]
    return AnalyticBarrier(loss_substrate=q * ends / fields["length"], **fields)


# Beyond these q the printed coefficients cancel: C loses kappa_s, or the cubic its cubic term.
barriers = st.builds(
    with_loss_ratio,
    q=st.floats(1e-3, 1e3),
    resistivity_metal=st.floats(1e-8, 1e-4),
    resistivity_ratio=st.floats(1.0, 1e4),
    length=st.floats(1e-7, 1e-2),
    thickness=st.floats(1e-9, 1e-6),
    loss_film=st.floats(1e6, 1e11),
    T_c=st.floats(300.0, 400.0),
    T_0=st.floats(4.0, 290.0),
)


# Evaluated independently of this module, with 40 digits, from the double root of the cubic.
@pytest.mark.parametrize(
    ("change", "exact", "approximate"),
    [
        ({}, (1.9219040426, 15.6930824216), (2.19970673, 15.38479597)),
        (
            {"resistivity_ratio": 5.0, "length": 50e-6},
            (2.9156791662, 12.3313823566),
            (3.27326835, 12.13759495),
        ),
        (
            {"resistivity_ratio": 100.0, "length": 10e-6, "thickness": 50e-9},
            (0.0968719423, 3.4048524048),
            (0.09837388, 3.39819595),
        ),
    ],
    ids=["base", "alpha=5", "alpha=100"],
)
def test_threshold_to_reference_digits(change, exact, approximate):
    barrier = dataclasses.replace(BASE, **change)
    micrometre = np.array([1e-6, 1.0])
    assert barrier.threshold() == pytest.approx(exact * micrometre, rel=1e-9)
    in_print = np.divide(barrier.threshold_approximate(), micrometre)
    assert in_print == pytest.approx(approximate, abs=0.5001e-8)


def test_base_case_to_all_digits():
    assert BASE.threshold() == pytest.approx((1.9219040425837e-6, 15.6930824216295), rel=1e-13)
    assert BASE.threshold_approximate() == pytest.approx((2.19970673e-6, 15.38479597), rel=1e-8)


@pytest.mark.parametrize(
    ("change", "row"),
    [
        ({}, (1.92190, 15.69308, 2.19971, 15.38480)),
        ({"length": 50e-6}, (1.23303, 9.68769, 1.42374, 9.48036)),
        ({"length": 10e-6}, (0.37980, 3.59852, 0.42008, 3.54774)),
        ({"length": 1e-3}, (7.16917, 99.85632, 7.65466, 99.22757)),
        ({"thickness": 50e-9}, (2.65331, 13.21562, 3.06186, 12.93428)),
        ({"thickness": 50e-9, "length": 50e-6}, (1.62250, 8.54394, 1.84637, 8.38340)),
        ({"resistivity_ratio": 10.0}, (2.91568, 18.21466, 3.27327, 17.92842)),
        ({"resistivity_ratio": 100.0}, (0.64900, 12.31989, 0.73855, 12.08840)),
        ({"resistivity_ratio": 1000.0}, (0.09282, 10.94083, 0.09608, 10.89189)),
        ({"T_0": 250.0}, (1.92190, 9.61001, 2.19971, 9.42122)),
    ],
)
def test_threshold_table(change, row):
    barrier = dataclasses.replace(BASE, **change)
    (d, V), (d_approx, V_approx) = barrier.threshold(), barrier.threshold_approximate()
    assert (d * 1e6, V, d_approx * 1e6, V_approx) == pytest.approx(row, abs=0.5001e-5)


@given(barriers)
def test_threshold_is_double_root_of_the_cubic(barrier):
    """The cubic and its slope vanish at d_c: a wrong factor in either closed form shows here."""
    d_c, V_th = barrier.threshold()
    A, B, C, D = cubic(barrier, V_th)
    u = d_c / barrier.length
    scale = A * u**3 + B * u**2 + D
    assert abs(A * u**3 + B * u**2 + C * u + D) < 1e-12 * scale
    assert abs(3 * A * u**3 + 2 * B * u**2 + C * u) < 1e-12 * scale


@given(barriers)
def test_discriminant_changes_sign_at_threshold(barrier):
    _, V_th = barrier.threshold()

    def discriminant(V):
        a, b, c, d = cubic(barrier, V)
        terms = 18 * a * b * c * d, -4 * b**3 * d, b**2 * c**2, -4 * a * c**3, -27 * (a * d) ** 2
        return sum(terms) / max(abs(term) for term in terms)

    assert abs(discriminant(V_th)) < 1e-12
    assert discriminant(V_th * 0.999) < 0 < discriminant(V_th * 1.001)


@given(st.floats(1e-6, 1e6))
def test_error_of_the_approximation_is_bounded(q):
    """Eq. 5.7 is too wide by up to 2/sqrt(3) - 1 and Eq. 5.8 too low by up to 2.1407 %."""
    loss = q * 20.0 * BASE.loss_film * BASE.thickness / BASE.length
    barrier = dataclasses.replace(BASE, loss_substrate=loss)
    d, V = np.divide(barrier.threshold_approximate(), barrier.threshold())
    s = 20.0 * barrier.threshold()[0] / BASE.length
    assert d == pytest.approx(1 / np.sqrt(1 - s + s**2), rel=1e-9)
    assert 1 - 1e-12 <= d <= 2 / np.sqrt(3) * (1 + 1e-12)
    assert np.sqrt(8 / 27 * (3 + 2 * np.sqrt(3)) / 2) * (1 - 1e-12) <= V <= 1 + 1e-12


def test_error_of_the_approximation_is_largest_at_q_2():
    loss = 2 * 20.0 * BASE.loss_film * BASE.thickness / BASE.length
    barrier = dataclasses.replace(BASE, loss_substrate=loss)
    errors = np.divide(barrier.threshold_approximate(), barrier.threshold()) - 1
    assert errors == pytest.approx([0.154701, -0.021407], abs=5e-7)


@given(barriers, st.floats(1.001, 1e3))
def test_widths_solve_the_cubic(barrier, excess):
    V = excess * barrier.threshold()[1]
    widths = barrier.widths(V)
    A, B, C, D = cubic(barrier, V)
    for d in (widths.narrow, widths.wide):
        u = d / barrier.length
        assert abs(A * u**3 + B * u**2 + C * u + D) < 1e-11 * (A * u**3 + B * u**2 + D)
    # product of the three roots is -D/A and their sum -B/A: the third one is negative
    third = -D / (A * widths.narrow * widths.wide) * barrier.length**2
    assert third < 0
    total = (widths.narrow + widths.wide) / barrier.length + third
    assert total == pytest.approx(-B / A, rel=1e-6, abs=1e-9 * widths.wide / barrier.length)


@given(barriers, st.floats(1.001, 10.0), st.floats(1.01, 2.0))
def test_stable_width_grows_with_voltage_and_unstable_width_shrinks(barrier, excess, factor):
    _, V_th = barrier.threshold()
    low, high = barrier.widths(excess * V_th), barrier.widths(factor * excess * V_th)
    assert high.narrow < low.narrow < barrier.threshold()[0] < low.wide < high.wide


def test_base_case_widths():
    V = np.array([16.0, 18.0, 20.0, 24.0, 30.0, 48.0])
    widths = BASE.widths(V)
    reference = np.array([2.70, 4.68, 6.24, 9.13, 13.26, 25.34])
    np.testing.assert_allclose(widths.physical * 1e6, reference, atol=0.5001e-2)
    np.testing.assert_array_equal(widths.physical, widths.wide)
    np.testing.assert_array_equal(BASE.widths(-V).wide, widths.wide)


def test_widths_below_and_at_threshold():
    d_c, V_th = BASE.threshold()
    below = BASE.widths(V_th * (1 - 1e-9))
    assert np.isnan([below.narrow, below.wide, below.physical]).all()
    at = BASE.widths(V_th)
    # a double root is defined to the square root of the rounding error
    assert (at.narrow, at.wide) == pytest.approx((d_c, d_c), rel=1e-7)


def test_barrier_fills_the_channel():
    widths = BASE.widths(np.array([160.63, 160.65]))
    assert widths.wide[0] < BASE.length < widths.wide[1]
    assert widths.physical[1] == BASE.length


def test_channel_too_insulating_for_a_barrier():
    """For alpha < 1 and a strong film loss the smaller root lies beyond the channel."""
    barrier = dataclasses.replace(BASE, resistivity_ratio=0.5, loss_substrate=1e3)
    d_c, V_th = barrier.threshold()
    assert d_c > barrier.length
    widths = barrier.widths(1.001 * V_th)
    assert widths.narrow > barrier.length
    assert np.isnan(widths.physical)


def test_arrays_broadcast():
    lengths = np.array([100e-6, 50e-6, 10e-6])
    barriers = dataclasses.replace(BASE, length=lengths, T_0=np.array([[100.0], [250.0]]))
    d_c, V_th = barriers.threshold()
    assert d_c.shape == (3,)
    assert V_th.shape == (2, 3)
    assert barriers.widths(np.full((4, 1, 1), 20.0)).wide.shape == (4, 2, 3)
    alone = dataclasses.replace(BASE, length=50e-6, T_0=250.0)
    assert V_th[1, 1] == alone.threshold()[1]
    assert barriers.widths(20.0).wide[1, 1] == alone.widths(20.0).wide


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"length": 0.0}, r"length must be positive, got 0.0 m"),
        ({"thickness": -1e-9}, r"thickness must be positive, got -1e-09 m"),
        ({"loss_film": np.nan}, r"loss_film must be finite, got nan W/\(K m\^2\)"),
        ({"resistivity_ratio": np.array([1.0, -2.0])}, r"resistivity_ratio must be positive"),
        ({"T_0": 340.0}, r"T_c must be above T_0, got T_c = 340.0 K and T_0 = 340.0 K"),
        ({"length": np.ones(2), "T_0": np.ones(3)}, r"shapes do not match"),
    ],
)
def test_unphysical_fields_are_refused(change, message):
    with pytest.raises(ValueError, match=message):
        dataclasses.replace(BASE, **change)


def test_unusable_voltage_is_refused():
    with pytest.raises(ValueError, match=r"V must be finite, got inf V"):
        BASE.widths(np.inf)
    with pytest.raises(ValueError, match=r"shapes do not match"):
        dataclasses.replace(BASE, length=np.array([1e-5, 2e-5])).widths(np.ones(3))
