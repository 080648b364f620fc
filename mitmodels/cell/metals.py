"""Conductivity of metals: temperature coefficients and the size effect of thin wires.

Equation numbers are those of Buttberg et al., Adv. Mater. Technol. (2025) 202500837.
"""

from dataclasses import dataclass
from typing import Any

from mitmodels.checks import not_negative, positive, within
from mitmodels.expressions import larger

_LEAST = 0.05  # of the reference resistivity: keeps a fitted polynomial from changing sign


@dataclass(frozen=True)
class Conductivity:
    r"""Electrical or thermal conductivity with temperature coefficients (Eq 8).

    .. math:: \xi(T) = \xi_0 \left[1 + a (T - T_0) + b (T - T_0)^2\right]^{-1}

    Attributes
    ----------
    reference : float
        xi_0 [S/m or W/(m K)].
    linear, quadratic : float
        a [1/K] and b [1/K2]; those of the electrical and of the thermal conductivity differ.
    reference_temperature : float
        T0 [K].

    Examples
    --------
    >>> copper = Conductivity(5.96e7, linear=3.93e-3)
    >>> float(copper(300.0))
    59600000.0
    >>> float(round(copper(400.0) / copper(300.0), 3))
    0.718
    """

    reference: float
    linear: float = 0.0
    quadratic: float = 0.0
    reference_temperature: float = 300.0

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("reference", self.reference, "S/m or W/(m K)")
        positive("reference_temperature", self.reference_temperature, "K")

    def __call__(self, T: Any) -> Any:
        """Conductivity at T [K]; the denominator never falls below 0.05."""
        rise = T - self.reference_temperature
        return self.reference / larger(1 + self.linear * rise + self.quadratic * rise**2, _LEAST)


@dataclass(frozen=True)
class ThinWire:
    r"""Conductivity of a thin wire relative to the bulk.

    .. math:: \frac{\sigma}{\sigma_0} = \left[1 + \frac{1-p}{1+p}\,\frac{\lambda}{d}\right]^{-1}

    The limit of Dingle, MacDonald and Sondheimer for d << lambda and 1 for d >> lambda; within 5 %
    of their exact integral for p = 0 and 13 % for p = 1/2. Eq 6 as printed has a pole at
    d = lambda / p and exceeds the bulk.

    Attributes
    ----------
    mean_free_path : float
        Of the electrons in the bulk, lambda [m].
    specularity : float
        Fraction of the electrons that the wall reflects like a mirror, p.
    """

    mean_free_path: float
    specularity: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        not_negative("mean_free_path", self.mean_free_path, "m")
        within("specularity", self.specularity, 0.0, 1.0, "")

    def ratio(self, diameter: Any) -> Any:
        """Conductivity over that of the bulk at a diameter [m]."""
        p = self.specularity
        return diameter / (diameter + (1 - p) / (1 + p) * self.mean_free_path)
