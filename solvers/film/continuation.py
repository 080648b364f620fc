r"""Pseudo-arclength continuation of the steady branch of a film.

The branch is one curve (z(s), V(s)). Its length is measured in temperature and in the drive
lambda = a V + b I, which is the source voltage behind a series resistance or the current:

.. math:: ds^2 = \langle dT^2 \rangle / T_*^2 + d\lambda^2 / \lambda_*^2 .

Extrema of lambda are the folds, at which a source of lambda jumps.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from mitmodels.solvers.film.constraints import Drive, Linear, drive_at, temperature_at
from mitmodels.solvers.film.interfaces import Array, Constraint, Rejection, State, Traceable
from mitmodels.solvers.film.newton import BorderedNewton
from mitmodels.solvers.film.points import Point, StallError, Steps, blend, extrapolate, is_resolved
from mitmodels.solvers.petsc import SolverError

_FACTOR = {3: 1.5, 4: 1.2, 5: 0.9, 6: 0.7}
_FLAT = 1e-4  # slope at an extremum over the slope at the bracket: errs the value by its square
_DEPTH = 6  # halvings of a step at most, that the curve be resolved
_LANDED = 1e-9  # distance from a value that is searched for, over the value
_SAME = 1e-4  # distance between equal points over the step that leads there
_CLOSE = 1e-9  # bracket of an extremum over the step, if noise hides its slope
_TRACED = 1e-9  # residual of points that only lead on; states that are landed on are exacter
_STRETCH = 1.5  # largest ratio of the length found to the length asked for
_MISFIT = 0.1  # largest distance of a step's end from where both tangents lead, over the step
_COSINE = 0.7  # smallest one between the tangents at both ends of a step
_TEMPERATURE = 100.0  # [K] T_*
_TURN = np.radians(15)  # turn of the tangent per step that the control aims at


class PseudoArclength[N: Traceable]:
    """Traces the branch of a device under a drive.

    Parameters
    ----------
    newton : Traceable
    drive : Drive
    steps : Steps
    drive_scale : float
        lambda_* [V or A].
    """

    def __init__(self, newton: N, drive: Drive, steps: Steps, drive_scale: float) -> None:
        self.newton, self.drive, self.steps = newton, drive, steps
        self.drive_scale = drive_scale
        self._weights = newton.weights / _TEMPERATURE**2

    def start(self) -> Point:
        """The device without bias, with the drive increasing."""
        unbiased = drive_at(self.drive, 0.0, self.drive_scale)
        state = self.newton.solve(unbiased, self.newton.start, 0.0)
        return self.point_at(state, 0.0, unbiased)

    def trace(
        self, start: Point, limit: float, before: Point | None = None
    ) -> Iterator[Point | Rejection]:
        """Follow the branch from ``start`` until the drive reaches ``limit``.

        Yields every accepted point in order, folds refined, and every rejected step. Where the
        cubic through the ends of a step does not show the curve, points of the kind "between" are
        added. The last point has the kind "end" and the drive ``limit``. A trace that stopped after
        ``before`` and ``start``, two points of the kind "step", goes on as if it had not.

        Raises
        ------
        StallError
            If steps below ``steps.smallest`` are still rejected.
        """
        point, previous = start, before
        step = self.steps.first if before is None else self._next_step(before, start)
        while True:
            passed = self._advance(previous, point, step, limit)
            if isinstance(passed, Rejection):
                yield passed
                if (step := step / 2) < self.steps.smallest:
                    raise StallError(
                        f"the branch cannot be followed beyond s = {point.s:.4g}, drive = "
                        f"{point.drive:.6g}, I = {point.state.current:.4g} A: {passed.reason}"
                    )
                continue
            yield from passed
            if passed[-1].kind == "end":
                return
            step = self._next_step(point, passed[-1])
            previous, point = point, passed[-1]

    def _advance(
        self, previous: Point | None, point: Point, step: float, limit: float
    ) -> tuple[Point, ...] | Rejection:
        """Take one step: its end, behind what is found on the way there."""
        result = self._step(point, previous, step)
        if isinstance(result, Rejection):
            return result
        passed: list[Point] = []
        try:
            for low, high in pairwise((point, *self._refined(previous, point, result))):
                between = [low, high]
                if low.d_drive * high.d_drive < 0:
                    fold = self.extremum(low, high, lambda p: p.d_drive)
                    between.insert(1, replace(fold, kind="fold"))
                for before, after in pairwise(between):
                    if after.drive >= limit > before.drive:
                        return (*passed, self.at_drive(before, after, limit))
                    passed.append(after)
        except SolverError as error:
            return Rejection(point.s, step, f"within the step {error}")
        return tuple(passed)

    def _refined(
        self, previous: Point | None, before: Point, after: Point, depth: int = _DEPTH
    ) -> Iterator[Point]:
        """Points from ``before`` on to ``after`` between which cubics show the curve."""
        R, detail = self.newton.resistance, self.newton.detail
        if depth and not is_resolved(previous, before, after, R, detail):
            half = self.between(before, after, self.length(before, after) / 2)
            middle = replace(half, s=(before.s + after.s) / 2, kind="between")
            yield from self._refined(previous, before, middle, depth - 1)
            yield from self._refined(before, middle, after, depth - 1)
        else:
            yield after

    def at_drive(self, before: Point, after: Point, target: float) -> Point:
        """Solve at a value of the drive between two neighbouring points."""
        solved = self.solve_at(before, after, drive_at(self.drive, target, self.drive_scale))
        return replace(solved, drive=target)  # its last digits are those of the linear solver

    def at_temperature(self, before: Point, after: Point, place: str, target: float) -> Point:
        """Solve at a temperature [K] of a named point of the device between two neighbours."""
        there = temperature_at(self.newton.layout, self.newton.pick(place), target)
        return self.solve_at(before, after, there)

    def solve_at(self, before: Point, after: Point, constraint: Constraint) -> Point:
        """Solve under a constraint of opposite signs at two neighbouring points.

        The guess is the cubic's. Near a fold a drive has two states or none: if Newton's method
        does not find this one, it is searched for along the branch, on which there is one state for
        every length.
        """
        low, high = (_value(constraint, point.state) for point in (before, after))
        fraction = low / (low - high)
        unknown, V = blend(before, after, fraction)
        try:
            state = self.newton.solve(constraint, unknown, V)
        except SolverError:
            found = self.search(before, after, lambda p: _value(constraint, p.state), _LANDED)
            return replace(found, kind="end")
        s = before.s + fraction * (after.s - before.s)
        return replace(self.point_at(state, s, self.along(after)), kind="end")

    def search(
        self, before: Point, after: Point, excess: Callable[[Point], float], precision: float
    ) -> Point:
        """Find where an excess vanishes that has opposite signs at two neighbouring points.

        Brent's method along the branch. Lengths are measured along the tangent of ``before``, in
        which the branch is monotone: between two points it turns by less than a right angle.
        Lengths along changing tangents would not add up to that of the bracket.

        Parameters
        ----------
        precision
            Excess that counts as none.
        """
        if (length := self.length(before, after)) <= 0:
            raise SolverError("the branch turns back between two points")
        after = replace(after, s=before.s + length)
        found = {before.s: before, after.s: after}

        def value(s: float) -> float:
            if s not in found:
                low = max((p for p in found.values() if p.s < s), key=lambda p: p.s)
                high = min((p for p in found.values() if p.s > s), key=lambda p: p.s)
                found[s] = self._at_length(before, low, high, s)
            distance = excess(found[s])
            return distance if abs(distance) > precision else 0.0

        from scipy.optimize import brentq  # only here: it takes longer than the rest

        # Brent's method returns a point it has evaluated.
        return found[brentq(value, before.s, after.s, xtol=_CLOSE * (after.s - before.s))]

    def extremum(self, before: Point, after: Point, slope: Callable[[Point], float]) -> Point:
        """Find where a slope vanishes that has opposite signs at two neighbouring points."""
        flat = _FLAT * max(abs(slope(before)), abs(slope(after)))
        return self.search(before, after, slope, flat)

    def meets(self, before: Point, after: Point, earlier: Point) -> bool:
        """Whether an earlier point of the branch lies between two neighbouring ones again."""
        length, along = self.length(before, after), _value(self.along(before), earlier.state)
        if not 0 < along <= length or self._distance(before, earlier.state) > _STRETCH * length:
            return False
        again = self.between(before, after, along)
        return self._distance(again, earlier.state) < _SAME * length

    def between(self, before: Point, after: Point, length: float) -> Point:
        """Point at a length from the first of two neighbouring ones along its tangent."""
        end = replace(after, s=before.s + self.length(before, after))
        return self._at_length(before, before, end, before.s + length)

    def _at_length(
        self, origin: Point, low: Point, high: Point, s: float, halvings: int = 5
    ) -> Point:
        """Point at a length along the tangent of ``origin``, between two others.

        If Newton's method does not find it from the cubic's guess, it is approached from below.
        """
        along = self.along(origin, s - origin.s)
        try:
            guess = blend(low, high, (s - low.s) / (high.s - low.s))
            return self.point_at(self.newton.solve(along, *guess), s, along)
        except SolverError:
            if not halvings:
                raise
        nearer = self._at_length(origin, low, high, (low.s + s) / 2, halvings - 1)
        return self._at_length(origin, nearer, high, s, halvings - 1)

    def length(self, before: Point, after: Point) -> float:
        """Length along the tangent of a point to another one."""
        return _value(self.along(before), after.state)

    def along(self, point: Point, length: float = 0.0) -> Linear:
        """Constraint <tangent, x - point> = length."""
        layout = self.newton.layout
        row, by_drive = self._weights * point.dT, point.d_drive / self.drive_scale**2
        length += layout.dot(row, point.state.fields[:, 1]) + by_drive * point.drive
        return Linear(by_drive * self.drive, length, layout, row)

    def point_at(self, state: State, s: float, constraint: Constraint) -> Point:
        """Point of a state, with the tangent there."""
        tangent, dV = self.newton.tangent(state, constraint)
        dT, d_current = self.newton.response(state, tangent, dV)
        d_drive = self.drive(dV, d_current)
        length = np.sqrt(self._product(dT, d_drive, dT, d_drive))
        drive = self.drive(state.voltage, state.current)
        slopes = dV / length, d_drive / length, d_current / length
        return Point(s, state, drive, tangent / length, dT / length, *slopes)

    def _step(self, point: Point, previous: Point | None, step: float) -> Point | Rejection:
        rejected = partial(Rejection, point.s, step)
        along = self.along(point, step)
        unknown, V = extrapolate(previous, point, step)
        try:
            state = self.newton.solve(along, unknown, V, self.steps.iterations, _TRACED)
        except SolverError as error:
            return rejected(str(error))
        if state.voltage <= 0:
            return rejected("the step crosses to the branch of negative voltage")
        if (found := self._distance(point, state)) > _STRETCH * step:
            return rejected(f"the branch turns: {found / step:.2f} times the length")
        result = self.point_at(state, point.s + found, along)
        misfit, cosine = self._turn(point, result)
        if misfit > _MISFIT:
            turns = "the branch turns, or another one is met"
            return rejected(f"{turns}: {misfit:.2f} of the length beside it")
        if cosine < _COSINE:
            return rejected(f"the tangent turns by {np.degrees(np.arccos(cosine)):.0f} deg")
        return result

    def _distance(self, point: Point, state: State) -> float:
        dT = state.fields[:, 1] - point.state.fields[:, 1]
        change = self.drive(state.voltage, state.current) - point.drive
        return float(np.sqrt(self._product(dT, change, dT, change)))

    def _turn(self, before: Point, after: Point) -> tuple[float, float]:
        """How far a point lies from where both tangents lead, over the way, and their cosine.

        They lead by the trapezoidal rule. On a smooth curve that distance falls with the square of
        the step; beside another branch it stays.
        """
        length, a, b = after.s - before.s, before.dT, after.dT
        dT = (after.state.fields[:, 1] - before.state.fields[:, 1]) / length - (a + b) / 2
        change = (after.drive - before.drive) / length - (before.d_drive + after.d_drive) / 2
        cosine = min(1.0, self._product(a, before.d_drive, b, after.d_drive))
        return float(np.sqrt(self._product(dT, change, dT, change))), cosine

    def _product(self, dT: Array, d_drive: float, other_dT: Array, other_drive: float) -> float:
        """Inner product of two directions (dT, d lambda)."""
        drives = d_drive * other_drive / self.drive_scale**2
        return self.newton.layout.dot(self._weights * dT, other_dT) + drives

    def _next_step(self, before: Point, after: Point) -> float:
        """Aim at three iterations and at a turn of the tangent by `_TURN`."""
        angle = max(np.arccos(self._turn(before, after)[1]), 1e-9)
        factor = min(_FACTOR.get(after.state.iterations, 2.0), max(0.3, _TURN / angle))
        return float(min(factor * (after.s - before.s), self.steps.largest))


Continuation = PseudoArclength[BorderedNewton]
"""Traces the branch of a film under a drive."""


def _value(constraint: Constraint, state: State) -> float:
    return constraint(state.fields[:, 1], state.voltage, state.current).value
