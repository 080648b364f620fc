"""Points of a branch and guesses of the next one."""

from dataclasses import dataclass

from scipy.interpolate import CubicHermiteSpline

from mitmodels.solvers.film.interfaces import Array, State


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
    dV, d_drive, d_current : float
        Derivatives by s.
    kind : str
        "step", "fold" (extremum of the drive), or "end"; what follows a branch may add its own.
    """

    s: float
    state: State
    drive: float
    tangent: Array
    dV: float
    d_drive: float
    d_current: float
    kind: str = "step"


def blend(before: Point, after: Point, fraction: float) -> tuple[Array, float]:
    """Cubic through two points and their tangents, also outside of them."""
    ends, ds = (before, after), after.s - before.s
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
