"""Problem 8 with every code: the outline moves by the current density that the code finds at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from references.hemisphere import COMPLIANCE, ELECTRODE, SEED
from references.planar_cell import V_PER_C, V, tunnel_conductance
from scipy.integrate import simpson, solve_ivp
from scipy.interpolate import CubicSpline


@dataclass(frozen=True)
class Shell:
    """Structured mesh of the electrolyte; (u, v) in the unit square, u outwards, v from the axis.

    Attributes
    ----------
    segments : int
        Of the outline.
    layers : int
        Between outline and electrode.
    """

    segments: int = 24
    layers: int = 8

    def outline(self) -> np.ndarray:
        """Return the nodes (r, z) of the hemisphere at the beginning, from the axis on."""
        angle = np.pi / 2 * self.lines
        return SEED * np.column_stack((np.sin(angle), np.cos(angle)))

    @property
    def lines(self) -> np.ndarray:
        """Values v of the nodes of the outline."""
        return np.linspace(0, 1, self.segments + 1)

    def between(self, outline: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Return points (r, z) on rays through the outline; beyond 0 < u < 1 in the metals."""
        base = np.column_stack([np.interp(v, self.lines, part) for part in outline.T])
        distance = np.linalg.norm(base, axis=1)
        stretch = np.clip(u, 0, 1) * np.log(ELECTRODE / distance)
        return base * np.exp(stretch + np.minimum(u, 0) / 2 + np.maximum(u - 1, 0) / 2)[:, None]


class Growing(Protocol):
    """Solver of the ions at an outline, made of a `Shell`."""

    def density(self, outline: np.ndarray, voltage: float) -> np.ndarray:
        """Return the current density of plating at its nodes [A/m2] at a voltage [V]."""


def hemisphere(code: Callable[[Shell], Growing]) -> dict[str, float]:
    """Problem 8."""
    shell = Shell()
    cell, lines = code(shell), shell.lines

    def conductance(outline: np.ndarray) -> float:
        tangent = CubicSpline(lines, outline)(lines, 1)
        gap = ELECTRODE - np.linalg.norm(outline, axis=1)
        ring = 2 * np.pi * outline[:, 0] * np.linalg.norm(tangent, axis=1)
        return float(simpson(tunnel_conductance(gap) * ring, x=lines))

    def full(_: np.ndarray) -> float:
        return V

    def limited(outline: np.ndarray) -> float:
        return COMPLIANCE / conductance(outline)

    def rate(_: float, y: np.ndarray, voltage: Callable[[np.ndarray], float]) -> np.ndarray:
        outline = y.reshape(-1, 2)
        tangent = CubicSpline(lines, outline)(lines, 1)
        normal = np.column_stack((-tangent[:, 1], tangent[:, 0]))
        normal /= np.linalg.norm(normal, axis=1)[:, None]
        normal[[0, -1]] = (0, 1), (1, 0)  # on the axis and the plane
        speed = V_PER_C * cell.density(outline, voltage(outline))
        return (speed[:, None] * normal).ravel()

    def excess(_: float, y: np.ndarray, *_also) -> float:
        return V * conductance(y.reshape(-1, 2)) / COMPLIANCE - 1

    excess.terminal = True
    seed = shell.outline()
    current = 2 * np.pi * SEED**2 * float(np.mean(cell.density(seed, V)))
    how = {"method": "RK45", "rtol": 1e-6, "atol": 1e-15}
    until = solve_ivp(
        rate, (0, 1), seed.ravel(), args=(full,), events=excess, dense_output=True, **how
    )
    rest = solve_ivp(rate, (until.t[-1], 2.0), until.y[:, -1], args=(limited,), **how)
    last = rest.y[:, -1].reshape(-1, 2)
    return {
        "I_ion": current,
        "a": mean_radius(until.sol(0.1).reshape(-1, 2)),
        "t_set": float(until.t[-1]),
        "gap": ELECTRODE - mean_radius(last),
        "V_cell": limited(last),
    }


def mean_radius(outline: np.ndarray) -> float:
    """Return the mean distance of nodes from the centre."""
    return float(np.linalg.norm(outline, axis=1).mean())
