"""Result of a fit in numbers and in plain sentences: the content of ``fit.json``."""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.optimize import OptimizeResult

from mitmodels.cases.console.progress import Progress, Stage
from mitmodels.cases.fitting.parameters import Interval
from mitmodels.cases.fitting.search import (
    MOST_STEPS,
    Accuracy,
    Evaluation,
    Indices,
    Model,
    Solve,
    minimise,
)
from mitmodels.checks import FloatArray
from mitmodels.errors import RunError
from mitmodels.fitting.identifiability import Identifiability, identifiability
from mitmodels.solvers.runs.files import json_text, replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_LOG = logging.getLogger(__name__)
_CORRELATED = 0.95
_AT_BOUND = 1e-3  # of the interval


def fit(
    intervals: tuple[Interval, ...],
    solver: Callable[[Stage], Solve],
    accuracy: Accuracy,
    folder: RunFolder,
    progress: Progress,
) -> "FitReport":
    """Fit the parameters that vary, from their start; write evaluations and report.

    Parameters
    ----------
    intervals
        The parameters.
    solver
        Returns what evaluates them, which may say on the stage how far it is.
    accuracy
        How finely the model is searched.
    folder, progress
        Of the run.

    Raises
    ------
    RunError
        If there is no solution with the start values.
    """
    units = {interval.key: interval.unit for interval in intervals}
    table = folder.table("evaluations", {**units, "chi_square": "", "fault": ""})
    with progress.stage("fit", total=MOST_STEPS) as stage:
        model = Model(intervals, solver(stage), table, stage, accuracy)
        if fault := model.evaluate(model.start).fault:
            raise RunError(f"no solution with the start values: {fault}")
        result = minimise(model)
        best = model.start
        best[model.varied] = result.x
        report = FitReport(model, best, result)
        report.write(folder)
    return report


def planned(intervals: Sequence[Interval]) -> dict[str, str]:
    """Say which parameters would be fitted, and which kept."""
    return {
        "fitted": ", ".join(interval.key for interval in intervals if interval.vary),
        "kept": ", ".join(i.key for i in intervals if not i.vary) or "nothing",
    }


@dataclass(eq=False)
class FitReport:
    """Result of a fit, in units of the intervals of the parameters.

    Attributes
    ----------
    model : Model
    best : ndarray, shape (n,)
    result : scipy.optimize.OptimizeResult
        Of the parameters that vary.
    """

    model: Model
    best: FloatArray
    result: OptimizeResult

    @property
    def values(self) -> dict[str, float]:
        """Fitted parameters in SI, without those that were kept."""
        values = self.model.values(self.best)
        return {key: values[key] for key in self.fitted}

    @property
    def ends(self) -> tuple[Evaluation, Evaluation]:
        """What the start values and the fitted ones give."""
        return self.model.evaluate(self.model.start), self.model.evaluate(self.best)

    @property
    def fitted(self) -> list[str]:
        """Keys of the parameters that vary."""
        return [self.model.keys[i] for i in self.model.varied]

    def write(self, folder: RunFolder) -> None:
        """Write ``fit.json`` and the summary, and say what must be known. Collective."""
        found = self.content()
        for sentence in found["statements"]:
            _LOG.info(sentence)
        text = json_text(found)
        on_root(folder.comm, lambda: replace(folder.path / "fit.json", text))
        values = self.model.values(self.best)
        summary = {each.key: (values[each.key], each.unit) for each in self.model.intervals}
        folder.write_summary({**summary, "chi_square": (found["chi_square"], "")})

    @cached_property
    def covariance(self) -> FloatArray | None:
        """Of the fitted parameters for the declared errors, None if it does not exist."""
        try:
            found: FloatArray = np.linalg.inv(self.result.jac.T @ self.result.jac)
        except np.linalg.LinAlgError:
            return None
        return found if np.isfinite(found).all() and (np.diag(found) > 0).all() else None

    @cached_property
    def jacobian(self) -> FloatArray:
        """Derivatives of the residuals by all parameters at the optimum."""
        return self.model.jacobian(self.best, np.arange(len(self.best)))

    def determined_by(self, which: Sequence[int] | Indices) -> Identifiability:
        """What the data determine of some of the parameters."""
        return identifiability([self.model.keys[i] for i in which], self.jacobian[:, which])

    def sentences(self) -> Iterator[str]:
        """What must be known before the numbers are used."""
        keys, varied, end = self.model.keys, self.model.varied, self.ends[1]
        if not self.result.success:
            yield f"the fit did not converge: {self.result.message}"
        yield from self.determined_by(varied).sentences()
        for i in varied:
            if not _AT_BOUND < self.best[i] < 1 - _AT_BOUND:
                yield f"{keys[i]} is at its bound, {self.values[keys[i]]:.4g}: widen it"
            elif self.covariance is None:
                yield f"{keys[i]} has no standard error"
        yield from self._correlations()
        freedom = len(end.residuals) - len(varied)
        reduced = end.chi_square / max(freedom, 1)
        if freedom > 0 and reduced > 2:
            yield f"the fit is off by {np.sqrt(reduced):.2g} times the declared errors"
        if len(varied) < len(keys):
            for sentence in self.determined_by(range(len(keys))).sentences():
                yield f"of all parameters: {sentence}"

    def _correlations(self) -> Iterator[str]:
        if self.covariance is None:
            return
        found, names = _correlation(self.covariance), self.fitted
        for i, j in np.argwhere(np.triu(np.abs(found) > _CORRELATED, 1)):
            yield f"{names[i]} and {names[j]} are correlated to {found[i, j]:.3f}"

    def content(self) -> dict[str, Any]:
        """All results, values in SI."""
        (start, end), varied, covariance = self.ends, self.model.varied, self.covariance
        span = self.model.span[varied]
        scaled = None if covariance is None else covariance * np.outer(span, span)
        known = self.model.known.values()
        return {
            "parameters": self._parameters(scaled),
            "data": len(end.residuals),
            "degrees_of_freedom": len(end.residuals) - len(varied),
            "chi_square_start": start.chi_square,
            "chi_square": end.chi_square,
            "fitted": self.fitted,
            "covariance": None if scaled is None else scaled.tolist(),
            "correlation": None if covariance is None else _correlation(covariance).tolist(),
            "identifiability": {
                "fitted": _entries(self.determined_by(varied)),
                "all": _entries(self.determined_by(range(len(self.best)))),
            },
            "statements": list(self.sentences()),
            "evaluations": len(known),
            "failed_evaluations": sum(bool(evaluation.fault) for evaluation in known),
        }

    def _parameters(self, covariance: FloatArray | None) -> dict[str, dict[str, Any]]:
        values, errors = self.model.values(self.best), {}
        if covariance is not None:
            errors = dict(zip(self.fitted, np.sqrt(np.diag(covariance)).tolist(), strict=True))
        return {
            each.key: {
                "unit": each.unit,
                "start": each.start,
                "value": values[each.key],
                "standard_error": errors.get(each.key),
                "min": each.low,
                "max": each.high,
                "fitted": each.vary,
            }
            for each in self.model.intervals
        }


def _correlation(covariance: FloatArray) -> FloatArray:
    spread = np.sqrt(np.diag(covariance))
    found: FloatArray = covariance / np.outer(spread, spread)
    return found


def _entries(found: Identifiability) -> dict[str, Any]:
    """Errors are in units of the intervals, None for infinite ones."""
    pairs = zip(found.names, found.alone, found.together, found.determined, strict=True)
    return {
        "singular_values": found.singular_values.tolist(),
        "combinations": found.combinations.tolist(),
        "parameters": {
            name: {
                "error_if_others_known": float(alone) if np.isfinite(alone) else None,
                "error_with_others": float(together) if np.isfinite(together) else None,
                "determined": determined,
            }
            for name, alone, together, determined in pairs
        },
    }
