"""Figures of a sensitivity: bars sorted by elasticity, and the influence of each place."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.colors import Normalize
from matplotlib.tri import Triangulation

from mitmodels.cases.figures.style import COLOURS, get_cmap, save, scale_bar, styled, subplots

_LEAST = 5e-4  # elasticities below it are not drawn


def draw_bars(table: pd.DataFrame, folder: Path) -> Path:
    """Draw the elasticities of every reading, the largest first."""
    readings = list(dict.fromkeys(table["reading"]))
    largest = table.groupby("key", sort=False)["elasticity"].agg(lambda x: np.abs(x).max())
    keys = list(largest[largest > _LEAST].sort_values().index)
    height = 0.5 + 0.26 * max(len(keys), 3)
    with styled():
        figure, panels = subplots(
            1,
            len(readings),
            figsize=(2.2 + 1.7 * len(readings), height + 0.6),
            layout="constrained",
            sharey=True,
            squeeze=False,
        )
        for axes, reading in zip(panels.flat, readings, strict=True):
            rows = table[table["reading"] == reading].set_index("key")["elasticity"]
            values = np.array([rows[key] for key in keys], dtype=float)
            colours = [COLOURS["up"] if value > 0 else COLOURS["branch"] for value in values]
            axes.barh(np.arange(len(keys)), values, color=colours, height=0.7)
            axes.set_yticks(np.arange(len(keys)), keys)
            axes.axvline(0.0, color="black", linewidth=0.8)
            axes.set_title(reading.replace("_", " "), fontsize="medium")
        figure.supxlabel("elasticity, per cent of the reading for one per cent of the number")
        return save(figure, folder / "elasticities.png")


def draw_map(
    points: np.ndarray, triangles: np.ndarray, maps: Sequence[tuple[str, np.ndarray]], path: Path
) -> Path:
    """Draw what each place of the film does to a reading.

    Parameters
    ----------
    points, triangles
        Of the film [m].
    maps
        Title and values of each panel.
    path
        Of the figure.
    """
    x, y = 1e6 * points[:, 0], 1e6 * points[:, 1]
    net = Triangulation(x, y, triangles)
    used = np.unique(triangles)
    with styled():
        figure, panels = subplots(
            1, len(maps), figsize=(5.0 * len(maps), 3.4), layout="constrained", squeeze=False
        )
        for axes, (title, values) in zip(panels.flat, maps, strict=True):
            bound = float(np.abs(values[used]).max()) or 1.0
            norm = Normalize(-bound, bound)
            axes.tripcolor(net, values, shading="gouraud", cmap=get_cmap("RdBu_r"), norm=norm)
            axes.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal")
            axes.set(xlim=(x[used].min(), x[used].max()), ylim=(y[used].min(), y[used].max()))
            axes.set_title(title, fontsize="medium")
            scale_bar(axes, norm, "RdBu_r", "elasticity per fraction of the film's area")
        return save(figure, path)
