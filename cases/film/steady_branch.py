"""The branch of steady states of an experiment, from zero to the end of its ramp."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from mitmodels.cases.film.steady_config import Prepared
from mitmodels.drive.following import ending_name, reading_name
from mitmodels.drive.landing import PRECISION
from mitmodels.drive.observable import Level, Until
from mitmodels.film.observables import READ_AT, STEADY_FILM, OperatingPoint
from mitmodels.solvers.film.constraints import Drive, drive_at
from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import Rejection
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.points import Point, StallError, Steps
from mitmodels.solvers.petsc import SolverError

READ, ENDED, COMPLIANCE = "read", "end", "compliance"  # kinds of points on which a branch is solved
_AROUND = 3  # points behind the last one that no loop comes back to
_PLACES = {name: READ_AT[name] for name in ("T_center", "T_edge")}


@dataclass(frozen=True)
class Found:
    """A point of the branch, and the names of what is met there."""

    point: Point
    events: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Target:
    """A value of a quantity on a branch, and how a state with it is solved for.

    Equations fix the drive, a voltage, the current and the temperature of a point; what else a film
    shows is searched along the branch.
    """

    prepared: Prepared
    branch: Continuation
    level: Level

    def read(self, point: Point) -> float:
        """Value of the quantity at a point."""
        if self.level.quantity == "drive":
            return point.drive
        observable = STEADY_FILM.find(self.level.quantity)
        return observable.read(OperatingPoint(point.state.reading, self.prepared.load))

    def excess(self, point: Point) -> float:
        """Distance of a point from the value."""
        return self.read(point) - self.level.value

    def solve(self, before: Point, after: Point) -> Point:
        """State with the value between two neighbouring points."""
        value, branch = self.level.value, self.branch
        name = STEADY_FILM.aliases.get(self.level.quantity, self.level.quantity)
        if name == "drive" or (name == "V_source" and branch.drive.by_voltage):
            return branch.at_drive(before, after, value)
        if name in _PLACES:
            return branch.at_temperature(before, after, _PLACES[name], value)
        film, contacts = branch.newton.film, self.prepared.device.contact_resistance
        drives = {
            "V_source": Drive.voltage_source(self.prepared.series),
            "V_device": Drive.voltage_source(contacts),
            "V_film": Drive.voltage_source(),
            "I": Drive.current_source(),
        }
        if name in drives:
            scale = film.voltage_scale if drives[name].by_voltage else value
            return branch.solve_at(before, after, drive_at(drives[name], value, scale))
        size = abs(value) or max(abs(self.read(before)), abs(self.read(after)))
        return branch.search(before, after, self.excess, PRECISION / 10 * size)


def continuation(
    prepared: Prepared, newton: BorderedNewton, steps: Steps | None = None
) -> Continuation:
    """Continuation of a film under the drive of its experiment."""
    film, drive = newton.film, prepared.drive
    scale = film.voltage_scale if drive.by_voltage else film.power_scale / film.voltage_scale
    largest = float(prepared.config.numerics.largest)
    steps = steps or Steps(first=min(Steps.first, largest), largest=largest)
    return Continuation(newton, drive, steps, scale)


def follow(
    prepared: Prepared, branch: Continuation, points: list[Point]
) -> Iterator[Found | Rejection]:
    """Go on from the last of the points to the end of the ramp, adding to them what is found.

    Raises
    ------
    StallError
        If the branch cannot be followed to its end.
    """
    steps = [point for point in points if point.kind == "step"]
    before = steps[-2] if len(steps) > 1 else None
    trace = () if _has_ended(points) else branch.trace(steps[-1], prepared.limit, before)
    for step in trace:
        met = [step] if isinstance(step, Rejection) else _passed(prepared, branch, points[-1], step)
        for found in met:
            if isinstance(found, Found):
                points.append(found.point)
            yield found
            if _has_ended(points):
                return
            if isinstance(found, Found):
                _check_bounds(prepared, branch, points)


def _check_bounds(prepared: Prepared, branch: Continuation, points: Sequence[Point]) -> None:
    """Stop at a loop, and where there are more points or folds than a film has."""
    *earlier, before, after = points
    numerics, folds = prepared.config.numerics, sum(p.kind == "fold" for p in points)
    refine = "a smaller mesh.size and mesh.edge_size, and more mesh.cells_across"
    at = f"at {after.drive:.6g} {prepared.protocol.unit}"
    for name, count in {"points": len(points), "folds": folds}.items():
        if count >= getattr(numerics, name):
            raise StallError(
                f"the branch has {count} {name} {at} and is not followed further: walls between "
                f"cold and hot parts that catch on single elements make it wander, give {refine}; "
                f"if the film is like that, a larger numerics.{name}"
            )
    steps = [p for p in earlier[:-_AROUND] if p.kind in ("step", "between")]
    if after.kind == "step" and any(branch.meets(before, after, point) for point in steps):
        raise StallError(
            f"the branch comes back to itself {at}, a closed curve that never reaches the end of "
            f"the ramp: elements catch the walls between cold and hot parts, give {refine}, or the "
            'film has two equal halves, give geometry.domain = "quarter"'
        )


def _has_ended(points: Sequence[Point]) -> bool:
    return points[-1].kind in (ENDED, COMPLIANCE)


def _passed(
    prepared: Prepared, branch: Continuation, before: Point, after: Point
) -> Iterator[Found | Rejection]:
    """What is met between two neighbouring points, in order, and the second of them."""
    reads = [(Target(prepared, branch, level), reading_name(level)) for level in prepared.reads]
    found = list(_ends(prepared, branch, before, after))
    for target, event in reads:
        try:
            if target.excess(before) * target.excess(after) < 0:
                found.append(Found(replace(target.solve(before, after), kind=READ), (event,)))
        except SolverError as error:
            yield Rejection(before.s, after.s - before.s, f"{event}: {error}")
    yield from sorted(found, key=lambda item: item.point.s)
    yield Found(after, tuple(event for target, event in reads if target.excess(after) == 0))


def _ends(prepared: Prepared, branch: Continuation, before: Point, after: Point) -> Iterator[Found]:
    """Points at which a condition or the limit of the current ends the branch."""
    limit = Until("I", ">", prepared.compliance)
    ends = [(until, ENDED, ending_name(until)) for until in prepared.until]
    ends += [(until, ENDED, event) for until, event in prepared.end_of_law]
    for until, kind, event in (*ends, (limit, COMPLIANCE, COMPLIANCE)):
        target = Target(prepared, branch, Level(until.quantity, until.limit))
        if until.reached(target.read(before), target.read(after)):
            yield Found(replace(target.solve(before, after), kind=kind), (event,))
