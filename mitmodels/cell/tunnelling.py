"""Electrons that tunnel between two metals, and where they leave their energy.

Equation numbers are those of Buttberg et al., Adv. Mater. Technol. (2025) 202500837.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mitmodels.checks import positive
from mitmodels.constants import (
    CONDUCTANCE_QUANTUM,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    PLANCK,
    REDUCED_PLANCK,
)
from mitmodels.expressions import below, exp, expm1, larger, sqrt


@dataclass(frozen=True)
class TunnelBarrier:
    r"""Rectangular barrier between two metals at low voltage (Simmons, Eq 5).

    .. math::
        G_S(g) = c \left(\frac{e}{h}\right)^2 \frac{\sqrt{2 m W}}{g} e^{-2\kappa g}, \qquad
        \kappa = \frac{\sqrt{2 m W}}{\hbar}

    in series with the conductance per area of an open contact (Sharvin),
    :math:`(2e^2/h)\, k_F^2 / 4\pi`, which bounds it for g -> 0. The literature does not agree
    on the prefactor c: the paper prints 1/2, an expansion of Simmons' equation gives 1, the
    rectangular barrier at low voltage is often quoted with 3/2.

    Attributes
    ----------
    height : float
        W [eV].
    relative_mass : float
        m over the mass of the electron.
    prefactor : float
        c.
    fermi_energy : float
        Of the metal [eV].
    """

    height: float
    relative_mass: float
    prefactor: float
    fermi_energy: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("height", self.height, "eV")
        positive("relative_mass", self.relative_mass, "")
        positive("prefactor", self.prefactor, "")
        positive("fermi_energy", self.fermi_energy, "eV")

    @property
    def decay(self) -> float:
        """Decay constant of the wave function, kappa [1/m]."""
        mass = self.relative_mass * ELECTRON_MASS
        return float(np.sqrt(2 * mass * self.height * ELEMENTARY_CHARGE) / REDUCED_PLANCK)

    @property
    def sharvin(self) -> float:
        """Conductance per area of an open contact [S/m2]."""
        k_fermi_squared = 2 * ELECTRON_MASS * self.fermi_energy * ELEMENTARY_CHARGE
        return float(CONDUCTANCE_QUANTUM * k_fermi_squared / REDUCED_PLANCK**2 / (4 * np.pi))

    def simmons(self, gap: Any) -> Any:
        """Conductance per area [S/m2] of a gap [m] without the Sharvin limit."""
        momentum = self.decay * REDUCED_PLANCK
        scale = self.prefactor * (ELEMENTARY_CHARGE / PLANCK) ** 2 * momentum
        return scale / gap * exp(-2 * self.decay * gap)

    def conductance(self, gap: Any) -> Any:
        """Conductance per area [S/m2] of a gap [m]."""
        with np.errstate(divide="ignore", over="ignore"):  # no resistance is as large: no current
            return 1 / (1 / self.simmons(gap) + 1 / self.sharvin)

    def receiving_fraction(self, voltage: Any, gap: Any) -> Any:
        r"""Return the fraction of the tunnel heat that the electron-receiving electrode takes.

        .. math::
            \gamma = 1 - \frac1x + \frac1{e^x - 1}, \qquad x = \frac{eV}{W/(\kappa g)},

        the mean energy of electrons whose transmission falls off exponentially below the Fermi
        level of the emitter; 1/2 for V -> 0 and 1 for V -> inf. The emitter takes the rest.
        """
        x = sqrt((voltage * self.decay * gap / self.height) ** 2)
        y = larger(x, 1e-2)
        return below(x, 1e-2, 0.5 + x / 12 - x**3 / 720, 1 - 1 / y + exp(-y) / -expm1(-y))
