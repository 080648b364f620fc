"""Figures of growth kinetics: voltages over the rate of a ramp, times over a pulse height."""

from pathlib import Path
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.cases.papers.buttberg2025 import RATE as PAPER_RATE
from mitmodels.cases.papers.buttberg2025 import TIMES, is_device
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.reading import load

RATE, HEIGHT = "protocol.0.rate [V/s]", "protocol.0.value [V]"
_EVENTS = (("onset", "tip at 0.5 nm", "down", "o"), ("void", "tip at the electrode", "branch", "s"))


def plot(folder: SweepFolder) -> list[Path]:
    """Draw a sweep of the rate of a ramp or of the height of a pulse.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if the sweep is of something else.
    """
    rows = completed(folder)
    column = next((name for name in (RATE, HEIGHT) if name in rows.columns), None)
    if column is None:
        return []
    rows = rows.sort_values(column)
    with styled():
        if column == HEIGHT:
            figure = _times(rows)
        else:
            figure = _voltages(rows, is_device(load(folder.path / rows["point"].iloc[0])))
        return [save(figure, folder.figures / "kinetics.png")]


def decade(x: np.ndarray, y: np.ndarray) -> float:
    """Least-squares change of y per decade of x."""
    return float(np.polyfit(np.log10(x), y, 1)[0])


def _voltages(rows: pd.DataFrame, quoted: bool) -> Figure:
    figure, axes = plt.subplots(figsize=LABELLED)
    for name, label, colour, marker in _EVENTS:
        known = rows.dropna(subset=[f"V_{name} [V]"])
        x, y = known[RATE].to_numpy(), known[f"V_{name} [V]"].to_numpy()
        slope = f", {decade(x, y):.2f} V/decade" if len(x) > 1 else ""
        _draw(axes, x, y, _valid(known), colour, marker, f"{label}{slope}")
        if quoted:
            said = f"paper, {PAPER_RATE:g} V/s" if name == "onset" else None
            look: dict[str, Any] = {"color": COLOURS["paper"], "mfc": "none", "ms": 10}
            axes.plot(PAPER_RATE, TIMES[name] * PAPER_RATE, marker, label=said, **look)
    axes.set(xlabel="rate of the ramp (V/s)", ylabel="source voltage (V)", xscale="log")
    _explain(axes, rows)
    return figure


def _times(rows: pd.DataFrame) -> Figure:
    figure, axes = plt.subplots(figsize=LABELLED)
    for name, label, colour, marker in _EVENTS:
        known = rows.dropna(subset=[f"t_{name} [s]"])
        x, y = known[HEIGHT].to_numpy(), known[f"t_{name} [s]"].to_numpy()
        per_decade = -1e3 / np.polyfit(x, np.log10(y), 1)[0] if len(x) > 1 else np.nan
        slope = f", {per_decade:.0f} mV per decade" if len(x) > 1 else ""
        _draw(axes, x, y, _valid(known), colour, marker, f"{label}{slope}")
    warm = rows["thermal_time [s]"].max() if "thermal_time [s]" in rows.columns else np.nan
    if np.isfinite(warm):
        label = f"the cell warms within {warm:.2g} s"
        axes.axhline(warm, color=COLOURS["faint"], ls="--", lw=1.0, label=label)
    axes.set(xlabel="height of the pulse (V)", ylabel="time (s)", yscale="log")
    _explain(axes, rows)
    return figure


def _valid(rows: pd.DataFrame) -> np.ndarray:
    return (rows["left_the_model"] == "no").to_numpy()


def _draw(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    valid: np.ndarray,
    colour: str,
    marker: str,
    label: str,
) -> None:
    """Draw a line with full markers where the model holds and open ones elsewhere."""
    axes.plot(x, y, "-", color=COLOURS[colour], lw=1.0)
    axes.plot(x[valid], y[valid], marker, color=COLOURS[colour], label=label)
    axes.plot(x[~valid], y[~valid], marker, color=COLOURS[colour], mfc="w")


def _explain(axes: Axes, rows: pd.DataFrame) -> None:
    """Give the reasons of open markers in the legend."""
    reasons = sorted({reason for reason in rows["left_the_model"] if reason != "no"})
    title = f"open: {'; '.join(reasons)}" if reasons else None
    axes.legend(title=title, title_fontsize=8, fontsize=8)
