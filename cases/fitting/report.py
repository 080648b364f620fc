"""What a fit found, in numbers and in plain sentences: the content of ``fit.json``."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mitmodels.cases.fitting.search import Indices, Model, minimise
from mitmodels.checks import FloatArray
from mitmodels.fitting.identifiability import Identifiability, identifiability
from mitmodels.solvers.runs.files import json_text, replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_LOG = logging.getLogger(__name__)
_CORRELATED = 0.95
_AT_BOUND = 1e-3  # of the interval


def fitted(model: Model) -> "FitReport":
    """Fit the parameters that vary, from their start."""
    result = minimise(model)
    best = model.start
    best[model.varied] = [result.params[f"p{i}"].value for i in model.varied]
    return FitReport(model, best, result)


@dataclass(eq=False)
class FitReport:
    """Result of a fit: places are in units of the intervals of the parameters.

    Attributes
    ----------
    model : Model
    best : ndarray, shape (n,)
    result : lmfit.minimizer.MinimizerResult
    """

    model: Model
    best: FloatArray
    result: Any

    @property
    def varied(self) -> Indices:
        """Which parameters were fitted."""
        return self.model.varied

    @property
    def values(self) -> dict[str, float]:
        """Fitted parameters in SI, without those that were kept."""
        values = self.model.values(self.best)
        return {self.keys[i]: values[self.keys[i]] for i in self.varied}

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Names of all parameters."""
        return tuple(interval.key for interval in self.model.intervals)

    def write(self, folder: RunFolder) -> None:
        """Write ``fit.json`` and the summary, and say what must be known. Collective."""
        found = self.content()
        for sentence in found["statements"]:
            _LOG.info(sentence)
        text = json_text(found)
        on_root(folder.comm, lambda: replace(folder.path / "fit.json", text))
        units = {interval.key: interval.unit for interval in self.model.intervals}
        values = self.model.values(self.best)
        summary = {key: (value, units[key]) for key, value in values.items()}
        folder.write_summary({**summary, "chi_square": (found["chi_square"], "")})

    @cached_property
    def covariance(self) -> FloatArray | None:
        """Of the fitted parameters for the declared errors, None if it does not exist."""
        found = getattr(self.result, "covar", None)
        if found is None or not np.isfinite(found).all() or not (np.diag(found) > 0).all():
            return None
        return np.asarray(found, dtype=float)

    @cached_property
    def _jacobian(self) -> FloatArray:
        return self.model.jacobian(self.best, np.arange(len(self.best)))

    def determined_by(self, which: Sequence[int] | Indices) -> Identifiability:
        """What the data determine of some of the parameters."""
        return identifiability([self.keys[i] for i in which], self._jacobian[:, which])

    def sentences(self) -> Iterator[str]:
        """What must be known before the numbers are used."""
        values = self.model.values(self.best)
        if self.result.aborted or not self.result.success:
            yield f"the fit did not converge: {self.result.message}"
        yield from self.determined_by(self.varied).sentences()
        for i in self.varied:
            if not _AT_BOUND < self.best[i] < 1 - _AT_BOUND:
                yield f"{self.keys[i]} is at its bound, {values[self.keys[i]]:.4g}: widen it"
            elif self.covariance is None:
                yield f"{self.keys[i]} has no standard error"
        yield from self._correlations()
        freedom = len(self.model(self.best)) - len(self.varied)
        reduced = self._squares(self.best) / max(freedom, 1)
        if freedom > 0 and reduced > 2:
            yield f"the fit is off by {np.sqrt(reduced):.2g} times the declared errors"
        if len(self.varied) < len(self.keys):
            for sentence in self.determined_by(range(len(self.keys))).sentences():
                yield f"of all parameters: {sentence}"

    def _correlations(self) -> Iterator[str]:
        if self.covariance is None:
            return
        correlation = _correlation(self.covariance)
        for i, j in zip(*np.triu_indices(len(self.varied), 1), strict=True):
            r = correlation[i, j]
            if abs(r) > _CORRELATED:
                names = (self.keys[self.varied[k]] for k in (i, j))
                yield f"{' and '.join(names)} are correlated to {r:.3f}"

    def _squares(self, x: FloatArray) -> float:
        residuals = self.model(x)
        return float(residuals @ residuals)

    def content(self) -> dict[str, Any]:
        """All findings, values in SI."""
        determined = self.determined_by(self.varied)
        freedom = len(self.model(self.best)) - len(self.varied)
        span = self.model.span[self.varied]
        covariance = self.covariance
        return {
            "parameters": self._parameters(),
            "data": len(self.model(self.best)),
            "degrees_of_freedom": freedom,
            "chi_square_start": self._squares(self.model.start),
            "chi_square": self._squares(self.best),
            "fitted": [self.keys[i] for i in self.varied],
            "covariance": None
            if covariance is None
            else (covariance * np.outer(span, span)).tolist(),
            "correlation": None if covariance is None else _correlation(covariance).tolist(),
            "identifiability": {
                "fitted": _entries(determined),
                "all": _entries(self.determined_by(range(len(self.keys)))),
            },
            "statements": list(self.sentences()),
            "evaluations": self.model.count,
            "failed_evaluations": self.model.failed,
        }

    def _parameters(self) -> dict[str, dict[str, Any]]:
        values = self.model.values(self.best)
        errors = dict.fromkeys(self.keys)
        if self.covariance is not None:
            spread = np.sqrt(np.diag(self.covariance)) * self.model.span[self.varied]
            names = (self.keys[i] for i in self.varied)
            errors |= dict(zip(names, map(float, spread), strict=True))
        return {
            interval.key: {
                "unit": interval.unit,
                "start": interval.start,
                "value": values[interval.key],
                "standard_error": errors[interval.key],
                "min": interval.low,
                "max": interval.high,
                "fitted": interval.vary,
            }
            for interval in self.model.intervals
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
