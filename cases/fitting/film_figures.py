"""Figures of a fit, drawn from its folder."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.solvers.runs.reading import Run

_ENDS = (("start", "faint", "--"), ("fit", "branch", "-"))


def plot(run: Run) -> list[Path]:
    """Draw measured and fitted curves and key quantities; return the files, in ``figures``."""
    folder, files = run.path / "figures", []
    curves, paths, figures = map(run.table, ("curves", "paths", "key_figures"))
    with styled():
        for name in curves["experiment"].unique():
            points, lines = (table[table["experiment"] == name] for table in (curves, paths))
            files.append(save(_curve(points, lines), folder / f"fit-{name}.png"))
        if len(figures):
            files.append(save(_key_figures(figures), folder / "key_figures.png"))
    return files


def _curve(points: pd.DataFrame, paths: pd.DataFrame) -> Figure:
    """Data, start and fit; below, how far each point is from both."""
    size = (LABELLED[0], 1.35 * LABELLED[1])
    figure, (above, below) = plt.subplots(
        2, 1, figsize=size, sharex=True, layout="constrained", height_ratios=(3, 1)
    )
    V = points["V [V]"]
    for end, colour, style in _ENDS:
        for i, way in enumerate(("up", "down")):
            line = paths[(paths["parameters"] == end) & (paths["sweep"] == way)]
            label = None if i else end
            x, y = line["V [V]"], line["I [A]"] * 1e3
            above.plot(x, y, style, color=COLOURS[colour], label=label, alpha=0.8)
        mark = "o" if end == "fit" else "."
        below.plot(V, points[f"distance_{end}"], mark, color=COLOURS[colour], markersize=3)
    above.plot(V, points["I [A]"] * 1e3, "o", color=COLOURS["up"], markersize=3, label="measured")
    above.set(ylabel="current (mA)", ylim=(0, None))
    above.legend()
    below.axhspan(-1, 1, color=COLOURS["faint"], alpha=0.2, linewidth=0)
    below.set(xlabel="source voltage (V)", ylabel="distance\n(standard errors)", xlim=(0, None))
    return figure


def _key_figures(rows: pd.DataFrame) -> Figure:
    """How far start and fit are from each measured figure; labels with the values."""
    figure, axes = plt.subplots(figsize=(7.5, 0.6 + 0.55 * len(rows)), layout="constrained")
    places = np.arange(len(rows))
    for end, colour, _ in _ENDS:
        off = (rows[end] - rows["measured"]) / rows["error"]
        axes.plot(off, places, "o", color=COLOURS[colour], label=end)
    axes.axvspan(-1, 1, color=COLOURS["faint"], alpha=0.2, linewidth=0)
    axes.set_yticks(places, [_label(row) for row in rows.to_dict("records")])
    axes.set(xlabel="model less measurement (standard errors)", ylim=(len(rows) - 0.5, -0.5))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _label(row: Mapping[Hashable, Any]) -> str:
    measured, start, fit = (f"{row[column]:.4g}" for column in ("measured", "start", "fit"))
    name, quantity, unit = row["experiment"], row["quantity"], row["unit"]
    return f"{name}, {quantity}: {measured} {unit}\n(start {start}, fit {fit})"
