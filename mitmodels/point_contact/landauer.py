r"""Landauer transport through an inverted parabolic barrier at finite bias and temperature.

Two reservoirs at :math:`\mu_{L,R}=\pm eV/2` and temperature T are joined by one subband whose
transmission is :math:`D(E)=1/(1+e^{-\alpha(E-\varphi)})`. Energies are in eV, so that they add
to voltages. Everything reduces to two integrals over :math:`E>0` of products without sign
change,

.. math::

    \frac{I}{G_0} = \int_0^\infty [D(E)+D(-E)]\,W\,dE, \qquad
    \frac{P_D}{G_0} = 2\int_0^\infty E\,[D(E)-D(-E)]\,W\,dE,

with the window :math:`W=f(E-V/2)-f(E+V/2)`; nothing cancels at small bias.
Source: Miranda and Sune 2024, Eqs 1, 3, 20-22.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import bernoulli, expit, exprel, factorial

from mitmodels.checks import FloatArray, broadcast, finite, positive, within
from mitmodels.constants import BOLTZMANN, CONDUCTANCE_QUANTUM, ELEMENTARY_CHARGE

_GAUSS = np.polynomial.legendre.leggauss(16)

# Relative size of the thermal energy below which its effect (second order) is lost in rounding.
_COLD = 1e-9

# -Li2(1 - e^u) = u + u^2/4 + sum of B_2k u^(2k+1) / (2k+1)!, truncated below rounding for u < ln 2.
_DILOGARITHM = bernoulli(16)[2::2] / factorial(np.arange(3, 18, 2))


def current(V: ArrayLike, T: ArrayLike, barrier: ArrayLike, alpha: ArrayLike) -> FloatArray:
    """Return the current of one subband [A].

    Parameters
    ----------
    V : bias, V; at most 1 MV
    T : temperature of both reservoirs, K; at most 1 MK
    barrier : barrier top above the middle of the bias window, eV; may be negative
    alpha : steepness of the transmission, 1/eV

    Raises
    ------
    ValueError
        If an argument is out of range or NaN, or the shapes do not match.
    """
    V, T, barrier, alpha = _arguments(V, T, barrier, alpha)
    return CONDUCTANCE_QUANTUM * V * _mean_transmission(np.abs(V), T, barrier, alpha)


def conductance(T: ArrayLike, barrier: ArrayLike, alpha: ArrayLike) -> FloatArray:
    """Return the conductance of one subband in the limit of no bias [S]; see `current`.

    Examples
    --------
    Far below the Fermi energy the barrier transmits all electrons: the conductance quantum.

    >>> float(round(conductance(300.0, barrier=-1.0, alpha=30.0) * 1e6, 2))
    77.48
    """
    V, T, barrier, alpha = _arguments(0.0, T, barrier, alpha)
    return CONDUCTANCE_QUANTUM * _mean_transmission(V, T, barrier, alpha)


def powers(
    V: ArrayLike, T: ArrayLike, barrier: ArrayLike, alpha: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Power dissipated in the left and in the right contact [W]; arguments as in `current`.

    Their sum is the current times the bias. At finite temperature the source end may cool.
    """
    V, T, barrier, alpha = _arguments(V, T, barrier, alpha)
    total = V**2 * _mean_transmission(np.abs(V), T, barrier, alpha)
    excess = np.copysign(_drain_excess(np.abs(V), T, np.abs(barrier), alpha), V)
    half = 0.5 * CONDUCTANCE_QUANTUM
    return half * (total - excess), half * (total + excess)


def _arguments(
    V: ArrayLike, T: ArrayLike, barrier: ArrayLike, alpha: ArrayLike
) -> tuple[FloatArray, ...]:
    return broadcast(
        V=within("V", V, -1e6, 1e6, "V"),
        T=within("T", T, 0.0, 1e6, "K"),
        barrier=finite("barrier", barrier, "eV"),
        alpha=positive("alpha", alpha, "1/eV"),
    )


def _mean_transmission(
    V: FloatArray, T: FloatArray, barrier: FloatArray, alpha: FloatArray
) -> FloatArray:
    """Transmission averaged over the bias window, I / (G0 V); its limit at V = 0."""
    height = np.abs(barrier)
    mean = np.asarray(_mean_transmission_cold(V, height, alpha))
    warm = _is_warm(V, T, alpha)
    if warm.any():
        mean[warm] = _window_mean(_symmetric, V[warm], T[warm], height[warm], alpha[warm])
    # Electron-hole mirror: D(E; barrier) = 1 - D(-E; -barrier).
    return np.where(barrier < 0, 1 - mean, mean)


def _drain_excess(
    V: FloatArray, T: FloatArray, height: FloatArray, alpha: FloatArray
) -> FloatArray:
    """(P_R - P_L) / G0 in V^2, the same for barriers of either sign."""
    excess = np.asarray(_drain_excess_cold(V, height, alpha))
    warm = _is_warm(V, T, alpha)
    if warm.any():
        mean = _window_mean(_moment, V[warm], T[warm], height[warm], alpha[warm])
        excess[warm] = 2 * V[warm] * mean
    return excess


def _volts(T: FloatArray) -> FloatArray:
    return T * (BOLTZMANN / ELEMENTARY_CHARGE)


def _is_warm(V: FloatArray, T: FloatArray, alpha: FloatArray) -> FloatArray:
    # The floor keeps energies over kT within the range of floats at any bias.
    scale = np.minimum(1 / alpha, np.maximum(V, 1e-30))
    return np.asarray(_volts(T) > _COLD * scale)


def _mean_transmission_cold(V: FloatArray, height: FloatArray, alpha: FloatArray) -> FloatArray:
    """ln[(1 + x)/(1 + y)] / (alpha V) with x, y = exp(+-alpha V/2 - alpha height)."""
    # The bias enters in second order only, so a floor stands for the limit at V = 0.
    half, b = np.maximum(0.5 * alpha * V, _COLD), alpha * height
    above, y = half - b, np.exp(-half - b)
    tunnelling = np.log1p(np.exp(np.minimum(above, 1)) * -np.expm1(-2 * half) / (1 + y))
    ballistic = above + np.log1p(np.exp(-np.maximum(above, 1))) - np.log1p(y)
    return np.asarray(np.where(above > 1, ballistic, tunnelling) / (2 * half))


def _symmetric(E: FloatArray, height: FloatArray, alpha: FloatArray) -> FloatArray:
    """D(E) + D(-E)."""
    return np.asarray(expit(alpha * (E - height)) + expit(-alpha * (E + height)))


def _moment(E: FloatArray, height: FloatArray, alpha: FloatArray) -> FloatArray:
    """E [D(E) - D(-E)], written as a product: sinh(alpha E) over a sum of two cosh."""
    product = expit(alpha * (E - height)) * expit(alpha * (E + height))
    return np.asarray(-E * product * np.expm1(-2 * alpha * E))


def _drain_excess_cold(V: FloatArray, height: FloatArray, alpha: FloatArray) -> FloatArray:
    nodes, weights = _GAUSS
    half, b = 0.5 * alpha * V, alpha * height
    # The closed form cancels to third order at small bias; there the integrand is smooth.
    E = 0.25 * V * (1 + nodes.reshape(-1, *(1,) * V.ndim))
    small = 0.5 * V * np.tensordot(weights, _moment(E, height, alpha), 1)
    logs = np.logaddexp(0, half - b) + np.logaddexp(0, -half - b)
    closed = half * logs - (_fermi_integral(half - b) - _fermi_integral(-half - b))
    return np.where(half > 2, 2 * closed / alpha**2, small)


def _fermi_integral(t: FloatArray) -> FloatArray:
    """-Li2(-e^t), the complete Fermi-Dirac integral of order one."""
    u = np.log1p(np.exp(-np.abs(t)))
    square = u * u
    series = u + square / 4 + u * square * np.polynomial.polynomial.polyval(square, _DILOGARITHM)
    return np.asarray(np.where(t > 0, np.pi**2 / 6 + 0.5 * t * t - series, series))


def _panels(V: FloatArray, theta: FloatArray, height: FloatArray, alpha: FloatArray) -> FloatArray:
    """Return panel ends in octaves about both edges of the integrand, shape (n, panels + 1).

    The poles of W sit at V/2 + i pi theta, those of D at height + i pi/alpha: a panel is never
    longer than its distance to either edge, so that 16 Gauss points reach rounding.
    """
    top = np.maximum(0.5 * V, height) + 60 * theta
    octaves = np.ceil(np.log2(np.max(top / np.minimum(theta, 1 / alpha)))) + 1
    steps = 2.0 ** np.arange(octaves)
    steps = np.concatenate([-steps[::-1], [0.0], steps])
    ends = np.concatenate(
        [
            0.5 * V[:, None] + theta[:, None] * steps,
            height[:, None] + steps / alpha[:, None],
            np.zeros((V.size, 1)),
            top[:, None],
        ],
        axis=1,
    )
    return np.sort(np.clip(ends, 0, top[:, None]), axis=1)


def _window_mean(
    spectral: Callable[[FloatArray, FloatArray, FloatArray], FloatArray],
    V: FloatArray,
    T: FloatArray,
    height: FloatArray,
    alpha: FloatArray,
) -> FloatArray:
    """Integral of spectral(E) W(E) / V over E > 0; W/V has a limit at V = 0."""
    nodes, weights = _GAUSS
    theta = _volts(T)
    ends = _panels(V, theta, height, alpha)
    total = np.zeros_like(V)
    for low, high in zip(ends.T[:-1], ends.T[1:], strict=True):
        half = 0.5 * (high - low)
        E = low + half * (1 + nodes[:, None])
        window = expit((0.5 * V - E) / theta) * expit((0.5 * V + E) / theta)
        total += half * (weights @ (spectral(E, height, alpha) * window))
    return np.asarray(total * exprel(-V / theta) / theta)
