r"""Problems 1 and 2 in one dimension: by quadrature, and by collocation at Chebyshev points.

Even across the current density J, with phi' = J / sigma, half of the strip obeys

.. math:: T'' = T - J^2/\sigma(T), \qquad T'(0) = 0, \qquad T(L/2) = 0 .

Multiplied by T' it is integrated once: with P' = 1/sigma,

.. math:: \tfrac12 T'^2 = G(T) - G(T_m), \qquad G = \tfrac12 T^2 - J^2 P, \qquad
          \tfrac L2 = \int_0^{T_m} \frac{dT}{\sqrt{2 (G(T) - G(T_m))}} .

The temperature T_m of the centre numbers the states, also where voltage and current do not.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.interpolate import BarycentricInterpolator
from scipy.optimize import brentq, minimize_scalar

HOT = 0.05  # conductivity of the hot phase; that of the cold one is 1 more


@dataclass(frozen=True)
class Strip:
    """Strip of a length and width 1 between contacts at T = 0, of a law of some width in T."""

    length: float
    smoothing: float

    def conductivity(self, T):
        """Conductivity at a temperature."""
        return HOT + 1 / (1 + np.exp((T - 1) / self.smoothing))

    def primitive(self, T):
        """Integral of 1 / conductivity from 0."""

        def upto(u):
            return self.smoothing * (
                u / (HOT + 1)
                + (1 / HOT - 1 / (HOT + 1)) * np.logaddexp(np.log(HOT) + u, np.log(HOT + 1))
            )

        return upto((T - 1) / self.smoothing) - upto(-1 / self.smoothing)


def quadrature(strip: Strip, centre: float) -> tuple[float, float]:
    """Current and voltage of the state with a temperature in the centre."""
    least, nearly_level = _least_square(strip, centre)

    def integral(square: float, weight: Callable) -> float:
        def integrand(s: float) -> float:
            T = centre * (1 - s * s)
            rise = strip.primitive(T) - strip.primitive(centre)
            return 2 * centre * s * weight(T) / np.sqrt(T**2 - centre**2 - 2 * square * rise)

        points = [np.sqrt(1 - nearly_level / centre)] if nearly_level < 0.9 * centre else None
        return quad(integrand, 0, 1, points=points, epsabs=1e-13, epsrel=1e-12, limit=400)[0]

    def excess(log: float) -> float:
        return integral(least + np.exp(log), lambda _: 1.0) - strip.length / 2

    below, above = 0.0, 8.0
    while excess(below) < 0:  # down to the state that never reaches the contact
        below, above = below - 1.0, below
    square = least + np.exp(brentq(excess, below, above, xtol=1e-13))
    current = np.sqrt(square)
    return current, 2 * current * integral(square, lambda T: 1 / strip.conductivity(T))


def _least_square(strip: Strip, centre: float) -> tuple[float, float]:
    """Square of J below which no state has the centre, and where its T' is least but there."""

    def needed(T: float) -> float:
        return (centre**2 - T**2) / 2 / (strip.primitive(centre) - strip.primitive(T))

    T = centre * (1 - np.linspace(0, 1, 4001)[1:] ** 2)
    at = int(np.argmax(needed(T)))
    bounds = T[min(at + 1, len(T) - 1)], T[max(at - 1, 0)]
    best = minimize_scalar(
        lambda T: -needed(T), bounds=bounds, method="bounded", options={"xatol": 1e-14}
    )
    least = max(-best.fun, centre * strip.conductivity(centre))
    return least, float(best.x)


class Collocation:
    """States at Chebyshev points of half of the strip; follows them up in their centre.

    Parameters
    ----------
    strip : Strip
    points : int
    """

    def __init__(self, strip: Strip, points: int = 160) -> None:
        self.strip, self.half = strip, strip.length / 2
        x = np.cos(np.pi * np.arange(points + 1) / points)  # 1 is the contact, -1 the centre
        scale = np.where(np.arange(points + 1) % points == 0, 2.0, 1.0)
        scale = scale * (-1.0) ** np.arange(points + 1)
        D = np.outer(scale, 1 / scale) / (x[:, None] - x + np.eye(points + 1))
        D -= np.diag(D.sum(axis=1))
        self.D = D * 2 / self.half
        self.second = self.D @ self.D
        theta = np.pi * np.arange(points + 1) / points
        v = np.ones(points - 1)
        for k in range(1, points // 2):
            v -= 2 * np.cos(2 * k * theta[1:-1]) / (4 * k * k - 1)
        v -= np.cos(points * theta[1:-1]) / (points**2 - 1)
        ends = 1 / (points**2 - 1)
        self.weights = np.concatenate(([ends], 2 * v / points, [ends])) * self.half / 2
        self.z = np.append(0.1 * (1 - (x + 1) ** 2 / 4), 0.1)
        self.centre = 0.1

    def __call__(self, centre: float) -> tuple[float, float]:
        """Current and voltage of the state with a temperature in the centre."""
        while abs(centre - self.centre) > 0.02:
            self._solve(self.centre + np.copysign(0.02, centre - self.centre))
        return self._solve(centre)

    def _solve(self, centre: float) -> tuple[float, float]:
        law, z = self.strip.conductivity, self.z.copy()
        for _ in range(30):
            T, square = z[:-1], z[-1]
            slope = -(law(T) - HOT) * (1 + HOT - law(T)) / self.strip.smoothing
            residual = self.second @ T - T + square / law(T)
            J = self.second - np.diag(1 + square * slope / law(T) ** 2)
            J = np.column_stack((J, 1 / law(T)))
            residual[0], J[0] = T[0], np.eye(len(z))[0]
            residual[-1], J[-1] = self.D[-1] @ T, np.append(self.D[-1], 0.0)
            J = np.vstack((J, np.eye(len(z))[-2]))
            step = np.linalg.solve(J, np.append(residual, T[-1] - centre))
            z -= step
            if np.abs(step).max() < 1e-11:
                break
        else:
            raise RuntimeError(f"no state with {centre} in the centre")
        self.z, self.centre = z, centre
        current = float(np.sqrt(z[-1]))
        return current, float(2 * current * (self.weights @ (1 / law(z[:-1]))))

    def temperature(self, x: float) -> float:
        """Temperature of the last state at a distance from the centre."""
        nodes = self.half * (1 + np.cos(np.pi * np.arange(len(self.z) - 1) / (len(self.z) - 2))) / 2
        return float(BarycentricInterpolator(nodes, self.z[:-1])(x))


State = Callable[[float], tuple[float, float]]


def at_voltage(state: State, voltage: float, centres: tuple[float, float]) -> tuple[float, float]:
    """Temperature of the centre and current at a voltage."""
    centre = brentq(lambda T: state(T)[1] - voltage, *centres, xtol=1e-13)
    return centre, state(centre)[0]


def extremum(
    state: State, part: int, sign: int, centres: tuple[float, float]
) -> tuple[float, float]:
    """Largest (sign 1) or least (-1) current (part 0) or voltage (1), and its centre."""
    best = minimize_scalar(
        lambda T: -sign * state(T)[part],
        bounds=centres,
        method="bounded",
        options={"xatol": 1e-7},
    )
    return -sign * best.fun, float(best.x)
