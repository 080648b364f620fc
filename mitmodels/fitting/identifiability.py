r"""Parameters of a model that a set of data determines.

The Jacobian is scaled: residuals in units of their standard errors, every parameter in units of the
interval that it may lie in. A combination of parameters with the singular value s is then known to
1/s of the intervals. Before the data it was known to :math:`1/\sqrt{12}`, the standard deviation
of an even distribution on the interval; what the data leave less sure than that, they do not
determine.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, finite

UNKNOWN = 1 / np.sqrt(12)
_NAMED = 0.3  # fraction of a combination from which a parameter is named


@dataclass(frozen=True, eq=False)
class Identifiability:
    """Singular values of the scaled Jacobian and what follows from them.

    Attributes
    ----------
    names : tuple of str, length n
        Of the parameters.
    singular_values : ndarray, shape (n,)
        Falling; zero for what no residual depends on.
    combinations : ndarray, shape (n, n)
        Row i: weights of the parameters in combination i, a unit vector.
    alone : ndarray, shape (n,)
        Standard error of each parameter if all others were known, in units of its interval.
    """

    names: tuple[str, ...]
    singular_values: FloatArray
    combinations: FloatArray
    alone: FloatArray

    @property
    def together(self) -> FloatArray:
        """Standard error of each parameter with all others unknown, in units of its interval.

        Beyond all bounds, but finite, for what no residual depends on: zero is told from rounding
        by nothing.
        """
        rounding = np.finfo(float).eps * self.singular_values[0] + np.finfo(float).tiny
        parts = self.combinations / np.maximum(self.singular_values, rounding)[:, None]
        total: FloatArray = np.linalg.norm(parts, axis=0)
        return total

    @property
    def determined(self) -> tuple[bool, ...]:
        """Whether the data determine each parameter."""
        return tuple(bool(error < UNKNOWN) for error in self.together)

    def sentences(self) -> list[str]:
        """Say plainly what is not identifiable; nothing if everything is."""
        silent = self.alone >= UNKNOWN
        found = [
            f"{name} is not identifiable: the data hardly depend on it"
            for name, is_silent in zip(self.names, silent, strict=True)
            if is_silent
        ]
        weak = self.combinations[self.singular_values * UNKNOWN <= 1]
        for weights in weak:
            named = np.flatnonzero(np.abs(weights) > _NAMED * np.abs(weights).max())
            if silent[named].all():
                continue
            signs = np.sign(weights * weights[named[0]])
            directions = {1.0: "up", -1.0: "down"}
            moves = ", ".join(
                f"{self.names[i]} {directions[signs[i]]} {abs(weights[i]):.2f}" for i in named
            )
            found.append(
                f"not identifiable together: {moves} of their intervals hardly change the data"
            )
        return found


def identifiability(names: Sequence[str], jacobian: ArrayLike) -> Identifiability:
    """Analyse a scaled Jacobian.

    Parameters
    ----------
    names : length n
        Of the parameters.
    jacobian : shape (m, n)
        d(residual / its standard error) / d(parameter / its interval); m may be less than n.

    Raises
    ------
    ValueError
        If the shapes do not fit or a value is not finite.
    """
    J = finite("jacobian", jacobian, "")
    if J.ndim != 2 or J.shape[1] != len(names):
        raise ValueError(f"the Jacobian {J.shape} needs a column for each of {len(names)} names")
    found, combinations = np.linalg.svd(J, full_matrices=True)[1:]
    values = np.zeros(len(names))
    values[: len(found)] = found
    with np.errstate(divide="ignore"):
        alone = 1 / np.linalg.norm(J, axis=0)
    return Identifiability(tuple(names), values, combinations, alone)
