"""Polynomials that stand for a costly model in a ball around the optimum of a fit."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.fitting.polynomial import FEWEST, Patchwork, Polynomial, fit_polynomial

_BEYOND = 1e-4  # probability of a Gaussian beyond the ball


@dataclass(frozen=True, eq=False)
class Solved:
    """What the model gives at some points.

    Attributes
    ----------
    residuals : ndarray, shape (points, data)
        In units of the standard errors; NaN where there is no solution.
    predictions : ndarray, shape (points, m)
        NaN where there is none.
    slopes : ndarray, shape (points, n, data), optional
        Derivatives of the residuals by the parameters, if the model has them; NaN where not.
    """

    residuals: FloatArray
    predictions: FloatArray
    slopes: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class Ball:
    r"""Ball in coordinates in which a Gaussian is round.

    Attributes
    ----------
    centre : ndarray, shape (n,)
    shape : ndarray, shape (n, n)
        Lower triangular: ``centre + shape @ z`` with \|z\| < 1 is inside.
    """

    centre: FloatArray
    shape: FloatArray

    @classmethod
    def around(cls, centre: FloatArray, covariance: FloatArray, widened: float = 1.0) -> "Ball":
        """Ball that holds all but little of a Gaussian, in few digits.

        A chain amplifies rounding errors, which differ with the number of ranks; where the ball is
        the same, its proposals are.
        """
        radius = widened * np.sqrt(stats.chi2.isf(_BEYOND, len(centre)))
        exact = radius * np.linalg.cholesky(covariance)
        shape = np.vectorize(lambda value: float(f"{value:.3g}"))(exact)
        step = 10.0 ** (np.floor(np.log10(np.diag(shape))) - 2)
        return cls(step * np.round(centre / step), shape)

    def inward(self, x: FloatArray) -> FloatArray:
        """Coordinates of points in units of the radius, shape (points, n)."""
        found: FloatArray = np.linalg.solve(self.shape, (x - self.centre).T).T
        return found

    def design(self, count: int, seed: int) -> FloatArray:
        """Evenly spread points inside ball and intervals, shape (count, n)."""
        n = len(self.centre)
        sequence, found = stats.qmc.Halton(n + 1, rng=seed), np.empty((0, n))
        while len(found) < count:
            u = sequence.random(4 * count)
            direction = stats.norm.ppf(np.clip(u[:, 1:], 1e-9, 1 - 1e-9))
            direction /= np.linalg.norm(direction, axis=1)[:, None]
            x = self.centre + (u[:, :1] ** (1 / n) * direction) @ self.shape.T
            found = np.concatenate([found, x[((x >= 0) & (x <= 1)).all(axis=1)]])
        return found[:count]


@dataclass(frozen=True, eq=False)
class Surrogate:
    """Polynomials that stand for residuals and predictions in a ball.

    Attributes
    ----------
    points : int
        Solutions that they are fitted to.
    """

    ball: Ball
    residuals: Polynomial
    predictions: Patchwork
    points: int

    @classmethod
    def fit(cls, ball: Ball, x: FloatArray, solved: Solved) -> "Surrogate":
        """Fit to the points inside the ball at which the model has a solution.

        Raises
        ------
        RunError
            If there are too few of them.
        """
        z = ball.inward(x)
        inside = np.linalg.norm(z, axis=1) <= 1 + 1e-9
        sound = inside & np.isfinite(solved.residuals).all(axis=1)
        if sound.sum() < FEWEST:
            raise RunError(f"the model has {sound.sum()} solutions near the optimum")
        slopes = None
        if solved.slopes is not None and np.isfinite(solved.slopes[sound]).all():
            slopes = np.einsum("ij,pim->pjm", ball.shape, solved.slopes[sound])
        residuals = fit_polynomial(z[sound], solved.residuals[sound], slopes)
        predictions = Patchwork.fit(z[sound], solved.predictions[sound])
        return cls(ball, residuals, predictions, int(sound.sum()))

    def log_probability(self, x: FloatArray) -> FloatArray:
        """Logarithm of the posterior but for a constant, shape (points,)."""
        z = self.ball.inward(x)
        inside = ((x >= 0) & (x <= 1)).all(axis=1) & (np.linalg.norm(z, axis=1) <= 1)
        square = (self.residuals(np.where(inside[:, None], z, 0.0)) ** 2) @ (
            1 / (1 + self.residuals.error**2)
        )
        return np.where(inside, -0.5 * square, -np.inf)
