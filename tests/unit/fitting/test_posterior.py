"""Posteriors: of linear models in closed form, and calibrated on synthetic data sets."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import least_squares

from mitmodels.errors import RunError
from mitmodels.film.barrier import AnalyticBarrier
from mitmodels.fitting.posterior import explore, laplace
from mitmodels.fitting.surrogate import Ball, Solved

LOW, SPAN = np.array([2e6, 1e8]), np.array([8e6, 5e8])  # [W/(K m2)]
ERRORS = np.array([0.4, 0.5])  # [V], [um]


def linear(jacobian, truth):
    return lambda x: Solved((x - truth) @ jacobian.T, x @ np.ones((x.shape[1], 1)))


def test_linear_model_has_the_posterior_of_laplace():
    jacobian = np.array([[40.0, 30.0], [0.0, 25.0], [10.0, -10.0]])
    truth = np.array([0.4, 0.6])
    found = explore(linear(jacobian, truth), truth, jacobian, points=16, draws=20_000, seed=1)
    exact = np.linalg.inv(jacobian.T @ jacobian)
    np.testing.assert_allclose(found.covariance, exact, rtol=0.03)  # and the bounds
    np.testing.assert_allclose(np.cov(found.chain.draws.T), exact, rtol=0.12)
    np.testing.assert_allclose(found.chain.draws.mean(axis=0), truth, atol=4e-3)
    assert found.settled
    assert found.solved == 16
    assert found.surrogate.residuals.error.max() < 1e-10
    middle, spread = found.laplace_predictions()
    assert middle[0] == pytest.approx(1.0)
    assert spread[0] == pytest.approx(np.sqrt(found.covariance.sum()))
    again = explore(linear(jacobian, truth), truth, jacobian, points=16, draws=20_000, seed=1)
    np.testing.assert_array_equal(found.chain.draws, again.chain.draws)


def test_derivatives_of_the_model_are_used():
    """A cubic residual at fewer points than it has coefficients."""
    jacobian, best = np.array([[30.0, 10.0], [0.0, 20.0]]), np.array([0.5, 0.5])

    def solve(x):
        r = (x - best) @ jacobian.T
        slopes = jacobian * (1 + 0.3 * r**2)[:, :, None]
        return Solved(r + 0.1 * r**3, np.empty((len(x), 0)), slopes.transpose(0, 2, 1))

    x = best + np.array([[0.01, 0.02]])
    h = np.array([1e-6, 0.0])
    difference = (solve(x + h).residuals - solve(x - h).residuals) / 2e-6
    np.testing.assert_allclose(solve(x).slopes[:, 0], difference, rtol=1e-6)
    found = explore(solve, best, jacobian, points=8, draws=200, seed=1)
    assert found.solved == 8
    assert found.surrogate.residuals.error.max() < 1e-9


def test_parameter_without_data_keeps_its_interval():
    jacobian = np.array([[50.0, 0.0]])
    best = np.array([0.5, 0.8])
    found = explore(linear(jacobian, best), best, jacobian, points=24, draws=5000, seed=1)
    assert np.sqrt(found.covariance[1, 1]) == pytest.approx(1 / np.sqrt(12))
    u = found.chain.draws[:, 1]
    assert u.std() == pytest.approx(1 / np.sqrt(12), rel=0.05)
    assert np.abs(np.sort(u) - np.linspace(0, 1, len(u))).max() < 0.05


def test_what_has_no_solution_is_left_out_and_counted():
    jacobian, best = np.array([[20.0]]), np.array([0.5])

    def solve(x):
        found = linear(jacobian, best)(x)
        residuals = np.where(x > 0.6, np.nan, found.residuals)
        return Solved(residuals, found.predictions)

    found = explore(solve, best, jacobian, points=24, draws=500, seed=1)
    assert 0 < found.failed < found.solved
    with pytest.raises(RunError, match="has 0 solutions near the optimum"):
        explore(lambda x: Solved(np.full_like(x, np.nan), x), best, jacobian, 8, 500, 1)


def test_points_fill_the_ball_inside_the_intervals():
    ball = Ball.around(np.array([0.05, 0.5]), laplace(np.diag([10.0, 20.0])))
    x = ball.design(400, seed=1)
    assert x.shape == (400, 2)
    assert ((x >= 0) & (x <= 1)).all()
    assert np.linalg.norm(ball.inward(x), axis=1).max() <= 1
    assert (np.linalg.norm(ball.inward(x), axis=1) > np.sqrt(0.5)).mean() == pytest.approx(
        0.5, abs=0.15
    )


def barrier(x, length=1e-4, T_0=100.0):
    substrate, film = (LOW + np.atleast_2d(x) * SPAN).T
    return AnalyticBarrier(2e-6, 20.0, length, 2e-8, substrate, film, 340.0, T_0)


def observed(x):
    """Threshold voltage [V] and width at 60 V [um]."""
    return np.column_stack([barrier(x).threshold()[1], 1e6 * barrier(x).widths(60.0).physical])


def predicted(x):
    """Threshold of a channel that is not fitted: five times shorter, 50 K warmer."""
    return barrier(x, 2e-5, 150.0).threshold()[1][:, None]


def posterior(seed, off=0.0):
    """Numbers that made a synthetic data set, and their posterior after a fit to it.

    All that a solver gives is off by as much.
    """
    rng = np.random.default_rng(seed)
    truth = rng.random(2)
    data = observed(truth) + ERRORS * rng.standard_normal(2)

    def residuals(x):
        return (observed(x) - data) / ERRORS

    fit = least_squares(lambda x: residuals(x)[0], [0.5, 0.5], bounds=(0, 1))

    def solve(x):
        noise = off * rng.standard_normal((len(x), 3))
        return Solved(residuals(x) + noise[:, :2], predicted(x) * (1 + noise[:, 2:]))

    return truth, explore(solve, fit.x + off, fit.jac * (1 + off), points=16, draws=1000, seed=seed)


def test_surrogate_of_the_barrier_is_as_good_as_it_says():
    _, found = posterior(3)
    x = found.surrogate.ball.design(200, seed=9)
    z = found.surrogate.ball.inward(x)
    off = found.surrogate.predictions(z) - predicted(x)
    stated = found.surrogate.predictions.error[0]
    assert 0.3 * stated < np.sqrt((off**2).mean()) < 2 * stated
    assert found.accurate


def test_what_ranks_differ_by_moves_the_bands_as_little():
    """Solutions on other numbers of ranks are the same to about 1e-10."""
    found, other = posterior(3)[1], posterior(3, off=1e-10)[1]
    np.testing.assert_allclose(other.chain.draws, found.chain.draws, rtol=1e-8)
    np.testing.assert_allclose(other.predict(1), found.predict(1), rtol=1e-8)


@pytest.mark.slow
def test_posterior_is_calibrated(record):
    """Ranks of the truth among 99 samples (Talts et al. 2018), and how often bands hold it."""
    ranks, sampled, approximate = [], [], []
    for seed in range(200):
        truth, found = posterior(seed)
        ranks.append((found.chain.draws[:99] < truth).sum(axis=0))
        value = predicted(truth)[0, 0]
        low, high = np.quantile(found.predict(seed)[:, 0], (0.05, 0.95))
        sampled.append(low <= value <= high)
        (middle,), (spread,) = found.laplace_predictions()
        approximate.append(abs(value - middle) < 1.645 * spread)
    bins = np.arange(0, 101, 10)
    each = (column for ranked in (ranks[:100], ranks) for column in np.transpose(ranked))
    p = min(stats.chisquare(np.histogram(column, bins)[0]).pvalue for column in each)
    record("calibration of the posterior, 100 and 200 data sets: chi2 p of the ranks", "> 0.01", p)
    covered = float(np.mean(sampled))
    record("90 % band of a device that is not fitted holds the truth", "0.85 to 0.95", covered)
    record("the same of Laplace's band", "", float(np.mean(approximate)))
    assert p > 0.01
    assert 0.85 <= covered <= 0.95
