"""Nucleation of a filament: an event of chance, at a rate that follows voltage and temperature."""

import math
from dataclasses import dataclass

import numpy as np

from mitmodels.checks import not_negative, positive, within
from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE

_LARGEST = 600.0  # exponent above which nothing is left to wait for


@dataclass(frozen=True)
class Nucleation:
    r"""Waiting for a nucleus on the counter electrode (Menzel et al., PCCP 15, 6945 (2013)).

    .. math::
        \frac{1}{t_\mathrm{nuc}} = \frac{1}{t_0}\, e^{-W/kT}\, e^{(N_c + \alpha) z e V/kT}

    is the rate of a Poisson process. Without a filament no ions flow, so all of the cell's voltage
    V is the overpotential of the counter electrode. Where that is not positive, nothing nucleates.

    Attributes
    ----------
    time : float
        t_0 [s].
    activation_energy : float
        W [eV].
    atoms : int
        Of the critical nucleus, N_c.
    transfer_coefficient : float
        alpha, of the reduction at the nucleus.
    charge_number : int
        z.
    seed : int
        Of the random numbers; the same seed gives the same nuclei.
    """

    time: float
    activation_energy: float
    atoms: int
    transfer_coefficient: float
    charge_number: int
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("time", self.time, "s")
        not_negative("activation_energy", self.activation_energy, "eV")
        not_negative("atoms", self.atoms, "")
        within("transfer_coefficient", self.transfer_coefficient, 0.0, 1.0, "")
        positive("charge_number", self.charge_number, "")

    def steepness(self, T: float) -> float:
        """Logarithmic change of the rate with the voltage at T [K], in 1/V."""
        thermal = BOLTZMANN * T / ELEMENTARY_CHARGE
        return (self.atoms + self.transfer_coefficient) * self.charge_number / thermal

    def rate(self, V: float, T: float) -> float:
        """Nuclei per time [1/s] at a voltage of the cell [V], the limit from above at 0 V."""
        thermal = BOLTZMANN * T / ELEMENTARY_CHARGE
        exponent = self.steepness(T) * V - self.activation_energy / thermal
        return math.exp(min(exponent, _LARGEST)) / self.time

    def draw(self, number: int) -> float:
        """Expected number of nuclei at which the nucleus of a number, from 0, appears.

        Exponentially distributed with a mean of 1, whatever has been drawn before.
        """
        return float(np.random.default_rng((self.seed, number)).exponential())

    def expected(self, V: tuple[float, float], T: float, dt: float) -> float:
        """Expected number of nuclei while the voltage goes along a straight line.

        Parameters
        ----------
        V : tuple of float
            Voltage of the cell at the beginning and at the end [V].
        T : float
            Temperature [K].
        dt : float
            Duration [s].
        """
        V, _, dt = _positive(V, dt)
        x = self.steepness(T) * (V[1] - V[0])
        growth = math.expm1(min(x, _LARGEST)) / x if x else 1.0
        return self.rate(V[0], T) * dt * growth

    def reached(self, V: tuple[float, float], T: float, dt: float, number: float) -> float:
        """Time since the beginning of that line at which ``number`` nuclei are expected [s].

        The number is above 0, and at most that of the whole line.
        """
        V, before, dt = _positive(V, dt)
        x = self.steepness(T) * (V[1] - V[0])
        fraction = number / (self.rate(V[0], T) * dt)
        return before + dt * (math.log1p(x * fraction) / x if x else fraction)


def _positive(V: tuple[float, float], dt: float) -> tuple[tuple[float, float], float, float]:
    """Part of a line above 0 V: its ends [V], the time before it and its duration [s]."""
    if min(V) >= 0:
        # At rest there is no drive: the rate's limit from above does not count.
        return V, 0.0, dt if max(V) > 0 else 0.0
    if max(V) <= 0:
        return (0.0, 0.0), dt, 0.0
    part = max(V) / (max(V) - min(V))
    return (max(V[0], 0.0), max(V[1], 0.0)), dt * (1 - part) if V[0] < 0 else 0.0, dt * part
