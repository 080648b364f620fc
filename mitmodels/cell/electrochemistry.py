"""Ions in an electrochemical metallization cell: interface kinetics, hopping, Faraday's law.

Sign convention: a current density J is positive when the metal dissolves (anodic), and the
overpotential is the potential of the metal minus that of the electrolyte.
Equation numbers are those of Buttberg et al., Adv. Mater. Technol. (2025) 202500837.
"""

from dataclasses import dataclass
from typing import Any

from mitmodels.checks import not_negative, positive, within
from mitmodels.constants import BOLTZMANN, ELEMENTARY_CHARGE, FARADAY
from mitmodels.expressions import below, cosh, exp, expm1, larger, sinh, smaller, sqrt

_STEEPEST = 80.0  # exponent above which an exponential goes on along its tangent
_HIGHEST_FIELD = 35.0  # reduced field above which sinh goes on along its tangent
_FAR = 50.0  # distance, in decay lengths, beyond which a barrier stays the same: no current passes


def continued_exp(x: Any) -> Any:
    """Exponential that goes on along its tangent above an argument of 80."""
    y = smaller(x, _STEEPEST)
    return exp(y) * (1 + x - y)


@dataclass(frozen=True)
class ButlerVolmer:
    r"""Charge transfer between a metal and an ionic conductor (Eqs 2, 3 and 12).

    .. math::
        J = J_0(T)\, e^{-W/kT}
            \left[e^{(1-\alpha) z e\eta/kT} - e^{-\alpha z e\eta/kT}\right], \qquad
        J_0(T) = J_0(T_0)\, \exp\!\left[-\frac{W_A}{k}\left(\frac1T-\frac1{T_0}\right)\right]

    Only the product z e c k0 of Eq 3 can be identified, so its value at T0 is the parameter.

    The additional barrier W is the work of making room, which only metal that grows has to do: it
    is left out where metal dissolves. Were it kept there, a point that recedes out of the void
    would dissolve exponentially faster than its neighbours.

    Attributes
    ----------
    exchange_current_density : float
        J0 at the reference temperature [A/m2].
    activation_energy : float
        W_A [eV].
    transfer_coefficient : float
        alpha, of the cathodic branch.
    charge_number : int
        z.
    reference_temperature : float
        T0 [K].
    """

    exchange_current_density: float
    activation_energy: float
    transfer_coefficient: float
    charge_number: int
    reference_temperature: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("exchange_current_density", self.exchange_current_density, "A/m2")
        not_negative("activation_energy", self.activation_energy, "eV")
        within("transfer_coefficient", self.transfer_coefficient, 0.0, 1.0, "")
        positive("charge_number", self.charge_number, "")
        positive("reference_temperature", self.reference_temperature, "K")

    def exchange(self, T: Any, barrier: Any = 0.0) -> Any:
        """Exchange current density [A/m2] at T [K] behind an additional barrier [eV]."""
        at_reference = self.activation_energy / self.reference_temperature
        exponent = at_reference - (self.activation_energy + barrier) / T
        return self.exchange_current_density * exp(ELEMENTARY_CHARGE / BOLTZMANN * exponent)

    def __call__(self, overpotential: Any, T: Any, barrier: Any = 0.0) -> Any:
        """Return the current density [A/m2] at an overpotential [V], positive for dissolution.

        The barrier [eV] holds for growth, at negative overpotentials.
        """
        x = self.charge_number * ELEMENTARY_CHARGE * overpotential / (BOLTZMANN * T)
        alpha = self.transfer_coefficient
        anodic, cathodic = continued_exp((1 - alpha) * x), continued_exp(-alpha * x)
        hindered = below(overpotential, 0.0, barrier, 0.0)
        return self.exchange(T, hindered) * (anodic - cathodic)

    def slope(self, overpotential: Any, T: Any, barrier: Any = 0.0) -> Any:
        """Return the derivative of the current density by the overpotential [A/(m2 V)]."""
        per_volt = self.charge_number * ELEMENTARY_CHARGE / (BOLTZMANN * T)
        x, alpha = per_volt * overpotential, self.transfer_coefficient
        anodic, cathodic = (exp(smaller(y, _STEEPEST)) for y in ((1 - alpha) * x, -alpha * x))
        hindered = below(overpotential, 0.0, barrier, 0.0)
        return self.exchange(T, hindered) * per_volt * ((1 - alpha) * anodic + alpha * cathodic)


@dataclass(frozen=True)
class HoppingConductor:
    r"""Conductivity of ions that hop over barriers tilted by the field (Mott and Gurney, Eq 4).

    .. math::
        \sigma = \frac{(ze)^2 c a^2 f}{kT} e^{-W/kT} \frac{\sinh x}{x}, \qquad
        x = \frac{a z e |E|}{2kT}

    The printed equation divides by the vector E; its magnitude is meant. Above x = 35 the current
    goes on along its tangent.

    Attributes
    ----------
    concentration : float
        Of mobile ions, c [1/m3].
    attempt_frequency : float
        f [Hz].
    hop_distance : float
        a [m].
    activation_energy : float
        W [eV].
    charge_number : int
        z.
    """

    concentration: float
    attempt_frequency: float
    hop_distance: float
    activation_energy: float
    charge_number: int

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("concentration", self.concentration, "1/m3")
        positive("attempt_frequency", self.attempt_frequency, "Hz")
        positive("hop_distance", self.hop_distance, "m")
        not_negative("activation_energy", self.activation_energy, "eV")
        positive("charge_number", self.charge_number, "")

    def low_field(self, T: Any) -> Any:
        """Conductivity [S/m] in the limit of no field."""
        charge = self.charge_number * ELEMENTARY_CHARGE
        mobility = self.hop_distance**2 * self.attempt_frequency / (BOLTZMANN * T)
        arrhenius = exp(-self.activation_energy * ELEMENTARY_CHARGE / (BOLTZMANN * T))
        return charge**2 * self.concentration * mobility * arrhenius

    def __call__(self, field_squared: Any, T: Any) -> Any:
        """Conductivity [S/m] in a field whose square is ``field_squared`` [V2/m2]."""
        charge = self.charge_number * ELEMENTARY_CHARGE
        square = (self.hop_distance * charge / (2 * BOLTZMANN * T)) ** 2 * field_squared
        x = sqrt(larger(square, 1e-4))
        y = smaller(x, _HIGHEST_FIELD)
        enhancement = (sinh(y) + cosh(y) * (x - y)) / x
        series = 1 + square / 6 + square**2 / 120
        return self.low_field(T) * below(square, 1e-4, series, enhancement)


@dataclass(frozen=True)
class GrowthBarrier:
    r"""Energy that growth costs away from the axis and inside the void (Eqs 9 and 11).

    .. math::
        W_\mathrm{mech}(r) = W_m \left(e^{r/r_m} - 1\right), \qquad
        W_\mathrm{void}(z) = W_v\, e^{z/z_v}

    Attributes
    ----------
    mechanical : float
        W_m [eV].
    mechanical_length : float
        r_m [m].
    void : float
        W_v [eV].
    void_length : float
        z_v [m].
    """

    mechanical: float
    mechanical_length: float
    void: float
    void_length: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        not_negative("mechanical", self.mechanical, "eV")
        positive("mechanical_length", self.mechanical_length, "m")
        not_negative("void", self.void, "eV")
        positive("void_length", self.void_length, "m")

    def __call__(self, r: Any, z: Any) -> Any:
        """Barrier [eV] at the radius r [m] and the height z [m] above the initial electrode."""
        mechanical = self.mechanical * expm1(smaller(r / self.mechanical_length, _FAR))
        return mechanical + self.void * exp(smaller(z / self.void_length, _FAR))


@dataclass(frozen=True)
class Deposit:
    r"""The metal that is deposited and dissolved (Faraday's law, Eq 1).

    .. math:: v_n = -\frac{M}{z F \rho} J

    The paper prints e for F, which is right only if M is the mass of one atom.

    Attributes
    ----------
    molar_mass : float
        M [kg/mol].
    density : float
        rho [kg/m3].
    charge_number : int
        z.
    """

    molar_mass: float
    density: float
    charge_number: int

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("molar_mass", self.molar_mass, "kg/mol")
        positive("density", self.density, "kg/m3")
        positive("charge_number", self.charge_number, "")

    @property
    def volume_per_charge(self) -> float:
        """Volume of metal per charge [m3/C]."""
        return self.molar_mass / (self.charge_number * FARADAY * self.density)

    def speed(self, current_density: Any) -> Any:
        """Speed of the surface into the electrolyte [m/s]; J > 0 dissolves."""
        return -self.volume_per_charge * current_density
