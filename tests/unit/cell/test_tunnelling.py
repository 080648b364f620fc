"""Tunnel conductance against tabulated values and limits; split of the tunnel heat."""

from dataclasses import replace

import ufl

import numpy as np
import pytest

from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.constants import ELEMENTARY_CHARGE, PLANCK

BARRIER = TunnelBarrier(height=3.6, relative_mass=0.86, prefactor=1.0, fermi_energy=7.0)
GAPS = np.array([0.07, 0.1, 0.2, 0.4, 0.5, 1.0]) * 1e-9


@pytest.mark.parametrize(
    ("prefactor", "expected"),
    [
        (0.5, [1.12e14, 4.58e13, 3.77e12, 5.13e10, 6.76e9, 4.11e5]),
        (1.0, [2.25e14, 9.16e13, 7.55e12, 1.03e11, 1.35e10, 8.22e5]),
        (1.5, [3.37e14, 1.37e14, 1.13e13, 1.54e11, 2.03e10, 1.23e6]),
    ],
)
def test_zero_bias_conductance(prefactor, expected) -> None:
    np.testing.assert_allclose(
        replace(BARRIER, prefactor=prefactor).simmons(GAPS), expected, rtol=5e-3
    )


def simmons_current(barrier, gap, voltage):
    """J. G. Simmons' current density up to the height of the barrier, as he prints it [A/m2]."""
    parts = np.array((barrier.height - voltage / 2, barrier.height + voltage / 2))
    emitted = parts * np.exp(-2 * barrier.decay * gap * np.sqrt(parts / barrier.height))
    scale = ELEMENTARY_CHARGE**2 / (2 * np.pi * PLANCK * gap**2)  # of eV
    return scale * (emitted[0] - emitted[1])


@pytest.mark.parametrize("gap", [0.2e-9, 0.35e-9, 0.5e-9])
def test_linear_law_is_within_10_percent_of_simmons_formula_up_to_a_third_of_the_height(gap):
    """Its change with the voltage is, as the range in cases/materials/cu_sio2.toml says."""
    shipped = replace(BARRIER, relative_mass=0.84)
    linear = simmons_current(shipped, gap, 1e-4) / 1e-4
    assert simmons_current(shipped, gap, 1.3) / 1.3 / linear == pytest.approx(1, abs=0.1)
    assert simmons_current(shipped, gap, 2.0) / 2.0 / linear == pytest.approx(1, abs=0.25)


@pytest.mark.parametrize("gap", [0.15e-9, 0.2e-9, 0.5e-9, 2e-9])
def test_simmons_law_is_his_formula_and_at_small_voltage_its_linear_expansion(gap, record):
    law = replace(BARRIER, relative_mass=0.84, law="simmons")
    for voltage in (0.3, -1.0, 3.0):
        expected = simmons_current(law, gap, voltage) / voltage
        found = law.simmons(gap) * law.beyond_linear(gap, voltage)
        assert found == pytest.approx(expected, rel=1e-12)
    expansion = law.simmons(gap) * (1 - 1 / (law.decay * gap))
    error = abs(law.simmons(gap) * law.beyond_linear(gap, 1e-4) / expansion - 1)
    record(f"Simmons' law at 0.1 mV and {gap * 1e9:g} nm, by its expansion", "1e-6", f"{error:.1e}")
    assert error < 1e-6
    assert law.beyond_linear(gap, 0.0) == pytest.approx(1 - 1 / (law.decay * gap), rel=1e-14)


def test_simmons_law_goes_on_to_the_open_contact_below_the_gap_where_it_is_largest():
    """His own current vanishes at 1/kappa; from there on his formula has the wrong sign."""
    law = replace(BARRIER, relative_mass=0.84, law="simmons")
    assert simmons_current(law, 0.1e-9, 0.1) < 0
    gaps = np.linspace(0.01e-9, 2e-9, 400)
    for voltage in (0.0, 1.0, 2.0):
        assert (np.diff(law.conductance(gaps, voltage)) < 0).all()
    assert law.conductance(1e-15, 1.0) == pytest.approx(law.sharvin, rel=1e-3)


def test_conductance_with_the_sharvin_limit() -> None:
    expected = [1.88e14, 8.48e13, 7.50e12, 1.03e11, 1.35e10, 8.2e5]
    np.testing.assert_allclose(BARRIER.conductance(GAPS), expected, rtol=5e-3)


def test_within_a_factor_of_the_wkb_integral() -> None:
    """Conductance of the rectangular barrier from the integral over transverse energies."""
    wkb = np.array([2.03e14, 9.91e13, 9.89e12, 1.35e11, 1.74e10, 1.01e6])
    ratio = BARRIER.simmons(GAPS) / wkb
    assert (ratio > 0.7).all()
    assert (ratio < 1.15).all()


def test_open_contact_is_the_sharvin_conductance() -> None:
    assert BARRIER.sharvin == pytest.approx(1.13e15, rel=3e-3)
    assert BARRIER.conductance(1e-14) == pytest.approx(BARRIER.sharvin, rel=1e-3)


def test_slope_of_a_wide_gap() -> None:
    g, step = 3e-9, 1e-15
    slope = np.log(BARRIER.conductance(g + step) / BARRIER.conductance(g - step)) / (2 * step)
    assert BARRIER.decay == pytest.approx(9.01e9, rel=1e-3)
    assert slope == pytest.approx(-2 * BARRIER.decay - 1 / g, rel=1e-6)


def test_receiving_fraction_of_the_heat() -> None:
    voltage = np.array([0.05, 0.5, 1.0, 1.7])
    narrow, wide = (
        BARRIER.receiving_fraction(voltage, 0.2e-9),
        BARRIER.receiving_fraction(voltage, 4e-10),
    )
    np.testing.assert_allclose(narrow, [0.502, 0.521, 0.542, 0.570], atol=6e-4)
    np.testing.assert_allclose(wide, [0.504, 0.542, 0.582, 0.635], atol=6e-4)


def test_receiving_fraction_runs_from_one_half_to_one() -> None:
    voltage = np.array([0.0, 1e-9, 1e-3, 1.0, 1e3, 1e6])
    share = BARRIER.receiving_fraction(voltage, 0.3e-9)
    assert share[0] == 0.5
    assert (np.diff(share) >= 0).all()
    assert share[-1] == pytest.approx(1.0, abs=1e-5)
    assert share[-1] + (1 - share[-1]) == 1.0
    x = BARRIER.height / (BARRIER.decay * 0.3e-9) * 1e-2
    below, above = BARRIER.receiving_fraction(np.array([x * (1 - 1e-9), x * (1 + 1e-9)]), 0.3e-9)
    assert below == pytest.approx(above, abs=1e-11)


def test_same_values_in_ufl() -> None:
    gap = ufl.variable(ufl.as_ufl(0.3e-9))
    law = replace(BARRIER, law="simmons")
    assert law.conductance(gap, 1.0)(()) == pytest.approx(law.conductance(0.3e-9, 1.0))
    assert BARRIER.conductance(gap)(()) == pytest.approx(BARRIER.conductance(0.3e-9))
    assert BARRIER.receiving_fraction(1.0, gap)(()) == pytest.approx(
        float(BARRIER.receiving_fraction(1.0, 0.3e-9))
    )


def test_a_barrier_without_height_is_refused() -> None:
    with pytest.raises(ValueError, match=r"height must be positive, got 0.0 eV"):
        replace(BARRIER, height=0.0)
