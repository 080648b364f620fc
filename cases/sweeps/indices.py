"""Spread of the results of a sampled sweep, and what part of it each key makes.

The variance-based indices are those of Sobol: the first-order index of a key is the part of a
result's variance that is gone when the key is known, the total one what is left when all others
are. Estimators and their confidence: SALib, after Saltelli et al., Comput. Phys. Commun. 181, 259
(2010).
"""

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd

from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import summary
from mitmodels.checks import FloatArray
from mitmodels.solvers.runs.files import write_table

_LOG = logging.getLogger(__name__)
_FEWEST = 8  # blocks that an estimate of the variance needs
_EQUAL = 1e-12  # relative spread of a result that no key changes
QUANTILES = {"q05": 0.05, "median": 0.5, "q95": 0.95}


def results(folder: SweepFolder) -> pd.DataFrame:
    """Return the numbers in the summaries of all points that some key changes, in SI.

    Returns
    -------
    DataFrame
        A row for each point, NaN where it has no such number; the columns are name and unit.
    """
    rows = [
        {
            (name, entry["unit"]): float(entry["value"])
            for name, entry in summary(folder, point).items()
            if isinstance(entry["value"], int | float) and not isinstance(entry["value"], bool)
        }
        for point in folder.names
    ]
    found = pd.DataFrame(rows, index=list(folder.names), dtype=float)
    spread = found.std() > _EQUAL * found.abs().max()
    return found.loc[:, spread]


def spread(folder: SweepFolder) -> pd.DataFrame:
    """Mean, standard deviation and quantiles of every result, one row each.

    Of the points of the indices only those of both samples count, which are independent.
    """
    found, sample = results(folder), folder.record["sample"]
    if sample["indices"]:
        block = len(_keys(folder)) + 2
        found = found[np.isin(np.arange(len(found)) % block, (0, block - 1))]
    rows = []
    for name, unit in _names(found):
        known = found[name, unit].dropna()
        row = {"result": name, "unit": unit, "mean": known.mean()}
        row |= {"standard_deviation": known.std()}
        row |= {label: known.quantile(q) for label, q in QUANTILES.items()}
        rows.append({**row, "points": len(known)})
    return pd.DataFrame(rows)


def indices(folder: SweepFolder) -> pd.DataFrame:
    """First-order and total index of every key for every result, with 95 % confidence.

    A block of points one of which has no result is left out; a result of which less than eight
    blocks are left has no row.
    """
    found, keys, seed = results(folder), _keys(folder), folder.record["sample"]["seed"]
    tables = []
    for name, unit in _names(found):
        table = variance_indices(keys, found[name, unit].to_numpy(), seed)
        if table is None:
            _LOG.warning("%s: too few points have it for indices", name)
            continue
        table.insert(0, "unit", unit)
        table.insert(0, "result", name)
        tables.append(table)
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def variance_indices(keys: Sequence[str], values: FloatArray, seed: int) -> pd.DataFrame | None:
    """Sobol's indices of one result.

    Parameters
    ----------
    keys : length n
    values : shape (blocks * (n + 2),)
        Of the points of a `Sample` with indices, NaN where there is none.
    seed
        Of the resampling for the confidence.

    Returns
    -------
    DataFrame or None
        Columns ``key``, ``first``, ``first_confidence``, ``total``, ``total_confidence`` and
        ``blocks``; None if there are too few values.
    """
    from SALib.analyze import sobol  # only here: it loads Matplotlib

    blocks = np.asarray(values, dtype=float).reshape(-1, len(keys) + 2)
    blocks = blocks[np.isfinite(blocks).all(axis=1)]
    if len(blocks) < _FEWEST:
        return None
    problem = {"num_vars": len(keys), "names": list(keys), "bounds": [[0.0, 1.0]] * len(keys)}
    found = sobol.analyze(problem, blocks.ravel(), calc_second_order=False, seed=seed)
    return pd.DataFrame(
        {
            "key": list(keys),
            "first": found["S1"],
            "first_confidence": found["S1_conf"],
            "total": found["ST"],
            "total_confidence": found["ST_conf"],
            "blocks": len(blocks),
        }
    )


def write(folder: SweepFolder) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Write ``spread.csv`` and, where the sample is made for them, ``indices.csv``; return both."""
    tables = {"spread": spread(folder), "indices": pd.DataFrame()}
    if folder.record["sample"]["indices"]:
        tables["indices"] = indices(folder)
    for name, table in tables.items():
        if len(table):
            write_table(folder.path / f"{name}.csv", table)
    return tables["spread"], tables["indices"]


def _names(found: pd.DataFrame) -> list[tuple[str, str]]:
    """Name and unit of every column of `results`."""
    return [(str(column[0]), str(column[1])) for column in found.columns]


def _keys(folder: SweepFolder) -> list[str]:
    keys: list[str] = folder.record["axes"][0]["keys"]
    return keys
