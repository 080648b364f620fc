"""Waiting for a nucleus: its mean, its distribution at a constant voltage and under a ramp."""

import math

import numpy as np
import pytest
from scipy.stats import expon, kstest

from mitmodels.cell.nucleation import Nucleation

SEEDS = range(2000)
T = 300.0
THERMAL = 8.617333e-5 * T


def law(seed: int = 0, **values: float) -> Nucleation:
    given = {"atoms": 1, "transfer_coefficient": 0.5, "charge_number": 1, **values}
    return Nucleation(1e-9, 0.9, seed=seed, **given)


def waited(law: Nucleation, rate: float, steps: float = 0.05) -> float:
    """Time of the nucleus on a ramp [V/s] that is followed in steps of a voltage [V]."""
    left, V = law.draw(0), 0.0
    while (found := law.expected((V, V + steps), T, steps / rate)) < left:
        left, V = left - found, V + steps
    return V / rate + law.reached((V, V + steps), T, steps / rate, left)


def test_mean_over_voltage_and_temperature() -> None:
    mean = 1e-9 * math.exp((0.9 - 1.5 * 0.4) / THERMAL)
    assert 1 / law().rate(0.4, T) == pytest.approx(mean, rel=1e-5)
    slope = math.log(law().rate(0.5, T) / law().rate(0.4, T)) / 0.1
    assert slope == pytest.approx(law().steepness(T), rel=1e-12)
    hot = math.log(law().rate(0.4, 400.0) / law().rate(0.4, T))
    assert hot == pytest.approx((0.9 - 0.6) / 8.617333e-5 * (1 / T - 1 / 400.0), rel=1e-5)


def test_waiting_times_at_a_constant_voltage_are_exponential(record) -> None:
    V, one = 0.5, law()
    times = [law(seed).reached((V, V), T, 1.0, law(seed).draw(0)) for seed in SEEDS]
    p = kstest(times, expon(scale=1 / one.rate(V, T)).cdf).pvalue
    record("nucleation at a constant voltage, 2000 seeds: p of the exponential", "> 0.01", p)
    assert p > 0.01


@pytest.mark.parametrize(("rate", "first"), [(1e-2, 2000), (1e3, 4000)])
def test_voltages_under_a_ramp_follow_the_closed_form(rate, first, record) -> None:
    r"""P(V_set < V) = 1 - exp(-k (exp(bV) - 1) / br)."""
    k, b = law().rate(0.0, T), law().steepness(T)
    voltages = [rate * waited(law(first + seed), rate) for seed in SEEDS]
    p = kstest(voltages, lambda V: -np.expm1(-k / (b * rate) * np.expm1(b * V))).pvalue
    record(f"nucleation under {rate:g} V/s, 2000 seeds: p of the closed form", "> 0.01", p)
    assert p > 0.01


def test_steps_do_not_matter() -> None:
    assert waited(law(3), 10.0, 0.05) == pytest.approx(waited(law(3), 10.0, 0.6), rel=1e-12)


def test_no_nucleus_without_a_positive_voltage() -> None:
    """A line through zero counts from there on, in either direction."""
    one = law()
    assert one.expected((-1.0, 0.0), T, 1e9) == one.expected((0.0, 0.0), T, 1e9) == 0.0
    half = one.expected((0.0, 0.5), T, 1.0)
    assert one.expected((-0.5, 0.5), T, 2.0) == pytest.approx(half, rel=1e-12)
    assert one.expected((0.5, -0.5), T, 2.0) == pytest.approx(half, rel=1e-12)
    late = one.reached((-0.5, 0.5), T, 2.0, half / 2)
    assert late == pytest.approx(1.0 + one.reached((0.0, 0.5), T, 1.0, half / 2), rel=1e-12)
    assert one.reached((-0.5, 0.5), T, 2.0, half) == pytest.approx(2.0, rel=1e-12)
    early = one.reached((0.5, -0.5), T, 2.0, half / 2)
    assert early == pytest.approx(one.reached((0.5, 0.0), T, 1.0, half / 2), rel=1e-12)


def test_other_nuclei_of_a_seed_are_other_draws() -> None:
    """Those of one seed are as independent as those of different ones."""
    p = kstest([law(7).draw(number) for number in SEEDS], "expon").pvalue
    assert p > 0.01
    assert law(7).draw(1) == law(7).draw(1) != law(8).draw(1)


def test_steep_drives_wait_for_nothing() -> None:
    """10 V in a microsecond, and 100 V at once, are numbers."""
    one = law(atoms=8)
    assert 0 < one.reached((0.0, 10.0), T, 1e-6, 1.0) < 1e-6
    assert one.expected((0.0, 100.0), T, 1e-6) > 1e100


@pytest.mark.parametrize("values", [{"atoms": -1}, {"transfer_coefficient": 1.5}])
def test_values_without_a_meaning_are_refused(values) -> None:
    with pytest.raises(ValueError, match=next(iter(values))):
        law(**values)
