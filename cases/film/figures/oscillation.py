"""Figure of a sweep over films in a circuit: where they rest, oscillate or stay switched."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, save, styled, subplots
from mitmodels.cases.runs.oscillation import REGIMES
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed

_LOOKS = dict(zip(REGIMES, (("o", "faint"), ("s", "branch"), ("^", "up")), strict=True))


def plot_map(folder: SweepFolder) -> list[Path]:
    """Draw where a film rests, oscillates or stays switched over the keys of a sweep.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if there are not one or two keys with numbers, or no film is
        in a circuit that stores energy.
    """
    keys = [key for axis in folder.record["axes"] for key in axis["keys"]]
    rows = completed(folder)
    columns = [c for key in keys for c in rows.columns if c.partition(" [")[0] == key]
    numeric = all(pd.api.types.is_numeric_dtype(rows[column]) for column in columns)
    if len(columns) not in (1, 2) or not numeric or "regime" not in rows:
        return []
    with styled():
        return [save(_map(rows, columns), folder.figures / "regimes.png")]


def _map(rows: pd.DataFrame, columns: list[str]) -> Figure:
    """Regimes over two keys with the frequency in colours, or the frequency over one."""
    figure, axes = subplots(figsize=(6.4, 4.2), layout="constrained")
    x, kHz = columns[0], rows["frequency [Hz]"].astype(float) / 1e3
    y = rows[columns[1]] if len(columns) == 2 else kHz.fillna(0.0)
    for regime, (marker, colour) in _LOOKS.items():
        here = rows["regime"] == regime
        coloured = regime == REGIMES[1] and len(columns) == 2 and here.any()
        values = kHz[here] if coloured else COLOURS[colour]
        points = axes.scatter(rows[x][here], y[here], c=values, marker=marker, s=60, label=regime)
        if coloured:
            figure.colorbar(points, ax=axes, label="frequency (kHz)")
    open_ended = ~rows["regime"].isin(REGIMES)
    if np.any(open_ended):
        axes.plot(rows[x][open_ended], y[open_ended], "x", color="k", label="not settled")
    axes.set(xlabel=x, ylabel=columns[1] if len(columns) == 2 else "frequency (kHz)")
    figure.legend(loc="outside upper center", ncols=4)
    return figure
