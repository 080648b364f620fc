r"""Volatile switching: the surface energy dissolves a filament to which no voltage is applied.

A convex surface of a metal dissolves more easily than a flat one, by the overpotential of Gibbs
and Thomson

.. math:: \eta_K = \frac{\gamma M}{z F \rho}\,K

with the sum K of both principal curvatures. The metal goes through the interface by the kinetics
of the cell: attachment limits, not diffusion along the surface.
"""

from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import quad

from mitmodels.cell.electrochemistry import ButlerVolmer, Deposit
from mitmodels.checks import FloatArray, positive
from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE

_GUESSES = 4  # of what grows: parts near the change of sign carry no current


@dataclass(frozen=True)
class Relaxation:
    r"""Dissolution of a curved metal at the potential of a flat electrode of the same metal.

    What dissolves is plated where the surface is less curved, above all on the flat electrode. An
    electrolyte without resistance takes the potential at which both currents are equal. With
    :math:`x = ze\eta_K/kT` on the areas A of the curved metal and the area :math:`A_0` of the flat
    one the law of Butler and Volmer gives that of the metal against it in closed form,

    .. math::
        \varphi = \frac{kT}{ze} \ln\frac
            {A_0 + \int b\,e^{-\alpha x}\,dA}{A_0 + \int b\,e^{(1-\alpha) x}\,dA}, \qquad
        J = J_\mathrm{BV}(\eta_K + \varphi, W)

    with :math:`b = e^{-W/kT}` where the curved metal grows behind a barrier W, else 1. What grows
    is found by iteration.

    Attributes
    ----------
    kinetics : ButlerVolmer
        Of both interfaces.
    deposit : Deposit
        The metal.
    surface_energy : float
        gamma [J/m2].
    temperature : float
        Of all parts [K].
    flat_area : float
        A_0 [m2]; infinite if the flat electrode takes up everything without an overpotential.
    """

    kinetics: ButlerVolmer
    deposit: Deposit
    surface_energy: float
    temperature: float
    flat_area: float = inf

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("surface_energy", self.surface_energy, "J/m2")
        positive("temperature", self.temperature, "K")
        if self.flat_area != inf:
            positive("flat_area", self.flat_area, "m2")

    @property
    def thermal_voltage(self) -> float:
        """Thermal energy per charge of an ion, kT/ze [V]."""
        charge = self.kinetics.charge_number * ELEMENTARY_CHARGE
        return BOLTZMANN * self.temperature / charge

    @property
    def capillary_length(self) -> float:
        """Length over which a curvature of its inverse shifts by kT/ze [m]."""
        return self.surface_energy * self.deposit.volume_per_charge / self.thermal_voltage

    def speed(self, curvature: ArrayLike, area: ArrayLike, barrier: ArrayLike = 0.0) -> FloatArray:
        """Normal speed of the surface [m/s], negative where it dissolves.

        Parameters
        ----------
        curvature : array_like, shape (n, ...)
            Sum of both principal curvatures on each part of the surface [1/m].
        area : array_like, shape (n, ...)
            Of each part [m2].
        barrier : array_like, shape (n, ...)
            That growth meets there [eV].
        """
        x = self.capillary_length * np.asarray(curvature, dtype=float)
        overpotential = self.thermal_voltage * (x + self._reduced_potential(x, area, barrier))
        current = self.kinetics(overpotential, self.temperature, barrier)
        return np.asarray(self.deposit.speed(current))

    def _reduced_potential(
        self, x: FloatArray, area: ArrayLike, barrier: ArrayLike
    ) -> FloatArray | float:
        """Potential of the metal against that of the electrolyte, over kT/ze."""
        if self.flat_area == inf:
            return 0.0
        alpha = self.kinetics.transfer_coefficient
        fraction = np.asarray(area, dtype=float) / self.flat_area
        thermal_energy = BOLTZMANN * self.temperature / ELEMENTARY_CHARGE
        hindered = np.exp(-np.asarray(barrier, dtype=float) / thermal_energy)
        found: FloatArray = np.zeros_like(x[0])
        for _ in range(_GUESSES):
            weight = fraction * np.where(x + found < 0, hindered, 1.0)
            found = _log_sum(weight, -alpha * x) - _log_sum(weight, (1 - alpha) * x)
        return found

    def hemisphere_speed(self, radius: float) -> float:
        """Speed of a hemisphere of a radius [m] on the counter electrode [m/s]."""
        return float(self.speed([2 / radius], [2 * np.pi * radius**2])[0])

    def lifetime(self, radius: float, end: float = 0.0) -> float:
        r"""Time in which a hemisphere shrinks from one radius [m] to another [s].

        .. math:: t = \int_{R_1}^{R_0} \frac{dR}{|v(R)|}

        Without a bound of the flat area it is that of an isolated sphere, and for radii far above
        the capillary length :math:`\ell` it tends to
        :math:`(R_0^2 - R_1^2)/(4 \ell\, M J_0/zF\rho)`.

        Raises
        ------
        ValueError
            If a radius is not positive, or the end is not below the radius.
        """
        positive("radius", radius, "m")
        if not 0 <= end < radius:
            raise ValueError(f"end must lie between 0 and the radius {radius:g} m, got {end:g} m")

        def slowness(fraction: float) -> float:
            return -1 / self.hemisphere_speed(fraction * radius)

        return radius * quad(slowness, end / radius, 1.0, epsabs=0, epsrel=1e-8)[0]

    def exponent(self, radius: float) -> float:
        """Logarithmic derivative of the lifetime of a hemisphere by its radius [m]."""
        return -radius / (self.hemisphere_speed(radius) * self.lifetime(radius))


def _log_sum(weight: FloatArray, x: FloatArray) -> FloatArray:
    """Logarithm of 1 + sum of weight exp(x) over the first axis, for large x too."""
    top = np.maximum(x.max(axis=0), 0.0)
    return np.asarray(top + np.log(np.exp(-top) + np.sum(weight * np.exp(x - top), axis=0)))
