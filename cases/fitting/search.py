"""Search for the parameters of a fit: residuals, their derivatives, least squares."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.optimize import OptimizeResult, least_squares

from mitmodels.cases.console.progress import Stage
from mitmodels.cases.fitting.parameters import Interval
from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.solvers.runs.files import Value
from mitmodels.solvers.runs.folder import Table

Indices = npt.NDArray[np.intp]

MOST_STEPS = 60


@dataclass(frozen=True)
class Accuracy:
    """How finely a model is searched.

    Attributes
    ----------
    step : float
        Of the differences, in units of the intervals of the parameters.
    ftol, xtol, gtol : float
        Stopping criteria: relative change of the sum of squares, of the parameters, and the slope
        per interval.
    """

    step: float
    ftol: float
    xtol: float
    gtol: float


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What one set of parameters gives.

    Attributes
    ----------
    residuals : ndarray
        Of all data, in units of their standard errors.
    solutions : tuple
        What was solved for it.
    fault : str
        Why a part of it has no solution, empty if all have one.
    derive : callable or None
        Returns the derivatives of the residuals by all parameters in SI, if the model has them, as
        long as nothing else is solved.
    """

    residuals: FloatArray
    solutions: tuple[Any, ...]
    fault: str = ""
    derive: Callable[[], FloatArray] | None = None

    @property
    def chi_square(self) -> float:
        """Sum of the squares of the residuals."""
        return float(self.residuals @ self.residuals)


# Evaluates several sets of parameters in SI, at the same time if it can.
Solve = Callable[[Sequence[dict[str, float]]], Iterable[Evaluation]]


@dataclass(eq=False)
class Model:
    """Residuals of all data as a function of the parameters, each in units of its interval.

    Attributes
    ----------
    intervals : tuple of Interval
    solve : callable
    table : Table
        Gets a row for each set of parameters.
    stage : Stage
    accuracy : Accuracy
    known : dict
        All evaluations, by the bytes of their parameters.
    """

    intervals: tuple[Interval, ...]
    solve: Solve
    table: Table
    stage: Stage
    accuracy: Accuracy
    known: dict[bytes, Evaluation] = field(default_factory=dict, init=False)
    _slopes: dict[bytes, FloatArray] = field(default_factory=dict, init=False)
    _last: tuple[bytes, Evaluation] = field(init=False)
    _has_slopes: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        """Prepare the scaling."""
        self.low = np.array([interval.low for interval in self.intervals])
        self.span = np.array([interval.high for interval in self.intervals]) - self.low

    @property
    def start(self) -> FloatArray:
        """Where the parameters start."""
        start: FloatArray = np.array([interval.start for interval in self.intervals]) - self.low
        return start / self.span

    @property
    def varied(self) -> Indices:
        """Which parameters are fitted."""
        return np.flatnonzero([interval.vary for interval in self.intervals])

    @property
    def keys(self) -> list[str]:
        """Names of all parameters."""
        return [interval.key for interval in self.intervals]

    def values(self, x: FloatArray) -> dict[str, float]:
        """Parameters in SI."""
        return dict(zip(self.keys, map(float, self.low + x * self.span), strict=True))

    def evaluate(self, x: FloatArray) -> Evaluation:
        """Evaluate a set of parameters; what was solved before is not solved again."""
        self._solve_new([x])
        return self.known[x.tobytes()]

    def evaluate_all(self, points: Sequence[FloatArray]) -> list[Evaluation]:
        """Evaluate sets of parameters, at the same time if the model can."""
        self._solve_new(points)
        return [self.known[x.tobytes()] for x in points]

    def _solve_new(self, points: Sequence[FloatArray]) -> None:
        new = list({x.tobytes(): x for x in points if x.tobytes() not in self.known}.values())
        if not new:
            return
        for x, found in zip(new, self.solve([self.values(x) for x in new]), strict=True):
            self.known[x.tobytes()] = replace(found, derive=None)
            self._last = x.tobytes(), found
            self._has_slopes |= found.derive is not None
            tail: dict[str, Value] = {"chi_square": found.chi_square, "fault": found.fault}
            self.table.append({**self.values(x), **tail})
            sound = f"sum of squares {found.chi_square:.4g}"
            self.stage.update(len(self.known), f"failed: {found.fault}" if found.fault else sound)

    def jacobian(self, x: FloatArray, which: Indices, central: bool = True) -> FloatArray:
        """Derivatives by the parameters ``which``, of the model or differences.

        These are one-sided at bounds and where a branch fails.
        """
        if (found := self.derived(x)) is not None:
            return found[:, which]
        count = 2 if central else 1
        ends = {i: self._ends(x, np.eye(len(x))[i]) for i in which}
        self._solve_new([x, *(end for pair in ends.values() for end in pair[:count])])
        return np.column_stack([self._slope(x, i, ends[i], count) for i in which])

    def derived(self, x: FloatArray) -> FloatArray | None:
        """Derivatives by all parameters in units of their intervals, None without the model's."""
        self.evaluate(x)
        key, (last, found) = x.tobytes(), self._last
        if key not in self._slopes and self._has_slopes:
            if last != key:
                (found,) = self.solve([self.values(x)])
                self._last = key, found
            if found.derive is not None:
                with suppress(RunError):  # an extremum that is not solved for: differences remain
                    self._slopes[key] = found.derive() * self.span
        return self._slopes.get(key)

    def _ends(self, x: FloatArray, unit: FloatArray) -> list[FloatArray]:
        """Points beside x, the one further from a bound first."""
        inward = 1.0 if x @ unit < 0.5 else -1.0
        tried = (
            np.clip(x + sign * self.accuracy.step * unit, 0.0, 1.0) for sign in (inward, -inward)
        )
        return [end for end in tried if (end != x).any()]

    def _slope(self, x: FloatArray, i: int, ends: Sequence[FloatArray], count: int) -> FloatArray:
        sound = (end for end in ends if not self.evaluate(end).fault)
        pair = [*islice(sound, count), x]
        if len(pair) == 1:
            return np.zeros_like(self.evaluate(x).residuals)
        a, b = pair[:2]
        change: FloatArray = self.evaluate(a).residuals - self.evaluate(b).residuals
        return change / float(a[i] - b[i])


def minimise(model: Model) -> OptimizeResult:
    """Least squares over the parameters that vary, the others kept.

    Trust-region reflective: it takes bounds as they are, and fewer data than parameters. The result
    is in units of the intervals.
    """
    start, varied, accuracy = model.start, model.varied, model.accuracy

    def point(values: FloatArray) -> FloatArray:
        x = start.copy()
        x[varied] = values
        return x

    def residuals(values: FloatArray) -> FloatArray:
        return model.evaluate(point(values)).residuals

    def jacobian(values: FloatArray) -> FloatArray:
        return model.jacobian(point(values), varied, central=False)

    return least_squares(
        residuals,
        start[varied],
        jac=jacobian,
        bounds=(0.0, 1.0),
        max_nfev=MOST_STEPS,
        ftol=accuracy.ftol,
        xtol=accuracy.xtol,
        gtol=accuracy.gtol,
    )
