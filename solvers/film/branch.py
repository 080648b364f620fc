"""A traced branch and what is read off it: folds, jumps, states at given values."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import cycle, pairwise
from math import inf, isclose

from mitmodels.solvers.film.continuation import Continuation
from mitmodels.solvers.film.interfaces import State
from mitmodels.solvers.film.points import Point

Reader = Callable[[Point], float]
Solver = Callable[[Point, Point], Point]
_SAME = 1e-6  # relative distance within which the end of a branch has a value


@dataclass(frozen=True)
class Jump:
    """What a source does at a fold: the state before and the state after, at one drive.

    ``upward`` tells whether the source was being ramped up.
    """

    upward: bool
    drive: float
    before: State
    after: State


@dataclass(frozen=True, eq=False)
class Branch:
    """Points of a branch in order, and the continuation that can land between them.

    Stable segments are those between an even number of folds and the next one: the branch begins
    stable, and every fold adds or removes one growing perturbation.
    """

    continuation: Continuation
    points: tuple[Point, ...]

    @property
    def folds(self) -> tuple[Point, ...]:
        """Extrema of the drive."""
        return tuple(point for point in self.points if point.kind == "fold")

    def maximum(self) -> Point | None:
        """First maximum of the current, None if the current never falls."""
        for before, after in pairwise(self.points):
            if before.d_current > 0 > after.d_current:
                return self._current_extremum(before, after)
        return None

    def minimum(self, maximum: Point) -> Point | None:
        """Lowest minimum of the current beyond its maximum, None if the current only falls."""
        pairs = [
            (before, after)
            for before, after in pairwise(self.points)
            if before.s >= maximum.s and before.d_current < 0 < after.d_current
        ]
        if not pairs:
            return None
        lowest = min(pairs, key=lambda pair: min(point.state.current for point in pair))
        return self._current_extremum(*lowest)

    def _current_extremum(self, before: Point, after: Point) -> Point:
        return self.continuation.extremum(before, after, lambda point: point.d_current)

    def segments(self) -> Iterator[tuple[bool, tuple[Point, ...]]]:
        """Yield (stable, points) from fold to fold, the folds in both of their segments."""
        stable, begin = True, 0
        ends = [i for i, point in enumerate(self.points) if point.kind == "fold"]
        for end in [*ends, len(self.points) - 1]:
            yield stable, self.points[begin : end + 1]
            stable, begin = not stable, end

    def stability(self) -> tuple[bool, ...]:
        """Whether each point is stable under its drive; folds count as stable."""
        flags = [True]
        for stable, points in self.segments():
            flags += [stable or point.kind == "fold" for point in points[1:]]
        return tuple(flags)

    def land(self, drive: float) -> tuple[Point, ...]:
        """Stable states at a value of the drive, the last included, in the order of the branch."""

        def solve(before: Point, after: Point) -> Point:
            return self.continuation.at_drive(before, after, drive)

        return self.states(lambda point: point.drive, drive, solve)

    def states(
        self, read: Reader, value: float, solve: Solver, every: bool = False
    ) -> tuple[Point, ...]:
        """Stable states in which a quantity has a value, in the order of the branch.

        Parameters
        ----------
        read
            The quantity.
        value
        solve
            Finds the state between two neighbouring points.
        every
            Unstable states too.
        """
        last = self.points[-1]
        is_end = isclose(read(last), value, rel_tol=_SAME) and (every or self.stability()[-1])
        found = tuple(
            solve(before, after)
            for stable, points in self.segments()
            if stable or every
            for before, after in pairwise(points)
            if min(read(before), read(after)) <= value < max(read(before), read(after))
            and not (is_end and after is last)
        )
        return (*found, last) if is_end else found

    def first(self, read: Reader, value: float, solve: Solver) -> Point | None:
        """First state in which a quantity rises to a value; None if it never does."""
        for before, after in pairwise(self.points):
            if read(before) < value <= read(after):
                return solve(before, after)
        return None

    def jumps(self) -> tuple[Jump, ...]:
        """Jumps of a source that is ramped up, at the maxima, and down, at the minima."""
        found = []
        for fold, upward in zip(self.folds, cycle((True, False)), strict=False):
            if after := self._across(fold, upward):
                found.append(Jump(upward, fold.drive, fold.state, after.state))
        return tuple(found)

    def _across(self, fold: Point, upward: bool) -> Point | None:
        """Nearest stable state at the drive of a fold beyond the next fold, None if there is none.

        What lies before that one is the fold itself, solved for once more and off by rounding.
        """
        way = 1 if upward else -1
        ahead = min((way * f.s for f in self.folds if way * (f.s - fold.s) > 0), default=inf)
        beyond = [point for point in self.land(fold.drive) if way * point.s > ahead]
        return min(beyond, key=lambda point: way * point.s, default=None)

    def sweep(self, upward: bool) -> tuple[tuple[Point, ...], ...]:
        """Stretches that a source follows when it is ramped up, or down from the end.

        Between two stretches it jumps.
        """
        way = 1 if upward else -1
        stable = [points[::way] for is_stable, points in self.segments() if is_stable][::way]
        stretches = [stable[0]]
        while stretches[-1][-1].kind == "fold":
            first = self._across(stretches[-1][-1], upward)
            if first is None:
                break
            rest = next(points for points in stable if way * (points[-1].s - first.s) > 0)
            stretches.append((first, *(p for p in rest if way * (p.s - first.s) > 0)))
        return tuple(stretches)
