"""Dissolution of a curved metal at no voltage: its driving force, its balance, its closed form."""

import numpy as np
import pytest

from mitmodels.cell.electrochemistry import ButlerVolmer, Deposit
from mitmodels.cell.relaxation import Relaxation

KINETICS = ButlerVolmer(3.6e-4, 0.72, 0.3, 1, 300.0)
COPPER = Deposit(63.546e-3, 8960.0, 1)
NM = 1e-9


def law(flat_area: float = np.inf) -> Relaxation:
    return Relaxation(KINETICS, COPPER, 1.79, 300.0, flat_area)


def test_nucleus_of_copper_is_shifted_by_more_than_a_volt() -> None:
    """2 gamma M/(z F rho R) of 0.2 nm; with z forgotten in one of its two places it is the same."""
    shift = law().capillary_length * law().thermal_voltage * 2 / (0.2 * NM)
    assert shift == pytest.approx(1.3157, rel=1e-4)


@pytest.mark.parametrize("barrier", [0.0, 0.3])
def test_flat_electrode_takes_up_what_dissolves(barrier) -> None:
    """What grows at its own flat places too is hindered there, by e^-12 at 0.3 eV."""
    curvature, area = np.array([4.0, 0.6, -0.1]) / NM, np.array([1.0, 60.0, 500.0]) * NM**2
    cell, flat_area = law(1256 * NM**2), 1256 * NM**2
    *_, concave = speed = cell.speed(curvature, area, barrier)
    # A flat part of no area is at the potential of the flat electrode.
    flat = cell.speed([*curvature, 0.0], [*area, 0.0], [barrier, barrier, barrier, 0.0])[-1]
    assert flat * flat_area == pytest.approx(-area @ speed, rel=1e-10)
    assert flat > 0 > speed[0]
    assert 0 < concave < (1e-4 if barrier else 10) * flat


def test_many_geometries_at_once_are_as_one_by_one() -> None:
    curvature = np.array([[1.0, 2.0], [0.5, 0.1]]) / NM
    area = np.array([[1.0, 3.0], [20.0, 10.0]]) * NM**2
    together = law(100 * NM**2).speed(curvature, area)
    apart = [law(100 * NM**2).speed(*pair) for pair in zip(curvature.T, area.T, strict=True)]
    np.testing.assert_allclose(together, np.transpose(apart), rtol=1e-13)


def test_lifetime_far_above_the_capillary_length(record) -> None:
    """R^2/(4 l v_0), whose exponent is 2; l = 5 nm for copper at 300 K."""
    radius = 2000 * law().capillary_length
    closed = radius**2 / (4 * law().capillary_length * COPPER.volume_per_charge * 3.6e-4)
    assert law().lifetime(radius) == pytest.approx(closed, rel=1e-3)
    record(
        "relaxation: exponent in the linear limit, closed form", "2 +- 2 %", law().exponent(radius)
    )
    assert law().exponent(radius) == pytest.approx(2.0, rel=0.02)


def test_lifetime_is_additive_and_shorter_than_its_linear_law() -> None:
    whole, first = law().lifetime(2 * NM), law().lifetime(2 * NM, NM)
    assert first + law().lifetime(NM) == pytest.approx(whole, rel=1e-7)
    slope = 4 * law().capillary_length * COPPER.volume_per_charge * 3.6e-4
    assert whole < 0.1 * (2 * NM) ** 2 / slope
    assert law().exponent(2 * NM) > 4


def test_refusals() -> None:
    with pytest.raises(ValueError, match="surface_energy must be positive"):
        Relaxation(KINETICS, COPPER, 0.0, 300.0)
    with pytest.raises(ValueError, match="flat_area must be positive"):
        Relaxation(KINETICS, COPPER, 1.79, 300.0, 0.0)
    with pytest.raises(ValueError, match="end must lie between 0 and the radius"):
        law().lifetime(NM, NM)
