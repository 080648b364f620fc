"""Sensitivities of results to parameters, from a sweep that changes one key at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import summary
from mitmodels.solvers.runs.files import write_table


@dataclass(frozen=True)
class Response:
    """A result of the summary that parameters may change.

    Attributes
    ----------
    name : str
        In the summary.
    label : str
        With its unit, for an axis.
    factor : float
        From SI to that unit.
    logarithmic : bool
        Whether it is drawn on a logarithmic axis.
    """

    name: str
    label: str
    factor: float = 1.0
    logarithmic: bool = False

    def drawn(self, value: float) -> float:
        """In its unit, of a result in SI."""
        return self.factor * value


def is_one_at_a_time(folder: SweepFolder) -> bool:
    """Whether the points of a sweep are the file itself and single changes of it."""
    changes = [len(point["changes"]) for point in folder.record["points"]]
    return changes[0] == 0 and set(changes[1:]) == {1}


def changes(folder: SweepFolder, responses: Sequence[Response]) -> pd.DataFrame:
    """Return what each change of a parameter does to each response, in SI.

    The elasticity is ln(result / base result) / ln(value / base value): 2 says that a parameter
    that is 1 % larger makes the result 2 % larger. It is NaN where a run has no result, or one of
    the four numbers is missing or not positive.

    Returns
    -------
    DataFrame
        A row for each point but the first and each response.
    """
    base, *points = folder.record["points"]
    before, rows = summary(folder, base["name"]), []
    for point in points:
        (key,) = point["changes"]
        ends = [each["values"][key]["value"] for each in (base, point)]
        after = summary(folder, point["name"])
        for response in responses:
            results = [_number(found, response.name) for found in (before, after)]
            row = {
                "parameter": key,
                "unit": point["values"][key]["unit"],
                "base": ends[0],
                "value": ends[1],
                "result": response.name,
                "result_unit": after.get(response.name, {}).get("unit", ""),
                "base_result": results[0],
                "changed_result": results[1],
                "elasticity": _ratio(*results) / _ratio(*ends),
            }
            rows.append(row)
    return pd.DataFrame(rows)


def _number(found: Mapping[str, Any], name: str) -> float:
    value = found.get(name, {}).get("value")
    return np.nan if value is None else float(value)


def _ratio(before: Any, after: Any) -> float:
    """Logarithm of the ratio of two positive numbers, NaN of anything else."""
    for value in (before, after):
        if not isinstance(value, int | float) or isinstance(value, bool) or not value > 0:
            return np.nan
    return float(np.log(after / before)) or np.nan


def write(folder: SweepFolder, responses: Sequence[Response]) -> pd.DataFrame:
    """Write `changes` to ``sensitivity.csv`` in the folder of the sweep, and return them."""
    found = changes(folder, responses)
    write_table(folder.path / "sensitivity.csv", found)
    return found
