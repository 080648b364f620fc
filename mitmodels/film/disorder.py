"""Random variation of a material along a surface, the same wherever and by whomever it is read."""

from dataclasses import dataclass

import numpy as np

from mitmodels.checks import FloatArray, positive


@dataclass(frozen=True)
class LognormalField:
    r"""Positive random factor of mean one with a Gaussian correlation in the plane.

    .. math::
        F(x) = e^{a f(x) - a^2/2}, \qquad
        f(x) = \sqrt{2/N} \sum_{i=1}^N \cos(k_i \cdot x + \varphi_i), \qquad
        \langle f(x) f(y) \rangle = e^{-|x - y|^2 / 2 \ell^2},

    with normally distributed wave vectors. Being a function of the place, it depends neither on the
    mesh nor on how it is distributed.

    Attributes
    ----------
    amplitude : float
        a, the standard deviation of ln F.
    correlation_length : float
        l [m].
    seed : int
    waves : int
        N.
    """

    amplitude: float
    correlation_length: float
    seed: int
    waves: int = 256

    def __post_init__(self) -> None:
        """Refuse what is not a field."""
        positive("amplitude", self.amplitude, "")
        positive("correlation_length", self.correlation_length, "m")

    def __call__(self, points: FloatArray) -> FloatArray:
        """Factor at ``points`` [m], shape (n, 2)."""
        random = np.random.default_rng(self.seed)
        wavevectors = random.normal(scale=1 / self.correlation_length, size=(2, self.waves))
        phases = random.uniform(0.0, 2 * np.pi, self.waves)
        field = np.zeros(len(points))
        # One wave after the other: a matrix product would round differently on other ranks.
        for kx, ky, phase in zip(*wavevectors, phases, strict=True):
            field += np.cos(kx * points[:, 0] + ky * points[:, 1] + phase)
        field *= np.sqrt(2 / self.waves)
        factor: FloatArray = np.exp(self.amplitude * field - self.amplitude**2 / 2)
        return factor
