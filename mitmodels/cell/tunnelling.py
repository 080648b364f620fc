"""Electrons that tunnel between two metals, and where they leave their energy.

Equation numbers are those of Buttberg et al., Adv. Mater. Technol. (2025) 202500837.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mitmodels.checks import positive
from mitmodels.constants import (
    CONDUCTANCE_QUANTUM,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    PLANCK,
    REDUCED_PLANCK,
)
from mitmodels.expressions import below, cosh, exp, expm1, larger, sinh, smaller, sqrt

_WIDEST = (1 + 17**0.5) / 4  # kappa g at which Simmons' conductance is the largest
_HIGHEST = 0.9  # voltage over twice the height up to which the equation is followed


@dataclass(frozen=True)
class TunnelBarrier:
    r"""Rectangular barrier between two metals (Simmons, Eq 5), at low voltage or up to its height.

    .. math::
        G_S(g) = c \left(\frac{e}{h}\right)^2 \frac{\sqrt{2 m W}}{g} e^{-2\kappa g}, \qquad
        \kappa = \frac{\sqrt{2 m W}}{\hbar}

    in series with the conductance per area of an open contact (Sharvin),
    :math:`(2e^2/h)\, k_F^2 / 4\pi`, which bounds it for g -> 0. The literature does not agree
    on the prefactor c: the paper prints 1/2, an expansion of Simmons' equation gives 1, the
    rectangular barrier at low voltage is often quoted with 3/2.

    The law ``"simmons"`` is his equation for voltages up to W/e (J. Appl. Phys. 34, 1793 (1963)),

    .. math::
        J = c\,\frac{e}{2\pi h g^2} \left[W_-\,e^{-2\kappa_- g} - W_+\,e^{-2\kappa_+ g}\right],
        \qquad W_\pm = W \pm eV/2 ,

    of which the law ``"linear"`` is the expansion at low voltage for a wide gap: it leaves out a
    factor :math:`1 - 1/\kappa g`. With that his current is the largest at 1.28/kappa and none below
    1/kappa, a tenth of a nanometre: below 1.28/kappa its ratio to the linear law stays what it is
    there, and the conductance goes on to that of an open contact.

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
    law : {"linear", "simmons"}
    """

    height: float
    relative_mass: float
    prefactor: float
    fermi_energy: float
    law: Literal["linear", "simmons"] = "linear"

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

    def beyond_linear(self, gap: Any, voltage: Any) -> Any:
        r"""Return Simmons' current at a voltage [V] over that of the linear law, at a gap [m].

        Without a difference of two terms that are nearly equal: with a = 2 kappa g, x = eV/2W,
        :math:`m = (\\sqrt{1+x} + \\sqrt{1-x})/2` and y = ax/2m it is
        :math:`e^{a(1-m)} [\\sinh y/(my) - 2\\cosh y/a]`.
        """
        a = 2 * larger(self.decay * gap, _WIDEST)
        x = smaller(sqrt((voltage / (2 * self.height)) ** 2), _HIGHEST)
        mean = (sqrt(1 + x) + sqrt(1 - x)) / 2
        y = a * x / (2 * mean)
        z = larger(y, 1e-2)
        ratio = below(y, 1e-2, 1 + y**2 / 6 + y**4 / 120, sinh(z) / z)
        return exp(a * (1 - mean)) * (ratio / mean - 2 / a * cosh(y))

    def conductance(self, gap: Any, voltage: Any = 0.0) -> Any:
        """Conductance per area [S/m2] of a gap [m]: current over voltage [V]."""
        barrier = self.simmons(gap)
        if self.law == "simmons":
            barrier = barrier * self.beyond_linear(gap, voltage)
        with np.errstate(divide="ignore", over="ignore"):  # no resistance is as large: no current
            return 1 / (1 / barrier + 1 / self.sharvin)

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
