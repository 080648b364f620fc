"""Figures of fits, drawn from their folders."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.fitting import posterior_figures
from mitmodels.solvers.runs.reading import Run

_ENDS = (("start", "faint", "--"), ("fit", "branch", "-"))


def plot_film(run: Run) -> list[Path]:
    """Draw every measured curve with start, fit and residuals, and the key figures."""
    folder, files = run.path / "figures", []
    curves, paths, figures = map(run.table, ("curves", "paths", "key_figures"))
    with styled():
        for name in curves["experiment"].unique():
            points, lines = (table[table["experiment"] == name] for table in (curves, paths))
            files.append(save(_curve(points, lines), folder / f"fit-{name}.png"))
        if len(figures):
            files.append(save(_key_figures(figures), folder / "key_figures.png"))
    return [*files, *posterior_figures.plot(run)]


def plot_cell(run: Run) -> list[Path]:
    """Draw measured resistances with start, fit and how far each is off."""
    with styled():
        file = save(_resistances(run), run.path / "figures" / "fit.png")
    return [file, *posterior_figures.plot(run)]


def _panels() -> tuple[Figure, Axes, Axes]:
    """Axes for data, start and fit and, below, for how far each point is from both."""
    size = (LABELLED[0], 1.35 * LABELLED[1])
    figure, (above, below) = subplots(
        2, 1, figsize=size, sharex=True, layout="constrained", height_ratios=(3, 1)
    )
    below.axhspan(-1, 1, color=COLOURS["faint"], alpha=0.2, linewidth=0)
    below.set(ylabel="distance\n(standard errors)")
    return figure, above, below


def _curve(points: pd.DataFrame, paths: pd.DataFrame) -> Figure:
    figure, above, below = _panels()
    V = points["V [V]"]
    for end, colour, style in _ENDS:
        for i, direction in enumerate(("up", "down")):
            line = paths[(paths["parameters"] == end) & (paths["sweep"] == direction)]
            label = None if i else end
            x, y = line["V [V]"], line["I [A]"] * 1e3
            above.plot(x, y, style, color=COLOURS[colour], label=label, alpha=0.8)
        mark = "o" if end == "fit" else "."
        below.plot(V, points[f"distance_{end}"], mark, color=COLOURS[colour], markersize=3)
    above.plot(V, points["I [A]"] * 1e3, "o", color=COLOURS["up"], markersize=3, label="measured")
    above.set(ylabel="current (mA)", ylim=(0, None))
    above.legend()
    below.set(xlabel="source voltage (V)", xlim=(0, None))
    return figure


def _resistances(run: Run) -> Figure:
    """Resistance times compliance, which varies little."""
    rows, error = run.table("resistances"), run.si("measured", "error")
    figure, above, below = _panels()
    current = rows["I_CC [A]"]
    V = current * rows["measured [ohm]"]
    for (end, colour, style), mark in zip(_ENDS, "so", strict=True):
        shown: dict[str, Any] = {"color": COLOURS[colour], "label": end, "markersize": 4}
        above.plot(current, current * rows[f"{end} [ohm]"], mark + style, **shown)
        below.plot(current, rows[f"distance_{end}"], mark + style, **shown)
    above.errorbar(
        current, V, error * V, fmt="D", color=COLOURS["up"], mfc="none", capsize=3, label="data"
    )
    above.set(ylabel="resistance of the low state x compliance (V)", xscale="log")
    above.legend()
    below.set(xlabel="current compliance (A)")
    return figure


def _key_figures(rows: pd.DataFrame) -> Figure:
    """How far start and fit are from each measured figure; labels with the values."""
    figure, axes = subplots(figsize=(7.5, 0.6 + 0.55 * len(rows)), layout="constrained")
    rows_at = np.arange(len(rows))
    for end, colour, _ in _ENDS:
        off = (rows[end] - rows["measured"]) / rows["error"]
        axes.plot(off, rows_at, "o", color=COLOURS[colour], label=end)
    axes.axvspan(-1, 1, color=COLOURS["faint"], alpha=0.2, linewidth=0)
    axes.set_yticks(rows_at, [_label(row) for row in rows.to_dict("records")])
    axes.set(xlabel="model less measurement (standard errors)", ylim=(len(rows) - 0.5, -0.5))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _label(row: Mapping[Hashable, Any]) -> str:
    measured, start, fit = (f"{row[column]:.4g}" for column in ("measured", "start", "fit"))
    name, quantity, unit = row["experiment"], row["quantity"], row["unit"]
    return f"{name}, {quantity}: {measured} {unit}\n(start {start}, fit {fit})"
