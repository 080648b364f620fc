r"""Thermal ladder: a few relaxing stages in place of the thermal impedance of a substrate.

The temperature rise of a place by a heat P that goes as exp(p t) is Z(p) P, and

.. math:: Z(p) \approx Z(0) \sum_i \frac{w_i}{1 + p \tau_i}, \qquad w_i \ge 0, \quad \sum_i w_i = 1,

with times that all states share and weights that are those of one heat pattern each. On the
imaginary axis the fit is one of the frequency response; both its ends and its sum then hold for
steps, too.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from mitmodels.checks import FloatArray

_SUM = 1e3  # weight of the sum of the weights beside one frequency
_SCAN = 16  # shortest and longest times that are tried


@dataclass(frozen=True, eq=False)
class Ladder:
    """Stages of relaxation.

    Attributes
    ----------
    times : ndarray, shape (stages,)
        tau_i [s], rising.
    weights : ndarray, shape (states, stages)
        w_i of each state's heat pattern; rows sum to one.
    error : float
        Largest distance between the fitted and the given impedance, over that at rest.
    """

    times: FloatArray
    weights: FloatArray
    error: float

    def step_response(self, t: npt.ArrayLike) -> FloatArray:
        """Rise after a step of heat over that at rest, shape (states, times)."""
        decays = np.exp(-np.asarray(t, dtype=float)[None] / self.times[:, None])
        return np.asarray(self.weights @ (1 - decays))


def fit_ladder(omega: FloatArray, impedance: npt.NDArray[np.complex128], stages: int) -> Ladder:
    """Fit times that are evenly spaced on a logarithmic axis, and weights, to impedances.

    Parameters
    ----------
    omega : ndarray, shape (n,)
        Angular frequencies [1/s], rising over all times that matter.
    impedance : ndarray, shape (states, n)
        Z(i omega)/Z(0).
    stages : int

    Returns
    -------
    Ladder
        The one with the smallest largest error among the ends of the times that are tried.
    """
    exponents = np.linspace(-np.log10(omega[-1]), -np.log10(omega[0]), _SCAN)
    ends = combinations(exponents, 2) if stages > 1 else ((end, end) for end in exponents)
    tried = (_weighted(np.logspace(*pair, stages), omega, impedance) for pair in ends)
    return min(tried, key=lambda ladder: ladder.error)


def _weighted(
    times: FloatArray, omega: FloatArray, impedance: npt.NDArray[np.complex128]
) -> Ladder:
    """Weights by non-negative least squares."""
    from scipy.optimize import nnls  # only here: it takes longer than the rest

    stages = 1 / (1 + 1j * omega[:, None] * times)
    matrix = np.vstack([stages.real, stages.imag, np.full((1, len(times)), _SUM)])
    rows = [nnls(matrix, np.concatenate([z.real, z.imag, [_SUM]]))[0] for z in impedance]
    weights = np.array(rows)
    weights /= weights.sum(axis=1, keepdims=True)
    error = float(np.abs(weights @ stages.T - impedance).max())
    return Ladder(times, weights, error)
