r"""Polynomial surrogate of a costly model that says how far it is off.

Products of Legendre polynomials up to a total degree, fitted by least squares to values and, where
there are any, to derivatives. Its error is that of leaving out one sample after the other, which
costs no other fit: with H the projection onto the polynomials, the residual of what is left out is
:math:`(1 - H)^{-1} r` of its own block.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.polynomial import legendre
from scipy.spatial import cKDTree

from mitmodels.checks import FloatArray

FEWEST = 6
"""Points that a polynomial is fitted to at least."""
_HIGHEST = 6
_ROOM = 1.25  # equations for each coefficient


@dataclass(frozen=True, eq=False)
class Polynomial:
    """Polynomial in n variables of order one for m outputs.

    Attributes
    ----------
    exponents : ndarray of int, shape (terms, n)
    coefficients : ndarray, shape (terms, m)
    error : ndarray, shape (m,)
        Root mean square of what a sample that is left out is off by.
    degrees : ndarray of int, shape (m,)
        Total degree of every output, that of the least error.
    """

    exponents: np.ndarray
    coefficients: FloatArray
    error: FloatArray
    degrees: np.ndarray

    def __call__(self, z: FloatArray) -> FloatArray:
        """Outputs, shape (points, m), at points of shape (points, n)."""
        found: FloatArray = _values(z, self.exponents) @ self.coefficients
        return found

    def slopes(self, z: FloatArray) -> FloatArray:
        """Derivatives, shape (points, n, m)."""
        found: FloatArray = _slopes(z, self.exponents) @ self.coefficients
        return found


def fit_polynomial(
    z: FloatArray, values: FloatArray, slopes: FloatArray | None = None
) -> Polynomial:
    """Fit every output by the degree that predicts left-out samples best.

    Parameters
    ----------
    z : shape (points, n)
        Of order one.
    values : shape (points, m)
    slopes : shape (points, n, m), optional
        Derivatives of the values.

    Raises
    ------
    ValueError
        If there are too few points for a constant.
    """
    points, n = z.shape
    if points < 2:
        raise ValueError(f"a polynomial needs two points, got {points}")
    rows = points * (1 if slopes is None else n + 1)
    degrees = [d for d in range(_HIGHEST + 1) if d == 0 or _ROOM * len(_terms(n, d)) <= rows]
    trials = [_fit(z, values, slopes, _terms(n, degree)) for degree in degrees]
    errors = np.array([error for _, error in trials])
    best = errors.argmin(axis=0)
    exponents = _terms(n, degrees[best.max(initial=0)])
    coefficients = np.zeros((len(exponents), values.shape[1]))
    for i in np.unique(best):
        found = trials[i][0]
        coefficients[: len(found), best == i] = found[:, best == i]
    return Polynomial(exponents, coefficients, errors.min(axis=0), np.array(degrees)[best])


@dataclass(frozen=True, eq=False)
class Patchwork:
    """Polynomials for outputs of which some points have none.

    Attributes
    ----------
    parts : tuple of (ndarray, Polynomial)
        Which outputs have a polynomial together.
    z : ndarray, shape (points, n)
        To which they are fitted.
    finite : ndarray of bool, shape (points, m)
        Which outputs each point has.
    """

    parts: tuple[tuple[np.ndarray, Polynomial], ...]
    z: FloatArray
    finite: np.ndarray

    @classmethod
    def fit(cls, z: FloatArray, values: FloatArray) -> "Patchwork":
        """Fit every output to the points that have it."""
        finite = np.isfinite(values)
        masks, group = np.unique(finite, axis=1, return_inverse=True)
        parts = []
        for i, mask in enumerate(masks.T):
            if mask.sum() >= FEWEST:
                columns = np.flatnonzero(group == i)
                parts.append((columns, fit_polynomial(z[mask], values[mask][:, columns])))
        return cls(tuple(parts), z, finite)

    @property
    def known(self) -> np.ndarray:
        """Points at which each output has a value, shape (m,)."""
        return np.asarray(self.finite.sum(axis=0))

    @property
    def error(self) -> FloatArray:
        """Of every output, NaN where it has no polynomial."""
        found = np.full(len(self.known), np.nan)
        for columns, polynomial in self.parts:
            found[columns] = polynomial.error
        return found

    def __call__(self, z: FloatArray) -> FloatArray:
        """Outputs at points, shape (points, m), NaN where the nearest solution has none."""
        found = np.full((len(z), len(self.known)), np.nan)
        for columns, polynomial in self.parts:
            found[:, columns] = polynomial(z)
        nearest = cKDTree(self.z).query(z)[1]
        return np.where(self.finite[nearest], found, np.nan)

    def slopes(self, z: FloatArray) -> FloatArray:
        """Derivatives at points, shape (points, n, m)."""
        found = np.full((*z.shape, len(self.known)), np.nan)
        for columns, polynomial in self.parts:
            found[:, :, columns] = polynomial.slopes(z)
        return found


def _terms(n: int, degree: int) -> np.ndarray:
    """Exponents up to a total degree, lower ones first: a lower degree is the beginning."""
    each = [e for e in product(range(degree + 1), repeat=n) if sum(e) <= degree]
    return np.array(sorted(each, key=lambda e: (sum(e), e)), dtype=int)


def _fit(
    z: FloatArray, values: FloatArray, slopes: FloatArray | None, exponents: np.ndarray
) -> tuple[FloatArray, FloatArray]:
    """Coefficients, and the error of left-out samples, of a set of terms."""
    points = len(z)
    design = _values(z, exponents)[:, None]
    data = values[:, None]
    if slopes is not None:
        design = np.concatenate([design, _slopes(z, exponents)], axis=1)
        data = np.concatenate([data, slopes], axis=1)
    rows = design.shape[1]
    Q, R = np.linalg.qr(design.reshape(points * rows, -1))
    right = data.reshape(points * rows, -1)
    coefficients = np.linalg.lstsq(R, Q.T @ right, rcond=None)[0]
    rest = (right - Q @ (Q.T @ right)).reshape(points, rows, -1)
    blocks = Q.reshape(points, rows, -1)
    left = np.eye(rows) - blocks @ blocks.transpose(0, 2, 1)
    # A sample without which the polynomial is not determined is off by all it has.
    off = np.linalg.solve(left + np.finfo(float).eps * np.eye(rows), rest)[:, 0]
    return coefficients, np.sqrt((off**2).mean(axis=0))


def _values(z: FloatArray, exponents: np.ndarray) -> FloatArray:
    """Value of every term, shape (points, terms)."""
    powers = legendre.legvander(z, int(exponents.max(initial=0)))
    columns = (powers[:, i, exponents[:, i]] for i in range(z.shape[1]))
    return np.prod(np.array(list(columns)), axis=0)


def _slopes(z: FloatArray, exponents: np.ndarray) -> FloatArray:
    """Derivatives of every term, shape (points, n, terms)."""
    degree, n = int(exponents.max(initial=0)), z.shape[1]
    powers = legendre.legvander(z, degree)
    derived = powers[:, :, :-1] @ legendre.legder(np.eye(degree + 1))[:degree] if degree else 0
    slopes = np.broadcast_to(derived, powers.shape)
    found = np.empty((len(z), n, len(exponents)))
    for j in range(n):
        parts = [(slopes if i == j else powers)[:, i, exponents[:, i]] for i in range(n)]
        found[:, j] = np.prod(np.array(parts), axis=0)
    return found
