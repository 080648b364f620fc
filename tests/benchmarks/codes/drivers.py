"""What is done with every code: problems 1, 2, 5 and 6 by a solver of the coupled problem.

A code is asked for states of potential and temperature on a structured mesh of a rectangle, which
may be bent, between two contacts, with a voltage, a current or the temperature of one point given.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.polynomial import Chebyshev
from references import planar_cell as planar
from scipy.optimize import brentq, minimize_scalar

Kind = Literal["voltage", "current", "temperature"]
Found = dict[str, float]


@dataclass(frozen=True)
class Setup:
    """Problem div(sigma grad phi) = 0, loss T - div grad T = sigma |grad phi|^2.

    Attributes
    ----------
    x, y : ndarray
        Lines of the mesh; contacts are at the first and the last x.
    law, slope : callable
        Conductivity at a temperature and its derivative, with the functions of a module.
    loss : float
    cooled : bool
        Whether contacts are at T = 0 rather than insulated.
    bend : callable or None
        Coordinates (r, z) of a point of the rectangle, likewise.
    axisymmetric : bool
        Whether the first of these is a radius.
    """

    x: np.ndarray
    y: np.ndarray
    law: Callable
    slope: Callable
    loss: float = 1.0
    cooled: bool = True
    bend: Callable | None = None
    axisymmetric: bool = False


class Coupled(Protocol):
    """Solver of a setup, whose last state is the guess of the next."""

    def begin(self, temperature: Callable, voltage: float) -> None:
        """Take a temperature and a voltage as the guess, with a potential linear in x."""

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        """Return voltage and current; a temperature is that of the middle of the first y."""

    def middle(self) -> float:
        """Temperature there."""


Code = Callable[[Setup], Coupled]


def square(code: Code) -> Found:
    """Problem 1."""
    strip = code(Setup(np.linspace(0, 1, 101), np.linspace(0, 1, 3), *falling(0.3)))
    found = {"I_2": strip.solve("voltage", 2.0)[1], "T_2": strip.middle()}
    for T in (0.6, 0.8):
        strip.solve("temperature", T)
    found["I_max"] = extremum(strip, 1, 1, (0.9, 1.1))
    for T in (1.2, 1.4, 1.6, 1.8, 2.0):
        strip.solve("temperature", T)
    _, found["I_8"] = strip.solve("voltage", 8.0)
    return found | {"T_8": strip.middle()}


def film(code: Code) -> Found:
    """Problem 2."""
    strip = code(Setup(np.linspace(0, 20, 401), np.array([0.0, 1.0]), *falling(0.1)))
    found = {}
    strip.solve("voltage", 5.0)
    for T in np.arange(0.1, 0.88, 0.05):
        strip.solve("temperature", T)
    found["V_up"] = extremum(strip, 0, 1, (0.85, 0.92))
    for T in np.arange(0.95, 1.32, 0.05):
        strip.solve("temperature", T)
    found["V_down"] = extremum(strip, 0, -1, (1.3, 1.4))
    for T in (1.4, 1.45, 1.5, 1.55):
        strip.solve("temperature", T)
    _, found["I_17"] = strip.solve("voltage", 17.0)
    return found | {"T_17": strip.middle()}


def filament(code: Code) -> Found:
    """Problem 5."""
    strip = code(
        Setup(np.array([0.0, 0.5, 1.0]), np.linspace(0, 30, 601), *rising(0.1), 1.0, False)
    )
    strip.begin(lambda _, y, f: 0.1 + 1.8 / (1 + f.exp(2 * (y - 15))), 1.35)
    found = {"V_plateau": strip.solve("current", 20.0)[0], "T_hot": strip.middle()}
    strip.begin(lambda x, *_: 0 * x, 0.1)
    strip.solve("voltage", 1.0)
    for T in np.arange(0.1, 0.5, 0.05):
        strip.solve("temperature", T)
    return found | {"V_even": extremum(strip, 0, 1, (0.5, 0.7))}


def constriction(code: Code) -> Found:
    """Problem 6."""
    law = (lambda T, _=None: 1 / (1 + T)), (lambda T, _=None: -1 / (1 + T) ** 2)
    far = np.arcsinh(3)
    neck = code(neck_of(np.linspace(-far, far, 25), np.linspace(0, np.pi / 3, 9), 3**-0.5 * 2, law))
    V, cold = neck.solve("voltage", 1e-3)
    found = {"R_cold": V / cold, "I_4": neck.solve("voltage", 4.0)[1], "T_4": neck.middle()}
    far = np.arcsinh(20)
    hole = code(neck_of(np.linspace(-far, far, 41), np.linspace(0, np.pi / 2, 9), 1.0, law))
    V, cold = hole.solve("voltage", 1e-3)
    return found | {"R_hole": V / cold}


def neck_of(u: np.ndarray, angle: np.ndarray, c: float, law: tuple[Callable, Callable]) -> Setup:
    """Body in oblate spheroidal coordinates xi = sinh u, eta = cos of an angle."""

    def bend(x, y, f=np):
        return c * f.cosh(x) * f.sin(y), c * f.sinh(x) * f.cos(y)

    return Setup(u, angle, *law, loss=0.0, bend=bend, axisymmetric=True)


def falling(width: float) -> tuple[Callable, Callable]:
    """Law of problems 1 and 2, and its slope."""
    return logistic(-width)


def rising(width: float) -> tuple[Callable, Callable]:
    """Law of problem 5, and its slope."""
    return logistic(width)


def logistic(width: float) -> tuple[Callable, Callable]:
    """Conductivity 0.05 + 1 / (1 + exp((1 - T) / width)), and its slope."""

    def hot(T, f=np):
        return 1 / (1 + f.exp((1 - T) / width))

    return lambda T, f=np: 0.05 + hot(T, f), lambda T, f=np: hot(T, f) * (1 - hot(T, f)) / width


def extremum(strip: Coupled, part: int, sign: int, bounds: tuple[float, float]) -> float:
    """Largest or least voltage (part 0) or current (1) between temperatures of the middle."""
    found = minimize_scalar(
        lambda T: -sign * strip.solve("temperature", T)[part],
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-5},
    )
    return float(-sign * found.fun)


@dataclass(frozen=True)
class Block:
    """A quarter of a block of conductivity 1 whose top takes a heat of 1 per area up to 1/2, 1/2.

    Attributes
    ----------
    x, z : ndarray
        Lines of the mesh along both sides and downwards from 0.
    far : callable or None
        Temperature (x, y, z) of bottom and far sides; without, the bottom is at 0.
    """

    x: np.ndarray
    z: np.ndarray
    far: Callable | None = None


Heat = Callable[[Block, list[tuple[float, float]]], tuple[list[float], float]]
"""Temperatures of vertices of the top, and the mean of the heated part."""


def heated_square(heat: Heat) -> Found:
    """Problem 3: the half-space as a block behind which the square is a point."""
    inside = 0.5 * (1 - np.linspace(1, 0, 9) ** 2)
    away, down = 0.5 + graded(7.5, 14), -graded(8.0, 14)

    def point(x, y, z):
        return 1 / (2 * np.pi * (x**2 + y**2 + z**2) ** 0.5)

    far = Block(np.concatenate((inside, away[1:])), down, point)
    places = [(0.0, 0.0), (0.5, 0.0), (0.5, 0.5)]
    (centre, side, corner), mean = heat(far, places)
    x = np.concatenate((inside, (0.5 + graded(3.0, 10))[1:]))
    (slab, *_), _ = heat(Block(x, -0.4 * np.linspace(0, 1, 9) ** 1.5), places)
    names = ("T_centre", "T_side", "T_corner", "T_mean", "T_slab")
    return dict(zip(names, (centre, side, corner, mean, slab), strict=True))


def graded(length: float, cells: int) -> np.ndarray:
    """Lines from 0 to a length, the first cell of 0.015 and the others longer by one factor."""
    ratio = brentq(lambda q: 0.015 * (q**cells - 1) / (q - 1) - length, 1.0001, 5.0)
    return 0.015 * (ratio ** np.arange(cells + 1) - 1) / (ratio - 1)


def film_on_half_space(film: Coupled) -> Found:
    """Problem 7."""
    film.solve("voltage", 0.5)
    for T in np.arange(0.3, 0.85, 0.1):
        film.solve("temperature", T)
    found = {"I_max": extremum(film, 1, 1, (0.88, 0.95))}
    for T in np.arange(1.0, 1.45, 0.1):
        film.solve("temperature", T)
    found["I_3"] = film.solve("voltage", 3.0)[1]
    found["T_3"] = film.middle()
    for T in np.arange(1.5, 1.82, 0.05):
        film.solve("temperature", T)
    return found | {"I_min": extremum(film, 1, -1, (1.8, 2.0))}


def planar_cell(ionic_current: Callable[[float], float]) -> Found:
    """Problem 6 from the current density [A/m2] of the ions at a gap [m]."""
    begin, end = planar.BEGIN, planar.END
    slowness = Chebyshev.interpolate(
        lambda gaps: [planar.V_PER_C**-1 / ionic_current(float(gap)) for gap in gaps],
        12,
        domain=[end, begin],
    )
    to_close = slowness.integ(lbnd=end)
    total = float(to_close(begin))

    def gap(time: float) -> float:
        return brentq(lambda x: to_close(x) - (total - time), end, begin, xtol=1e-20)

    return {
        "t_close": total,
        "J_ion": ionic_current(1e-9),
        "gap": gap(0.3),
        "J_electrons": planar.V * planar.tunnel_conductance(gap(0.6)),
    }


COUPLED = {
    "self_heating_square": square,
    "sheet_film": film,
    "filament": filament,
    "constriction": constriction,
}
