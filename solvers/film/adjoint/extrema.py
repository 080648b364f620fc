"""Extrema of a branch, sharpened: the derivative of what is read there errs by their slope."""

from collections.abc import Callable

from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.points import Point

_RESIDUAL = 1e-12  # of the reference power: derivatives err with the state, values by its square
_FLAT = 1e-10  # slope over that at the neighbour which counts as none


def sharpened(
    trace: Continuation, point: Point, beside: Point, slope: Callable[[Point], float]
) -> Point:
    """Find an extremum by secant steps.

    Parameters
    ----------
    trace
    point
        Near the extremum.
    beside
        A neighbour of it on the branch.
    slope
        Vanishes at the extremum.

    Raises
    ------
    SolverError
        If a state is not solved for.
    """
    here, there = point, beside
    s, other = 0.0, trace.length(point, beside)
    while abs(slope(here)) > _FLAT * abs(slope(beside)):
        step = slope(here) * (s - other) / (slope(here) - slope(there))
        nearer = moved(trace, point, s - step)
        if abs(slope(nearer)) >= abs(slope(here)):
            break  # the slope is that of rounding
        there, other, here, s = here, s, nearer, s - step
    return here


def moved(trace: Continuation, point: Point, s: float) -> Point:
    """Point at a small length along the tangent of another one."""
    along, state = trace.along(point, s), point.state
    guess = state.unknown + s * point.tangent, state.voltage + s * point.dV
    solved = trace.newton.solve(along, *guess, tolerance=_RESIDUAL)
    return trace.point_at(solved, point.s + s, along)
