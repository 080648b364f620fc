"""Figures of a sampled sweep: what part of each result's variance a key makes, and histograms."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, get_cmap, save, styled, subplots
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.indices import QUANTILES, results, write
from mitmodels.cases.sweeps.sensitivity_figures import shown

_COLUMNS = 3
_DARK = 0.7  # index from which a cell is too dark for black letters


def plot(folder: SweepFolder) -> list[Path]:
    """Write and draw spread and indices of the results of a sampled sweep.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if no result depends on the keys.
    """
    spread, indices = write(folder)
    if not len(spread):
        return []
    with styled():
        files = [save(_histograms(results(folder), spread), folder.figures / "spread.png")]
        if len(indices):
            files.append(save(_matrix(indices), folder.figures / "indices.png"))
    return files


def _histograms(found: pd.DataFrame, spread: pd.DataFrame) -> Figure:
    """Histogram of every result with its median and the range of nine in ten."""
    lines = -(-len(spread) // _COLUMNS)
    size = (3.0 * _COLUMNS, 2.2 * lines)
    figure, panels = subplots(lines, _COLUMNS, size, layout="constrained", squeeze=False)
    for row, axes in zip(spread.to_dict("records"), panels.flat, strict=False):
        name, unit = row["result"], row["unit"]
        axes.hist(found[name, unit].dropna(), bins="auto", color=COLOURS["faint"])
        for quantile in QUANTILES:
            style = "-" if quantile == "median" else "--"
            axes.axvline(row[quantile], color=COLOURS["branch"], ls=style, lw=1.0)
        axes.set_title(f"{name}: {shown(row['median'], unit)}", fontsize=9)
        axes.set(xlabel=f"{name} ({unit})" if unit else name, yticks=[])
    for axes in panels.flat[len(spread) :]:
        axes.set_axis_off()
    return figure


def _matrix(indices: pd.DataFrame) -> Figure:
    """First-order and total indices of all results and keys, with their confidence."""
    keys, names = indices["key"].unique(), indices["result"].unique()
    size = (2.2 + 2 * 1.15 * len(keys), 1.6 + 0.34 * len(names))
    figure, panels = subplots(1, 2, size, layout="constrained", sharey=True)
    titles = {"first": "first order: alone", "total": "total: with its interactions"}
    for axes, (order, title) in zip(panels, titles.items(), strict=True):
        _draw(axes, indices, order)
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(keys)), keys, rotation=25, ha="right", fontsize=8)
    panels[0].set_yticks(range(len(names)), names)
    return figure


def _draw(axes: Axes, indices: pd.DataFrame, order: str) -> None:
    width = indices["key"].nunique()
    values, errors = (
        indices[column].to_numpy().reshape(-1, width) for column in (order, f"{order}_confidence")
    )
    axes.imshow(values, cmap=get_cmap("Blues"), vmin=0.0, vmax=1.3, aspect="auto")
    for (i, j), value in np.ndenumerate(values):
        text = f"{value:.2f} ± {errors[i, j]:.2f}"
        colour = "white" if value > _DARK else "black"
        axes.text(j, i, text, ha="center", va="center", fontsize=7, color=colour)
    axes.tick_params(length=0)
