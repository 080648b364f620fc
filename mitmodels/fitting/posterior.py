r"""Posterior of the parameters of a fit: Laplace's approximation, and samples of a surrogate.

Parameters are in units of their intervals, on which they are evenly distributed before the data;
residuals in units of their standard errors. Laplace's approximation is the Gaussian with the
precision :math:`J^T J + 12`: twelve is that of the even distribution, so that a parameter which the
data do not determine keeps the width of its interval.

The model is too costly for a chain, a polynomial is not. It stands for the model in a ball around
the optimum, in the coordinates in which Laplace's approximation is round. Residual and surrogate
differ by its error s, so the likelihood takes :math:`r^2/(1 + s^2)`. Where the samples fill the
ball, or the error is too large, the ball is drawn anew around the samples, and the model solved at
new points.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.fitting.surrogate import Ball, Solved, Surrogate

PRIOR = 12.0  # precision of an even distribution on a unit interval
_ROUNDS = 3
_ACCURATE = 0.1  # error of the surrogate, in standard errors of the data
_OUTER, _MOST_OUTSIDE = 0.9, 0.01  # fraction of the radius, of the samples
_WALKERS, _CHUNK, _LONGEST = 32, 500, 20_000  # steps
_INDEPENDENT = 50  # autocorrelation times of a chain


# Solves at points of shape (points, n).
SolveAll = Callable[[FloatArray], Solved]


@dataclass(frozen=True, eq=False)
class Chain:
    """Samples of the posterior, about independent.

    Attributes
    ----------
    draws : ndarray, shape (draws, n)
    steps : int
        Of every walker.
    autocorrelation : float
        Longest autocorrelation time, in steps.
    acceptance : float
        Fraction of the proposals that were taken.
    """

    draws: FloatArray
    steps: int
    autocorrelation: float
    acceptance: float

    @property
    def converged(self) -> bool:
        """Whether the chain is so long that its autocorrelation time is known."""
        return self.steps >= _INDEPENDENT * self.autocorrelation


@dataclass(frozen=True, eq=False)
class Posterior:
    """Both approximations of a posterior, in units of the intervals.

    Attributes
    ----------
    best : ndarray, shape (n,)
    covariance : ndarray, shape (n, n)
        Of Laplace's approximation.
    surrogate : Surrogate
    chain : Chain
    solved : int
        Points at which the model was solved.
    failed : int
        Of these, those without a solution.
    """

    best: FloatArray
    covariance: FloatArray
    surrogate: Surrogate
    chain: Chain
    solved: int
    failed: int

    @property
    def accurate(self) -> bool:
        """Whether the surrogate is off by little of every standard error."""
        return bool((self.surrogate.residuals.error < _ACCURATE).all())

    @property
    def outside(self) -> float:
        """Fraction of the samples near the surface of the ball."""
        z = self.surrogate.ball.inward(self.chain.draws)
        return float((np.linalg.norm(z, axis=1) > _OUTER).mean())

    @property
    def settled(self) -> bool:
        """Whether another round would change little."""
        return self.accurate and self.outside <= _MOST_OUTSIDE

    def predict(self, seed: int) -> FloatArray:
        """Predictions of all samples with the error of the surrogate, shape (draws, m)."""
        polynomial = self.surrogate.predictions
        found = polynomial(self.surrogate.ball.inward(self.chain.draws))
        noise = np.random.default_rng(seed).standard_normal(found.shape)
        return found + polynomial.error * noise

    def laplace_predictions(self) -> tuple[FloatArray, FloatArray]:
        """Predictions at the optimum and their standard deviations, shape (m,)."""
        ball, polynomial = self.surrogate.ball, self.surrogate.predictions
        z = ball.inward(self.best[None])
        slopes = np.linalg.solve(ball.shape.T, polynomial.slopes(z)[0])
        spread = np.einsum("im,ij,jm->m", slopes, self.covariance, slopes)
        return polynomial(z)[0], np.sqrt(spread + polynomial.error**2)


def laplace(jacobian: FloatArray) -> FloatArray:
    """Covariance of Laplace's approximation, in units of the intervals.

    Parameters
    ----------
    jacobian : shape (data, n)
        d(residual)/d(parameter / its interval) at the optimum.
    """
    n = jacobian.shape[1]
    found: FloatArray = np.linalg.inv(jacobian.T @ jacobian + PRIOR * np.eye(n))
    return found


def sample(surrogate: Surrogate, draws: int, seed: int) -> Chain:
    """Sample by the affine-invariant walkers of emcee (Foreman-Mackey et al. 2013)."""
    import emcee  # only here: it takes longer than the rest

    n, rng = len(surrogate.ball.centre), np.random.default_rng(seed)
    walkers = max(_WALKERS, 4 * n)
    start = surrogate.ball.design(8 * walkers, seed)
    weights = np.exp(_relative(surrogate.log_probability(start)))
    some = np.argsort(rng.exponential(size=len(start)) / weights)[:walkers]
    sampler = emcee.EnsembleSampler(walkers, n, surrogate.log_probability, vectorize=True)
    sampler.random_state = np.random.RandomState(seed).get_state()
    state = start[some]
    while True:
        state = sampler.run_mcmc(state, _CHUNK)
        time = float(np.max(sampler.get_autocorr_time(tol=0, discard=sampler.iteration // 4)))
        if sampler.iteration >= min(_LONGEST, _INDEPENDENT * time):
            break
    kept = sampler.get_chain(discard=sampler.iteration // 4, flat=True)
    chosen = kept[rng.permutation(len(kept))[:draws]]
    acceptance = float(np.mean(sampler.acceptance_fraction))
    return Chain(chosen, sampler.iteration, time, acceptance)


def _relative(logarithms: FloatArray) -> FloatArray:
    """Logarithms of weights, the largest 0 and none below what an exponential shows."""
    return np.maximum(logarithms - logarithms.max(), -700.0)


def explore(
    solve: SolveAll,
    best: FloatArray,
    jacobian: FloatArray,
    points: int,
    draws: int,
    seed: int,
    agree: Callable[[FloatArray], FloatArray] = lambda same: same,
) -> Posterior:
    """Find the posterior around the optimum of a fit.

    Parameters
    ----------
    solve
        The model.
    best : shape (n,)
        Optimum, in units of the intervals.
    jacobian : shape (data, n)
        d(residual)/d(parameter / its interval) there.
    points
        At which the model is solved in each of up to three rounds.
    draws
        Samples to return.
    seed
        Of points and chain.
    agree
        Makes samples the same on all ranks.

    Raises
    ------
    RunError
        If the model has too few solutions near the optimum.
    """
    covariance = laplace(jacobian)
    ball = Ball.around(best, covariance)
    x = np.empty((0, len(best)))
    parts: list[Solved] = []
    for turn in range(_ROUNDS):
        new = ball.design(points, seed + turn)
        parts.append(solve(new))
        x = np.concatenate([x, new])
        solved = _joined(parts)
        surrogate = Surrogate.fit(ball, x, solved)
        chain = sample(surrogate, draws, seed)
        failed = int((~np.isfinite(solved.residuals).all(axis=1)).sum())
        found = Posterior(best, covariance, surrogate, chain, len(x), failed)
        if found.settled:
            break
        shared = agree(chain.draws)
        spread = np.cov(shared.T).reshape(len(best), -1) + 1e-12 * np.eye(len(best))
        widened = 1.5 if found.outside > _MOST_OUTSIDE else 1.0
        ball = Ball.around(shared.mean(axis=0), spread, widened)
    return found


def _joined(parts: Sequence[Solved]) -> Solved:
    residuals = np.concatenate([part.residuals for part in parts])
    predictions = np.concatenate([part.predictions for part in parts])
    slopes = [part.slopes for part in parts if part.slopes is not None]
    return Solved(residuals, predictions, np.concatenate(slopes) if slopes else None)
