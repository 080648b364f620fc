"""Search for the parameters of a fit: residuals, their derivatives, least squares with lmfit."""

from dataclasses import dataclass, field
from itertools import islice
from typing import Any

import lmfit
import numpy as np
import numpy.typing as npt

from cases.fit_config import Prepared
from cases.fit_model import Solution, Trial
from cases.progress import Stage
from mitmodels.arguments import FloatArray
from solvers.run_folder import Table

Indices = npt.NDArray[np.intp]

# Of the interval of a parameter: the branches are smooth enough for less, and bend over more.
_STEP = 2e-3
# What ends the search: relative change of the sum of squares and of the parameters, and a slope per
# interval at which the sum of squares does not change any more.
_ENDS = {"ftol": 1e-3, "xtol": 1e-4, "gtol": 1e-3}
MOST_STEPS = 60


@dataclass(eq=False)
class Model:
    """Residuals of all data as a function of the parameters, each in units of its interval."""

    prepared: Prepared
    evaluations: Table
    stage: Stage
    trials: tuple[Trial, ...] = field(init=False)
    _known: dict[bytes, tuple[FloatArray, tuple[Solution, ...]]] = field(default_factory=dict)
    failed: int = 0

    def __post_init__(self) -> None:
        """Prepare the experiments and the scaling."""
        pairs = zip(self.prepared.config.experiment, self.prepared.films, strict=True)
        self.trials = tuple(Trial(experiment, film) for experiment, film in pairs)
        self.low = np.array([p.min for p in self.prepared.config.parameter], dtype=float)
        self.span = np.array([p.max for p in self.prepared.config.parameter]) - self.low

    @property
    def count(self) -> int:
        """Number of evaluations."""
        return len(self._known)

    def values(self, x: FloatArray) -> dict[str, float]:
        """Parameters in SI."""
        found = self.low + x * self.span
        keys = (parameter.key for parameter in self.prepared.config.parameter)
        return dict(zip(keys, map(float, found), strict=True))

    def __call__(self, x: FloatArray) -> FloatArray:
        """Residuals in units of their standard errors."""
        return self.look(x)[0]

    def look(self, x: FloatArray) -> tuple[FloatArray, tuple[Solution, ...]]:
        """Residuals and solutions; what was solved before is not solved again."""
        if x.tobytes() not in self._known:
            self._known[x.tobytes()] = self._evaluate(x)
        return self._known[x.tobytes()]

    def _evaluate(self, x: FloatArray) -> tuple[FloatArray, tuple[Solution, ...]]:
        values, comm = self.values(x), self.evaluations.comm
        solutions = tuple(trial.solve(values) for trial in self.trials)
        pairs = zip(self.trials, solutions, strict=True)
        residuals = np.concatenate([trial.residuals(solution) for trial, solution in pairs])
        residuals = comm.bcast(residuals)  # the same steps on every rank
        faults = "; ".join(solution.fault for solution in solutions if solution.fault)
        self.failed += bool(faults)
        squares = float(residuals @ residuals)
        self.evaluations.append({**values, "chi_square": squares, "fault": faults})
        detail = f"sum of squares {squares:.4g}"
        self.stage.update(len(self._known) + 1, f"failed: {faults}" if faults else detail)
        return residuals, solutions

    def jacobian(self, x: FloatArray, which: Indices, central: bool = True) -> FloatArray:
        """Differences by the parameters ``which``; one-sided at bounds and where a branch fails."""
        return np.column_stack([self._slope(x, np.eye(len(x))[i], central) for i in which])

    def _slope(self, x: FloatArray, unit: FloatArray, central: bool) -> FloatArray:
        inward = 1.0 if x @ unit < 0.5 else -1.0
        tried = (np.clip(x + sign * _STEP * unit, 0.0, 1.0) for sign in (inward, -inward))
        ends = (end for end in tried if (end != x).any() and not self._fails(end))
        pair = [*islice(ends, 2 if central else 1), x]
        if len(pair) == 1:
            return np.zeros_like(self(x))
        a, b = pair[:2]
        slope: FloatArray = (self(a) - self(b)) / float((a - b) @ unit)
        return slope

    def _fails(self, x: FloatArray) -> bool:
        return any(solution.fault for solution in self.look(x)[1])


def minimise(model: Model, start: FloatArray, varied: Indices) -> Any:
    """Least squares over the parameters ``varied``, named p0, p1, ..., the others kept.

    Trust-region reflective: it takes bounds as they are, and fewer data than parameters.

    Returns
    -------
    lmfit.minimizer.MinimizerResult
        With the covariance for the declared errors, in units of the intervals.
    """
    parameters = lmfit.Parameters()
    for i in varied:
        parameters.add(f"p{i}", float(start[i]), min=0.0, max=1.0)

    def place(p: lmfit.Parameters) -> FloatArray:
        x = start.copy()
        x[varied] = [p[f"p{i}"].value for i in varied]
        return x

    with np.errstate(invalid="ignore", divide="ignore"):  # a covariance that does not exist
        return lmfit.minimize(
            lambda p: model(place(p)),
            parameters,
            method="least_squares",
            scale_covar=False,
            max_nfev=MOST_STEPS,
            jac=lambda p: model.jacobian(place(p), varied, central=False),
            **_ENDS,
        )
