"""Points of a branch, steps and guesses to the next one, and whether they show the curve."""

from dataclasses import dataclass

import numpy as np

from mitmodels.solvers.film.interfaces import Array, State
from mitmodels.solvers.petsc import SolverError

# Of a quantity between two points: its error by the cubic over itself, and the turn of the curve's
# tangent on logarithmic axes.
_ERROR, _BEND = 1e-3, np.radians(40)
# Slope of the current on logarithmic axes, or its inverse, under which details of the resistivity
# make extrema; how many of them are passed over; and warming [K] within which the film averages.
_LEVEL, _DETAILS, _EVEN = 0.2, 2, 3.0


class StallError(SolverError):
    """The continuation cannot go on: its step became smaller than the declared minimum."""


@dataclass(frozen=True)
class Steps:
    """Step control, lengths in units of the arclength.

    Attributes
    ----------
    first, smallest, largest : float
    iterations : int
        Newton iterations above which a step is rejected.
    """

    first: float = 0.1
    smallest: float = 1e-6
    largest: float = 1.0
    iterations: int = 6


@dataclass(frozen=True)
class Point:
    """A point of the branch.

    Attributes
    ----------
    s : float
        Arclength from the start.
    drive : float
        lambda.
    tangent : ndarray, shape (nodes, 2)
        dz/ds.
    dT : ndarray, shape (nodes,)
        dT/ds, which follows from it.
    dV, d_drive, d_current : float
        Derivatives by s.
    kind : str
        "step", "fold" (extremum of the drive), or "end"; what follows a branch may add its own.
    """

    s: float
    state: State
    drive: float
    tangent: Array
    dT: Array
    dV: float
    d_drive: float
    d_current: float
    kind: str = "step"


def blend(before: Point, after: Point, fraction: float) -> tuple[Array, float]:
    """Cubic through two points and their tangents, also outside of them."""
    ends, ds = (before, after), after.s - before.s
    from scipy.interpolate import CubicHermiteSpline  # only here: it takes longer than the rest

    unknown = CubicHermiteSpline(
        (0, 1), [p.state.unknown for p in ends], [ds * p.tangent for p in ends]
    )
    voltage = CubicHermiteSpline((0, 1), [p.state.voltage for p in ends], [ds * p.dV for p in ends])
    return unknown(fraction), float(voltage(fraction))


def extrapolate(previous: Point | None, point: Point, step: float) -> tuple[Array, float]:
    """Parabola through the point with its tangent and the tangent before."""
    bend = 0.0 if previous is None else step**2 / 2 / (point.s - previous.s)
    before = point if previous is None else previous
    return (
        point.state.unknown + step * point.tangent + bend * (point.tangent - before.tangent),
        point.state.voltage + step * point.dV + bend * (point.dV - before.dV),
    )


def is_resolved(
    previous: Point | None, before: Point, after: Point, resistance: float, detail: float
) -> bool:
    """Whether the cubic between two points shows drive, voltage and current of the device.

    It does not if a slope of one sign at both ends comes near zero between them, where a maximum
    and a minimum may hide; if it misses the point before by too much; if the current over the
    voltage bends sharply; or if that is level while the film passes details of its law, ``detail``
    [K] apart. ``resistance`` is that of the contacts [ohm].
    """
    chain = [p for p in (previous, before, after) if p]
    readings = [p.state.reading for p in chain]
    values = np.array([(p.drive, r.V_device, r.I) for p, r in zip(chain, readings, strict=True)])
    derivatives = [(p.d_drive, p.dV + resistance * p.d_current, p.d_current) for p in chain[-2:]]
    h, scale = after.s - before.s, np.abs(values[-2:]).max(axis=0)
    values /= scale
    slopes = np.array(derivatives) * h / scale
    rise = values[-1] - values[-2]
    error = np.zeros_like(rise)
    if previous:
        from scipy.interpolate import CubicHermiteSpline

        x = (previous.s - before.s) / h
        cubic = CubicHermiteSpline((0, 1), values[-2:], slopes)
        error = np.abs(cubic(x) - values[0]) / (x * (1 - x)) ** 2  # times (t (1 - t))^2 elsewhere
    # The slope between is a parabola; its own extremum may lie inside.
    bend = slopes[0] + slopes[1] - 2 * rise
    with np.errstate(divide="ignore", invalid="ignore"):
        vertex = (2 * slopes[0] + slopes[1] - 3 * rise) / (3 * bend)
        lowest = (slopes[0] - 3 * bend * vertex**2) * np.sign(slopes[0])
    inside = (slopes[0] * slopes[1] > 0) & (vertex > 0) & (vertex < 1)
    dips = inside & (lowest < np.maximum(error / 5, np.abs(slopes).min(axis=0) / 2))
    current, voltage = np.abs(slopes[:, -1]), np.abs(slopes[:, -2])
    level = np.any(np.minimum(current, voltage) < _LEVEL * np.maximum(current, voltage))
    warming = abs(after.state.reading.T_max - before.state.reading.T_max)
    angles = np.arctan2(slopes[:, -1], slopes[:, -2])
    turn = np.abs((angles[1] - angles[0] + np.pi) % (2 * np.pi) - np.pi)
    shown = not dips.any() and error.max() / 16 < _ERROR and turn < _BEND
    return bool(shown and not (level and warming > max(_EVEN, _DETAILS * detail)))
