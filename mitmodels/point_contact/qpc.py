"""Quantum point contact: a constriction of radius R and gap g between two electrodes.

Source: Miranda and Sune, IEEE Electron Device Letters 2024, doi:10.1109/LED.2024.3442818, cited
below by equation number and corrected as listed in `docs/theory/qpc.md`.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import jn_zeros

from mitmodels.checks import FloatArray, finite, not_negative, positive, within
from mitmodels.constants import (
    BOLTZMANN,
    CONDUCTANCE_QUANTUM,
    ELECTRON_MASS,
    ELEMENTARY_CHARGE,
    REDUCED_PLANCK,
)
from mitmodels.langevin import langevin
from mitmodels.point_contact import landauer

J01: float = float(jn_zeros(0, 1)[0])
"""First zero of the Bessel function J0; the letter rounds it to 2.405."""


@dataclass(frozen=True)
class QuantumPointContact:
    """One subband through a constriction at low density: the model of the letter.

    V is the potential energy step in eV from the left (source) to the right (drain) contact:
    for V > 0 electrons leave the left contact and thermalise in the right one.

    Parameters
    ----------
    radius : radius of the constriction, m
    gap : length of the constriction between the roots of the barrier, m; an array broadcasts
        against the other arguments of the methods
    mass : effective electron mass, kg
    bessel_zero : zero of the Bessel function that sets the subband

    Raises
    ------
    ValueError
        If a length is not between 1e-15 m and 1 mm, the mass not within a factor 1e6 of the
        electron mass, or the zero not between 1e-3 and 1e6.
    """

    radius: float
    gap: float | FloatArray
    mass: float = ELECTRON_MASS
    bessel_zero: float = J01

    def __post_init__(self) -> None:
        within("radius", self.radius, 1e-15, 1e-3, "m")
        within("gap", self.gap, 1e-15, 1e-3, "m")
        within("mass", self.mass, 1e-6 * ELECTRON_MASS, 1e6 * ELECTRON_MASS, "kg")
        within("bessel_zero", self.bessel_zero, 1e-3, 1e6, "(dimensionless)")

    @property
    def barrier_height(self) -> float:
        r"""Bottom of the subband, :math:`\hbar^2 z_0^2/(2 m R^2)` [eV] (Eq. 5)."""
        momentum = REDUCED_PLANCK * self.bessel_zero / self.radius
        return momentum**2 / (2 * self.mass * ELEMENTARY_CHARGE)

    @property
    def alpha(self) -> FloatArray:
        r"""Steepness of the transmission, :math:`\pi m g R/(\hbar^2 z_0)` [1/eV] (Eq. 4)."""
        area = np.pi * np.asarray(self.gap) * self.radius / self.bessel_zero
        return area * self.mass * ELEMENTARY_CHARGE / REDUCED_PLANCK**2

    @property
    def V0(self) -> FloatArray:
        """Voltage scale of the tunnelling current, 2/alpha [V] (Eq. 9); falls as 1/gap."""
        return np.asarray(2 / self.alpha)

    @property
    def g0(self) -> float:
        """Decay length of the tunnelling conductance [m] (Eq. 9)."""
        return 2 * self.radius / (np.pi * self.bessel_zero)

    def current(self, V: ArrayLike, T: ArrayLike = 0.0) -> FloatArray:
        """Landauer current [A] at bias V [V] and temperature T [K] (Eqs 1 and 3, exact)."""
        return landauer.current(V, T, self.barrier_height, self.alpha)

    def conductance(self, T: ArrayLike = 0.0) -> FloatArray:
        """Landauer conductance at no bias [S] and temperature T [K]."""
        return landauer.conductance(T, self.barrier_height, self.alpha)

    def powers(self, V: ArrayLike, T: ArrayLike = 0.0) -> tuple[FloatArray, FloatArray]:
        """Power dissipated in the left and the right contact [W] (first lines of Eqs 20, 21)."""
        return landauer.powers(V, T, self.barrier_height, self.alpha)

    def current_tunnelling(self, V: ArrayLike) -> FloatArray:
        """Tunnelling approximation of the current [A] at T = 0 (Eqs 6 and 8).

        An upper bound, good while alpha (barrier_height - abs(V)/2) is well above 1; infinite
        where it exceeds the largest float.
        """
        V = within("V", V, -1e6, 1e6, "V")
        x = np.abs(V) / self.V0
        with np.errstate(over="ignore"):
            growth = np.exp(x - self.gap / self.g0)
        sinh = np.where(x > 0, growth, 0.0) * -np.expm1(-2 * x) / 2
        return np.copysign(CONDUCTANCE_QUANTUM * self.V0 * sinh, V)

    def powers_tunnelling(self, V: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Tunnelling approximation of `powers` [W] (Eqs 20, 21 with the prefactor 2/(h alpha^2)).

        The excess at the drain is the Langevin function of V/V0 times the total.
        """
        V = within("V", V, -1e6, 1e6, "V")
        half = 0.5 * V * self.current_tunnelling(V)
        asymmetry = langevin(V / self.V0)
        return half * (1 - asymmetry), half * (1 + asymmetry)


@dataclass(frozen=True)
class MultiChannel:
    """All subbands of a constriction between metals of finite density.

    Subband (m, n) sees the barrier hbar^2 j_mn^2/(2 m R^2) - band_depth with j_mn the n-th zero
    of the Bessel function J_m, twice for m > 0; the barrier has roots at half the gap on either
    side for no band depth, whatever the subband. The letter's model is the channel j_01 alone
    at no band depth.

    Parameters
    ----------
    radius : radius of the constriction, m
    gap : length of the constriction, m
    band_depth : Fermi energy above the bottom of the band, eV; 0 in the letter, 7 for copper
    mass : effective electron mass, kg

    Raises
    ------
    ValueError
        If the band depth is negative, or as for `QuantumPointContact`.
    """

    radius: float
    gap: float
    band_depth: float = 0.0
    mass: float = ELECTRON_MASS

    def __post_init__(self) -> None:
        not_negative("band_depth", self.band_depth, "eV")
        QuantumPointContact(self.radius, self.gap, self.mass)

    @property
    def first(self) -> QuantumPointContact:
        """The lowest subband at no band depth."""
        return QuantumPointContact(self.radius, self.gap, self.mass)

    @property
    def fermi_wavenumber(self) -> float:
        """Fermi wavenumber of the band [1/m]."""
        return float(np.sqrt(self.band_depth / self.first.barrier_height)) * J01 / self.radius

    @property
    def sharvin_count(self) -> float:
        """Number of open channels of a wide constriction, (k R / 2)^2."""
        return (0.5 * self.fermi_wavenumber * self.radius) ** 2

    @property
    def open_channels(self) -> int:
        """Number of subbands whose bottom lies below the Fermi level."""
        zeros, degeneracy = disc_zeros(self.fermi_wavenumber * self.radius)
        return int(degeneracy[zeros < self.fermi_wavenumber * self.radius].sum())

    def channels(
        self, V: ArrayLike = 0.0, T: ArrayLike = 0.0
    ) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Barrier [eV], alpha [1/eV] and degeneracy of every subband that counts at V and T.

        A subband is left out where its transmission is below e^-40 of the lowest one.

        Raises
        ------
        ValueError
            If so many subbands count that the constriction selects none.
        """
        first = self.first
        theta = BOLTZMANN / ELEMENTARY_CHARGE * float(np.max(_last(T)))
        exponent = 40 + first.alpha * first.barrier_height
        linear = exponent / (first.alpha * J01)
        constant = self.band_depth + 0.5 * float(np.max(np.abs(_last(V)))) + exponent * theta
        quadratic = first.barrier_height / J01**2
        root = np.sqrt(linear**2 + 4 * quadratic * constant)
        largest = float((linear + root) / (2 * quadratic))
        zeros, degeneracy = disc_zeros(largest)
        return (
            first.barrier_height * (zeros / J01) ** 2 - self.band_depth,
            first.alpha * J01 / zeros,
            degeneracy,
        )

    def current(self, V: ArrayLike, T: ArrayLike = 0.0) -> FloatArray:
        """Landauer current of all subbands [A]; arguments as in `QuantumPointContact.current`."""
        barrier, alpha, degeneracy = self.channels(V, T)
        return landauer.current(_last(V), _last(T), barrier, alpha) @ degeneracy

    def conductance(self, T: ArrayLike = 0.0) -> FloatArray:
        """Landauer conductance of all subbands at no bias [S] and temperature T [K]."""
        barrier, alpha, degeneracy = self.channels(T=T)
        return landauer.conductance(_last(T), barrier, alpha) @ degeneracy

    def powers(self, V: ArrayLike, T: ArrayLike = 0.0) -> tuple[FloatArray, FloatArray]:
        """Power of all subbands dissipated in the left and the right contact [W]."""
        barrier, alpha, degeneracy = self.channels(V, T)
        left, right = landauer.powers(_last(V), _last(T), barrier, alpha)
        return left @ degeneracy, right @ degeneracy


def _last(value: ArrayLike) -> FloatArray:
    return np.asarray(value, dtype=float)[..., None]


@lru_cache(maxsize=32)
def disc_zeros(largest: float) -> tuple[FloatArray, FloatArray]:
    """Zeros of the Bessel functions J_m up to `largest`, and how often each subband occurs.

    Raises
    ------
    ValueError
        If `largest` exceeds 600: some 90 000 subbands, where a Sharvin contact is meant.
    """
    if not largest <= 600:
        raise ValueError(
            f"subbands up to the Bessel zero {largest:.0f} would count, at most 600 are summed: "
            "the gap [m] is too short against the radius [m] to select subbands"
        )
    zeros, degeneracy = [np.array([J01])], [np.array([1.0])]
    for m in range(int(largest) + 1):
        found = jn_zeros(m, int((largest - m) / np.pi) + 2)
        found = found[(found <= largest) & (found > J01)]
        zeros.append(found)
        degeneracy.append(np.full(found.size, 1.0 if m == 0 else 2.0))
    return np.concatenate(zeros), np.concatenate(degeneracy)


def contact_temperatures(
    P_L: ArrayLike, P_R: ArrayLike, G_N: ArrayLike, G_z: ArrayLike, T_0: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Temperatures of the left and the right contact in the thermal circuit (Eq. 23).

    Parameters
    ----------
    P_L, P_R : power dissipated in each contact, W
    G_N : thermal conductance from each contact to the surroundings, W/K
    G_z : thermal conductance along the constriction, W/K
    T_0 : temperature of the surroundings, K

    Returns
    -------
    tuple of FloatArray
        T_L, T_R in K. Their mean is T_0 + (P_L + P_R) / (2 G_N), whatever G_z.

    Raises
    ------
    ValueError
        If G_N or T_0 is not positive, G_z is negative, or a power is not finite.
    """
    left, right = finite("P_L", P_L, "W"), finite("P_R", P_R, "W")
    outward, along = positive("G_N", G_N, "W/K"), not_negative("G_z", G_z, "W/K")
    surroundings = positive("T_0", T_0, "K")
    determinant = outward * (outward + 2 * along)
    return (
        surroundings + (outward * left + along * (left + right)) / determinant,
        surroundings + (outward * right + along * (left + right)) / determinant,
    )
