"""Resistivity with a memory: major and minor loops, return points, the limit without a memory."""

from itertools import accumulate, pairwise

import numpy as np
import pytest

from mitmodels.film.resistivity import HystereticResistivity, LogarithmicSwitchingResistivity

LAW = HystereticResistivity(2e-3, 6e-6, up=344.0, down=336.0, width=3.0, activation=4000.0)
COLD, HOT = 290.0, 400.0


def loop(law, *turns, points=101):
    """Temperatures and resistivities along lines between temperatures, from the cold film on."""
    T = np.concatenate([[turns[0]], *(np.linspace(*line, points)[1:] for line in pairwise(turns))])
    followed = list(accumulate(T, lambda before, now: law.followed(now, before), initial=0.0))[1:]
    return T, law(T, np.array(followed)), np.array(followed)


def branch(T, centre):
    """Resistivity of the major loop, written anew."""
    f = 1 / (1 + np.exp(-(T - centre) / LAW.width))
    cold = LAW.cold * np.exp(LAW.activation * (1 / T - 1 / LAW.up))
    return cold ** (1 - f) * LAW.hot**f


def test_major_loop(record):
    T, rho, _ = loop(LAW, COLD, HOT, COLD)
    exact = np.where(np.arange(len(T)) <= 100, branch(T, LAW.up), branch(T, LAW.down))
    # The first kelvins after the turn are those of the backlash.
    on_it = (np.arange(len(T)) <= 100) | (LAW.up - LAW.down <= HOT - T)
    error = np.abs(rho / exact - 1)[on_it].max()
    record("R(T) with a memory: major loop against both logistic functions", 1e-12, error)
    assert error < 1e-12


def test_minor_loops_stay_inside(record):
    turns = np.random.default_rng(7).uniform(315, 365, 400)
    T, rho, _ = loop(LAW, COLD, *turns, points=11)
    above, below = rho / branch(T, LAW.up), branch(T, LAW.down) / rho
    outside = max(above.max(), below.max()) - 1
    record("R(T) with a memory: 400 minor loops outside of the major one", 1e-12, outside)
    assert outside < 1e-12


def test_return_points_are_remembered_exactly(record):
    """Whatever a path does between two temperatures is forgotten when it leaves them again."""
    draw = np.random.default_rng(3)
    worst = 0.0
    for _ in range(200):
        low, high = np.sort(draw.uniform(320, 360, 2))
        inner = draw.uniform(low, high, 7)
        *_, direct = loop(LAW, COLD, HOT, low, high, points=2)
        *_, around = loop(LAW, COLD, HOT, low, *inner, high, points=2)
        worst = max(worst, abs(direct[-1] - around[-1]))
    record("R(T) with a memory: return points", "exact", worst)
    assert worst == 0.0


def test_without_a_difference_it_is_the_law_without_a_memory(record):
    same = HystereticResistivity(2e-3, 6e-6, up=340.0, down=340.0, width=3.0)
    T, rho, _ = loop(same, COLD, 350.0, 330.0, HOT, COLD)
    error = np.abs(rho / LogarithmicSwitchingResistivity(2e-3, 6e-6, 340.0, 3.0)(T) - 1).max()
    record("R(T) with a memory: T_up = T_down against the law without one", 1e-10, error)
    assert error < 1e-10


def test_a_small_excursion_is_reversible():
    """Within the backlash the fraction stays, and R(T) is that of the phases alone."""
    T, rho, followed = loop(LAW, COLD, 345.0, 338.0, 345.0)
    assert np.ptp(followed[101:]) == 0.0
    assert rho[100:201] == pytest.approx(rho[:199:-1], rel=1e-12)
    assert T[200] == 338.0
