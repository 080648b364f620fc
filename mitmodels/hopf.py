r"""Hopf points of a device in a circuit, from its impedance on the imaginary axis.

Small signals :math:`e^{st}` of a source behind a load R and an inductance L, with a capacitance C
across a device of impedance Z(s), obey

.. math:: \frac{1}{Z(s)} + sC + \frac{1}{R + sL} = 0 \quad\Longleftrightarrow\quad
          R + sL + \frac{1}{1/Z(s) + sC} = 0 .

Every root s is an eigenvalue of the linearised device in its circuit. A pair crosses the imaginary
axis at :math:`s = i\omega`, where the real part of one of the equations gives the frequency, which
does not depend on the element in its imaginary part, and that one the element: no eigenproblem is
solved.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from mitmodels.circuit import SeriesCircuit

Element = Literal["capacitance", "inductance"]
Impedance = Callable[[complex], complex]
"""Impedance [ohm] at s [1/s]."""

_PRECISION = 1e-10  # of ln(omega)


@dataclass(frozen=True)
class Critical:
    """Value of an element at which a pair of eigenvalues is on the imaginary axis.

    Attributes
    ----------
    value : float
        [F or H].
    frequency : float
        [Hz].
    """

    value: float
    frequency: float


def critical(
    element: Element,
    impedance: Impedance,
    circuit: SeriesCircuit,
    frequencies: tuple[float, float],
    is_current_driven: bool = False,
) -> Critical | None:
    """Smallest value of an element at which small signals neither grow nor decay.

    Parameters
    ----------
    element : "capacitance" or "inductance"
        Its value in ``circuit`` has no meaning.
    impedance : callable
        Of the device.
    circuit : SeriesCircuit
        Its other elements.
    frequencies : tuple of float
        Between which pairs are looked for [Hz], in decades: two in one decade are not seen.
    is_current_driven : bool
        Of a source of current, whose load and inductance change nothing.

    Returns
    -------
    Critical or None
        None if no value is critical.
    """

    def balance(log: float) -> complex:
        s = 1j * math.exp(log)
        admittance = 1 / impedance(s)
        if element == "inductance":
            return circuit.load + 1 / (admittance + s * circuit.capacitance)
        if is_current_driven:
            return admittance
        return admittance + 1 / (circuit.load + s * circuit.inductance)

    low, high = (math.log(2 * math.pi * f) for f in frequencies)
    count = max(1, math.ceil((high - low) / math.log(10)))
    logs = [low + (high - low) * i / count for i in range(count + 1)]
    real = {log: balance(log).real for log in logs}
    found = []
    for before, after in pairwise(logs):
        if real[before] * real[after] < 0:
            from scipy.optimize import brentq  # only here: it takes longer than the rest

            log = brentq(lambda x: balance(x).real, before, after, xtol=_PRECISION)
            omega = math.exp(log)
            found.append(Critical(-balance(log).imag / omega, omega / (2 * math.pi)))
    positive = [each for each in found if each.value > 0]
    return min(positive, key=lambda each: each.value, default=None)
