"""Laws of interface kinetics, hopping, growth barriers and Faraday."""

from dataclasses import replace

import ufl

import numpy as np
import pytest
from scipy import constants

from mitmodels.cell.electrochemistry import (
    ButlerVolmer,
    Deposit,
    GrowthBarrier,
    HoppingConductor,
    continued_exp,
)

KINETICS = ButlerVolmer(3.6e-4, 0.72, 0.3, 1, 300.0)
HOPPING = HoppingConductor(1e26, 1e13, 0.4e-9, 0.4774, 1)
COPPER = Deposit(63.546e-3, 8960.0, 1)
BETA = constants.e / (constants.k * 300.0)


def test_no_current_without_overpotential_and_slope_independent_of_alpha() -> None:
    for alpha in (0.1, 0.3, 0.7):
        law = replace(KINETICS, transfer_coefficient=alpha)
        assert law(0.0, 300.0) == 0.0
        slope = (law(1e-6, 300.0) - law(-1e-6, 300.0)) / 2e-6
        assert slope == pytest.approx(3.6e-4 * BETA, rel=1e-8)


def test_tafel_slopes_of_both_branches() -> None:
    anodic = np.log(KINETICS(1.1, 300.0) / KINETICS(1.0, 300.0)) / 0.1
    cathodic = np.log(KINETICS(-1.1, 300.0) / KINETICS(-1.0, 300.0)) / 0.1
    assert anodic == pytest.approx(0.7 * BETA, rel=1e-12)
    assert cathodic == pytest.approx(0.3 * BETA, rel=1e-12)


def test_sign_of_current_is_that_of_the_overpotential() -> None:
    eta = np.array([-2.0, -0.1, 0.1, 2.0])
    assert (np.sign(KINETICS(eta, 500.0)) == np.sign(eta)).all()


def test_additional_barrier_hinders_growth_only() -> None:
    eta, T = np.array([-0.4, -1e-6, 0.0, 1e-6, 0.4]), 300.0
    free, hindered = KINETICS(eta, T), KINETICS(eta, T, 0.1)
    share = np.exp(-0.1 * BETA)
    np.testing.assert_allclose(hindered[:2], share * free[:2], rtol=1e-13)
    assert (hindered[2:] == free[2:]).all()


def test_exchange_current_is_arrhenius_with_the_barriers_added() -> None:
    T = np.array([300.0, 600.0])
    low, high = KINETICS.exchange(T, 0.1)
    expected = 0.82 * constants.e / constants.k * (1 / 300 - 1 / 600)
    assert np.log(high / low) == pytest.approx(expected, rel=1e-12)
    assert KINETICS.exchange(300.0) == pytest.approx(3.6e-4, rel=1e-14)


def test_continued_exponential_is_smooth_and_finite() -> None:
    assert continued_exp(79.0) == np.exp(79.0)
    step = 1e-6
    below, above = (continued_exp(80.0) - continued_exp(80.0 - step)), continued_exp(80.0 + step)
    assert below == pytest.approx(above - continued_exp(80.0), rel=1e-5)
    assert np.isfinite(KINETICS(200.0, 300.0))


def test_hopping_without_field_is_the_closed_form() -> None:
    e, k, T = constants.e, constants.k, 300.0
    expected = e**2 * 1e26 * 0.4e-9**2 * 1e13 / (k * T) * np.exp(-0.4774 * e / (k * T))
    assert HOPPING(0.0, T) == pytest.approx(expected, rel=1e-10)


def test_hopping_current_grows_at_the_slope_of_mott_and_gurney() -> None:
    E = np.array([1.5e9, 1.6e9])
    low, high = HOPPING(E**2, 300.0) * E
    slope = 0.4e-9 * constants.e / (2 * constants.k * 300.0)
    assert np.log(high / low) / 1e8 == pytest.approx(slope, rel=1e-4)


def test_hopping_series_joins_the_hyperbolic_sine() -> None:
    x = 1e-2 * np.array([1 - 1e-9, 1 + 1e-9])
    E = 2 * constants.k * 300.0 / (0.4e-9 * constants.e) * x
    below, above = HOPPING(E**2, 300.0)
    assert below == pytest.approx(above, rel=1e-10)


def test_hopping_current_has_a_continuous_slope_at_the_cap() -> None:
    field = 2 * constants.k * 300.0 / (0.4e-9 * constants.e)
    x = np.array([35 - 1e-5, 35.0, 35 + 1e-5, 100.0, 200.0])
    current = HOPPING((field * x) ** 2, 300.0) * x
    below, above = np.diff(current[:3])
    assert below == pytest.approx(above, rel=2e-5)
    assert (current[4] - current[3]) / 100 == pytest.approx(above / 1e-5, rel=1e-5)


def test_barriers_at_the_axis_and_the_interface() -> None:
    barrier = GrowthBarrier(0.0362, 1.573e-9, 0.01, 0.0834e-9)
    assert barrier(0.0, 0.0) == pytest.approx(0.01, rel=1e-14)
    assert barrier(1.573e-9, 0.0) == pytest.approx(0.0362 * (np.e - 1) + 0.01, rel=1e-14)
    assert np.isfinite(barrier(1e-6, 1e-6))


def test_deposition_speed_of_copper() -> None:
    assert COPPER.speed(-100.0) == pytest.approx(7.350e-9, rel=1e-4)
    assert replace(COPPER, charge_number=2).volume_per_charge == pytest.approx(3.675e-11, rel=1e-4)


def test_laws_have_the_same_value_in_ufl() -> None:
    eta, T, square = (ufl.as_ufl(v) for v in (-0.7, 450.0, 4e17))
    assert float(KINETICS(eta, T, 0.05)(())) == pytest.approx(KINETICS(-0.7, 450.0, 0.05))
    assert float(HOPPING(square, T)(())) == pytest.approx(float(HOPPING(4e17, 450.0)))


@pytest.mark.parametrize(
    ("law", "change", "message"),
    [
        (KINETICS, {"exchange_current_density": 0.0}, "exchange_current_density must be positive"),
        (KINETICS, {"transfer_coefficient": 1.2}, "transfer_coefficient must lie between 0 and 1"),
        (HOPPING, {"hop_distance": -1e-9}, "hop_distance must be positive, got -1e-09 m"),
        (COPPER, {"density": 0.0}, "density must be positive, got 0.0 kg/m3"),
    ],
)
def test_values_without_a_meaning_are_refused(law, change, message) -> None:
    with pytest.raises(ValueError, match=message):
        replace(law, **change)
