"""Bands of I-V curves, as the posterior of a fit predicts them."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from mitmodels.cases.figures.style import COLOURS

COLUMNS = ("sweep", "V [V]", "low [A]", "median [A]", "high [A]")


def draw_band(axes: Axes, table: pd.DataFrame, colour: str, label: str) -> None:
    """Draw the band of an I-V curve [mA] on both ways, the one down with a dashed middle."""
    for way, style in (("up", "-"), ("down", "--")):
        rows = table[table["sweep"] == way]
        V = rows["V [V]"]
        low, middle, high = (1e3 * rows[f"{name} [A]"] for name in ("low", "median", "high"))
        look: dict[str, Any] = {"color": COLOURS[colour]}
        axes.fill_between(V, low, high, alpha=0.25, linewidth=0, **look)
        axes.plot(V, middle, style, lw=1.0, label=label if way == "up" else None, **look)
