r"""Phases of oscillators from the times of their spikes, and how far they agree.

Between two spikes the phase grows evenly by :math:`2\pi`. The order parameter of N oscillators is
:math:`r = |\sum_n e^{i\varphi_n}|/N`: 1 where all are in phase, about :math:`1/\sqrt N` where they
have nothing to do with each other (Y. Kuramoto, Chemical Oscillations, Waves, and Turbulence,
Springer 1984).
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


def spike_times(t: Array, values: Array) -> Array:
    """Times [s] at which a quantity rises through the middle between its extremes.

    Parameters
    ----------
    t, values : ndarray, shape (n,)
        What is between two points is on a straight line.
    """
    middle = (values.min() + values.max()) / 2
    (before,) = np.nonzero((values[:-1] < middle) & (values[1:] >= middle))
    rise = values[before + 1] - values[before]
    return t[before] + (middle - values[before]) / rise * (t[before + 1] - t[before])


def phases(spikes: Sequence[Array], t: Array) -> Array:
    """Phases [rad], shape (oscillators, times), not a number before the first and after the last.

    Parameters
    ----------
    spikes : sequence of ndarray
        Times of each oscillator, at least two.
    t : ndarray
        Times [s].
    """
    turns = [np.interp(t, s, np.arange(len(s)), left=np.nan, right=np.nan) for s in spikes]
    return 2 * np.pi * np.array(turns)


def order_parameter(phase: Array) -> Array:
    """Order parameter at each time, from 0 to 1."""
    return np.asarray(np.abs(np.exp(1j * phase).mean(axis=0)))
