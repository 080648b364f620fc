r"""Memory state of a filamentary gap: N two-state particles under voltage-driven rates.

The fraction :math:`\rho` of conducting particles sets the gap,
:math:`\tilde g=(g-g_m)/(g_M-g_m)=1-\rho`, and relaxes as
:math:`\dot{\tilde g}=-\omega_S\tilde g+\omega_R(1-\tilde g)`. The equation is linear: it is the
exact mean for any voltage that does not depend on the gap.
Source: Miranda and Sune 2024, Eqs 11-19, corrected as listed in `docs/theory/qpc.md`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_ivp
from scipy.special import modstruve

from mitmodels.checks import FloatArray, broadcast, finite, not_negative, positive, within
from mitmodels.errors import RunError

# Exponent at which the hyperbolic sine of a rate saturates: e^600 per second is instantaneous.
_SATURATION = 600.0


def occupation(
    t: ArrayLike, rate_set: ArrayLike, rate_reset: ArrayLike, rho0: ArrayLike
) -> FloatArray:
    """Probability that a particle conducts after a time t [s] at constant rates [1/s] (Eq. 17).

    Both rates may act together; with neither the state stays at `rho0`.

    Raises
    ------
    ValueError
        If a time or a rate is negative or not finite, or rho0 is outside [0, 1].
    """
    t, rate_set, rate_reset, rho0 = broadcast(
        t=not_negative("t", t, "s"),
        rate_set=not_negative("rate_set", rate_set, "1/s"),
        rate_reset=not_negative("rate_reset", rate_reset, "1/s"),
        rho0=within("rho0", rho0, 0, 1, "(dimensionless)"),
    )
    rate = rate_set + rate_reset
    fraction = np.divide(rate_set, rate, out=np.zeros_like(rate), where=rate > 0)
    with np.errstate(over="ignore"):
        decay = rate * t
    return fraction * -np.expm1(-decay) + rho0 * np.exp(-decay)


@dataclass(frozen=True)
class PeriodicState:
    """Gap under a sinusoidal voltage once it repeats.

    Parameters
    ----------
    gap_start : gap at the upward zero of the voltage, m
    gap_half : gap at the downward zero, half a period later, m
    contraction : factor by which any deviation shrinks per period
    """

    gap_start: float
    gap_half: float
    contraction: float


@dataclass(frozen=True)
class MemoryState:
    """Rates and bounds of the gap.

    Parameters
    ----------
    rate_set, rate_reset : prefactors of the rates, 1/s
    voltage_set, voltage_reset : voltage scales of the rates, V
    gap_min, gap_max : gap with all and with no particles conducting, m

    Raises
    ------
    ValueError
        If a parameter is not positive and finite, or gap_max does not exceed gap_min.
    """

    rate_set: float
    rate_reset: float
    voltage_set: float
    voltage_reset: float
    gap_min: float
    gap_max: float

    def __post_init__(self) -> None:
        positive("rate_set", self.rate_set, "1/s")
        positive("rate_reset", self.rate_reset, "1/s")
        positive("voltage_set", self.voltage_set, "V")
        positive("voltage_reset", self.voltage_reset, "V")
        positive("gap_min", self.gap_min, "m")
        positive("gap_max", self.gap_max, "m")
        if self.gap_max <= self.gap_min:
            raise ValueError(
                f"gap_max must exceed gap_min, got {self.gap_max} m and {self.gap_min} m"
            )

    def rates(self, V: ArrayLike) -> tuple[FloatArray, FloatArray]:
        """Set and reset rate [1/s] at a voltage [V]; never both positive (Eqs 15, 16)."""
        V = finite("V", V, "V")

        def rate(prefactor: float, scale: float, drive: FloatArray) -> FloatArray:
            saturated = np.minimum(np.maximum(drive, 0), _SATURATION * scale)
            return prefactor * np.sinh(saturated / scale)

        return (
            rate(self.rate_set, self.voltage_set, V),
            rate(self.rate_reset, self.voltage_reset, -V),
        )

    def transparency(self, t: ArrayLike, V: ArrayLike, rho0: ArrayLike) -> FloatArray:
        """Mean fraction of conducting particles after a time t [s] at constant V [V] (Eq. 17)."""
        return occupation(t, *self.rates(V), rho0)

    def moments(
        self, t: ArrayLike, V: ArrayLike, conducting: int, particles: int
    ) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the number of conducting particles.

        Parameters
        ----------
        t : time at constant voltage, s
        V : voltage, V
        conducting, particles : conducting particles at the start, and all of them

        Raises
        ------
        ValueError
            If there are no particles, or more of them conduct than there are.
        """
        p_idle, p_conducting = self._probabilities(t, V, conducting, particles)
        idle = particles - conducting
        mean = idle * p_idle + conducting * p_conducting
        variance = idle * p_idle * (1 - p_idle) + conducting * p_conducting * (1 - p_conducting)
        return mean, variance

    def tunnelling_factor(
        self, t: ArrayLike, V: ArrayLike, conducting: int, particles: int, g0: float
    ) -> tuple[FloatArray, FloatArray]:
        """Mean of exp(-g/g0) over the binomial distribution of the gap, and exp(-<g>/g0).

        The first exceeds the second: the mean conductance is not the conductance of the mean.
        Arguments as in `moments`, and the decay length g0 [m].
        """
        positive("g0", g0, "m")
        p_idle, p_conducting = self._probabilities(t, V, conducting, particles)
        step = (self.gap_max - self.gap_min) / (particles * g0)
        idle = particles - conducting
        # log(1 - p + p e^step), safe for any step.
        logs = [step + np.log(p + (1 - p) * np.exp(-step)) for p in (p_idle, p_conducting)]
        exact = idle * logs[0] + conducting * logs[1]
        mean_field = step * (idle * p_idle + conducting * p_conducting)
        wide = -self.gap_max / g0
        return np.exp(wide + exact), np.exp(wide + mean_field)

    def _probabilities(
        self, t: ArrayLike, V: ArrayLike, conducting: int, particles: int
    ) -> tuple[FloatArray, FloatArray]:
        if not 0 <= conducting <= particles or particles < 1:
            raise ValueError(
                f"conducting must lie between 0 and particles >= 1, got {conducting} of {particles}"
            )
        return self.transparency(t, V, 0.0), self.transparency(t, V, 1.0)

    def gap(self, t: ArrayLike, V_of_t: Callable[[float], float], gap0: float) -> FloatArray:
        """Gap [m] at the times t under any waveform (Eqs 18, 19), within 1e-9 of its range.

        Parameters
        ----------
        t : ascending times from the start of the waveform, s; they also bound the steps, so
            they must resolve its pulses
        V_of_t : voltage [V] at a time [s]
        gap0 : gap at t[0], m

        Raises
        ------
        ValueError
            If the times do not ascend, or gap0 is outside [gap_min, gap_max].
        RunError
            If the integrator fails.
        """
        t = finite("t", t, "s")
        if t.ndim != 1 or t.size < 2 or (np.diff(t) <= 0).any():
            raise ValueError("t must hold two or more ascending times in s")
        within("gap0", gap0, self.gap_min, self.gap_max, "m")

        def slope(time: float, state: FloatArray) -> FloatArray:
            rate_set, rate_reset = self.rates(V_of_t(time))
            return np.asarray(rate_reset * (1 - state) - rate_set * state)

        solution = solve_ivp(
            slope,
            (t[0], t[-1]),
            [(gap0 - self.gap_min) / (self.gap_max - self.gap_min)],
            method="Radau",
            t_eval=t,
            max_step=np.diff(t).max(),
            rtol=1e-10,
            atol=1e-12,
        )
        if not solution.success:
            raise RunError(f"the gap could not be integrated: {solution.message}")
        return self._length(solution.y[0])

    def periodic_state(self, amplitude: float, frequency: float) -> PeriodicState:
        """Return the state that repeats under V = amplitude sin(2 pi frequency t), exactly.

        Half a period of either sign multiplies the distance to its limit by
        exp(-rate/(2 frequency) L0(amplitude/scale)) with the modified Struve function L0.

        Raises
        ------
        ValueError
            If the amplitude [V] or the frequency [Hz] is not positive.
        """
        positive("amplitude", amplitude, "V")
        positive("frequency", frequency, "Hz")
        closing, opening = (
            rate / (2 * frequency) * modstruve(0, min(amplitude / scale, _SATURATION))
            for rate, scale in (
                (self.rate_set, self.voltage_set),
                (self.rate_reset, self.voltage_reset),
            )
        )
        start = np.expm1(-opening) / np.expm1(-closing - opening)
        return PeriodicState(
            gap_start=float(self._length(start)),
            gap_half=float(self._length(start * np.exp(-closing))),
            contraction=float(np.exp(-closing - opening)),
        )

    def _length(self, normalised: FloatArray) -> FloatArray:
        return self.gap_min + (self.gap_max - self.gap_min) * normalised
