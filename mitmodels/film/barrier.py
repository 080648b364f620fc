"""Analytic insulating barrier of a metal-to-insulator channel in series with its metallic ends.

Source: Salev et al., Nat. Commun. 12, 5499 (2021), Supporting Information 5, cited below by
equation number and corrected as listed in `docs/theory/barrier.md`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mitmodels.checks import FloatArray, broadcast, finite, positive

_UNITS = {
    "resistivity_metal": "ohm m",
    "resistivity_ratio": "",
    "length": "m",
    "thickness": "m",
    "loss_substrate": "W/(K m^2)",
    "loss_film": "W/(K m^2)",
    "T_c": "K",
    "T_0": "K",
}


@dataclass(frozen=True, eq=False)
class BarrierWidths:
    """Positive roots of the barrier cubic (Eq. 5.3), NaN below the threshold voltage.

    Parameters
    ----------
    narrow : smaller root, unstable: a wider barrier needs less than the applied voltage [m]
    wide : larger root, stable [m]
    physical : width the channel takes [m]: the larger root, at most the channel length; NaN if
        it holds no barrier
    """

    narrow: FloatArray
    wide: FloatArray
    physical: FloatArray


@dataclass(frozen=True, eq=False)
class AnalyticBarrier:
    r"""Heat balance of a barrier of width d at T_c between metal at T_0 (Eqs 5.1-5.4).

    With :math:`s = \alpha d/L`, :math:`q = \kappa_s L/(\alpha \kappa_f t)` and
    :math:`P = \kappa_f L \rho_M (T_c - T_0)\,\alpha/(\alpha + 1)` the cubic (5.3) reads

    .. math:: V^2/P = 2\,(1 + s)^2 (1 + q s/2)/s .

    Every field is a number or an array; arrays broadcast against one another.

    Parameters
    ----------
    resistivity_metal : rho_M, metal resistivity [ohm m]
    resistivity_ratio : alpha = rho_I/rho_M - 1
    length : L, channel length along the current [m]
    thickness : t, film thickness [m]
    loss_substrate : kappa_s, heat conductance per area of film to the substrate [W/(K m^2)]
    loss_film : kappa_f, heat conductance per film cross-section to the metal [W/(K m^2)]
    T_c : transition temperature [K]
    T_0 : substrate temperature [K]

    Raises
    ------
    ValueError
        If a field is not positive and finite, the shapes do not match or T_c is not above T_0.
    """

    resistivity_metal: float | FloatArray
    resistivity_ratio: float | FloatArray
    length: float | FloatArray
    thickness: float | FloatArray
    loss_substrate: float | FloatArray
    loss_film: float | FloatArray
    T_c: float | FloatArray
    T_0: float | FloatArray

    def __post_init__(self) -> None:
        arrays = {name: positive(name, getattr(self, name), _UNITS[name]) for name in _UNITS}
        broadcast(**arrays)
        if np.any(arrays["T_c"] <= arrays["T_0"]):
            raise ValueError(
                f"T_c must be above T_0, got T_c = {self.T_c} K and T_0 = {self.T_0} K: "
                "above T_c the whole channel is insulating without a voltage"
            )

    def threshold(self) -> tuple[FloatArray, FloatArray]:
        r"""Width [m] and voltage [V] at which the cubic has its double root, exactly.

        .. math::

            q s_c^2 + s_c - 1 = 0, \quad d_c = s_c L/\alpha, \quad
            V_{th}^2 = P\,(1 + s_c)^3/s_c^2 .

        d_c exceeds the channel length only if alpha < s_c < 1: such a channel has no barrier.
        """
        s = self._critical()
        return s * self._width_unit(), np.sqrt(self._voltage_unit() * (1 + s) ** 3) / s

    def threshold_approximate(self) -> tuple[FloatArray, FloatArray]:
        """Width [m] and voltage [V] of Eqs 5.7 and 5.8: too wide, and at too low a voltage.

        The errors depend on q alone and are largest at q = 2: +15.47 % and -2.14 %.
        """
        α = self.resistivity_ratio
        λ = α * self._loss_ratio()
        root = np.sqrt(α * (α + λ))
        V_squared = self._voltage_unit() / α * (λ + 4 * (α + root))
        return self.length / root, np.sqrt(V_squared)

    def coefficients(self, V: ArrayLike) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Return A, B, C and D of the cubic in d/L as printed (Eq 5.4), T_I at T_c, T_M at T_0."""
        names = ("resistivity_ratio", "thickness", "length", "loss_film", "loss_substrate")
        α, t, L, film, loss = (np.asarray(getattr(self, name), dtype=float) for name in names)
        rise = np.asarray(self.resistivity_metal) * np.subtract(self.T_c, self.T_0)
        D, joule = 2 * film * t / L, (α + 1) * t / rise * (finite("V", V, "V") / L) ** 2
        return loss * α**2, 2 * loss * α + D * α**2, loss + 2 * D * α - joule, D

    def printed_widths(self, V: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Return the widths [m] by the first and the second equation of (5.5), NaN if imaginary."""
        A, B, C, D = self.coefficients(V)
        with np.errstate(invalid="ignore"):
            first = (-C + np.sqrt(C**2 - 4 * B * D)) / (2 * B)
            second = (-2 * B + np.sqrt(4 * B**2 - 12 * A * C)) / (6 * A)
        return first * self.length, second * self.length

    def widths(self, V: ArrayLike) -> BarrierWidths:
        """All barrier widths that balance the heat at voltage V [V]; the sign of V is free.

        Raises
        ------
        ValueError
            If V is not finite or its shape does not match the fields.
        """
        q, α, V, unit, V_unit = broadcast(
            q=self._loss_ratio(),
            resistivity_ratio=self.resistivity_ratio,
            V=finite("V", V, "V"),
            length=self._width_unit(),
            voltage=self._voltage_unit(),
        )
        s_c = self._critical()
        v_c = (1 + s_c) ** 3 / (2 * s_c**2)
        v = np.maximum(V**2 / (2 * V_unit), v_c)
        narrow = _root(np.zeros_like(v), v, q)
        wide = _root(np.minimum(v, np.sqrt(2 * v / q)), v, q)
        physical = np.where(narrow > α, np.nan, np.minimum(wide, α))
        none = np.abs(V) < self.threshold()[1]
        return BarrierWidths(*(np.where(none, np.nan, s * unit) for s in (narrow, wide, physical)))

    def _loss_ratio(self) -> FloatArray:
        """Return q: substrate loss over film loss of a barrier with s = 2."""
        return np.divide(
            self.loss_substrate * self.length,
            self.resistivity_ratio * self.loss_film * self.thickness,
        )

    def _critical(self) -> FloatArray:
        """Return s at threshold, in the form that does not cancel for small q."""
        return 2 / (1 + np.sqrt(1 + 4 * self._loss_ratio()))

    def _width_unit(self) -> FloatArray:
        """Return d/s [m]."""
        return np.divide(self.length, self.resistivity_ratio)

    def _voltage_unit(self) -> FloatArray:
        """Return P [V^2]."""
        α = self.resistivity_ratio
        ΔT = np.subtract(self.T_c, self.T_0)
        return self.loss_film * self.length * self.resistivity_metal * ΔT * α / (α + 1)


def _root(s: FloatArray, v: FloatArray, q: FloatArray) -> FloatArray:
    """Root of g(s) = (1 + s)^2 (1 + q s/2) - v s reached from a point where g > 0.

    g is convex for s > 0, so Newton's iteration from s = 0 climbs to the smaller root and from
    an upper bound descends to the larger one; it has arrived once g is no longer positive.
    """
    for _ in range(100):
        g = (1 + s) ** 2 * (1 + q * s / 2) - v * s
        slope = 2 * (1 + s) * (1 + q * s / 2) + (1 + s) ** 2 * q / 2 - v
        step = np.divide(g, slope, out=np.zeros_like(s), where=(g > 0) & (slope != 0))
        s = s - step
        if np.all(np.abs(step) <= np.finfo(float).eps * s):
            break
    return s
