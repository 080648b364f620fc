"""The branch of steady states of an experiment, from zero to the end of its ramp."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from mitmodels.cases.film.steady_config import OBSERVED, Prepared
from mitmodels.drive.until import Until, first_reached
from mitmodels.solvers.film.continuation import Continuation, Point, Rejection, Steps
from mitmodels.solvers.film.newton import BorderedNewton


def continuation(
    prepared: Prepared, newton: BorderedNewton, steps: Steps | None = None
) -> Continuation:
    """Continuation of a film under the drive of its experiment."""
    film, drive = newton.film, prepared.drive
    scale = film.voltage_scale if drive.voltage else film.power_scale / film.voltage_scale
    return Continuation(newton, drive, steps or Steps(), scale)


def follow(
    prepared: Prepared, branch: Continuation, points: list[Point]
) -> Iterator[Point | Rejection]:
    """Go on from the last of the points to the end of the ramp, adding to them what is found.

    Raises
    ------
    StallError
        If the branch cannot be followed to its end.
    """
    if _has_ended(prepared, points):
        return
    steps = [point for point in points if point.kind == "step"]
    before = steps[-2] if len(steps) > 1 else None
    for found in branch.trace(steps[-1], prepared.limit, before):
        if isinstance(found, Rejection):
            yield found
            continue
        points.append(_limited(prepared, branch, points[-1], found))
        yield points[-1]
        if _has_ended(prepared, points):
            return


def condition_met(prepared: Prepared, points: Sequence[Point]) -> Until | None:
    """Condition of the ramp that ends it at the last point."""
    for before, after in pairwise(map(_observed, points[-2:])):
        met = first_reached(prepared.until, before, after)
        return met[0] if met else None
    return None


def _has_ended(prepared: Prepared, points: Sequence[Point]) -> bool:
    return points[-1].kind == "end" or condition_met(prepared, points) is not None


def _limited(prepared: Prepared, branch: Continuation, before: Point, found: Point) -> Point:
    """The point, or the one on the way there at which the source gives way."""
    limit = prepared.compliance
    if before.state.current < limit <= found.state.current:
        return branch.at_current(before, found, limit)
    return found


def _observed(point: Point) -> dict[str, float]:
    reading = point.state.reading
    return dict(zip(OBSERVED, (reading.V_device, reading.I, reading.T_max), strict=True))
