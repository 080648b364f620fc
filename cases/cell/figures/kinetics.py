"""How fast a filament grows: voltages over the rate of a ramp, times over the height of a pulse."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed

RATE, HEIGHT = "protocol.0.rate [V/s]", "protocol.0.value [V]"
_EVENTS = (("onset", "tip at 0.5 nm", "down", "o"), ("void", "tip at the electrode", "branch", "s"))
# log10 of the times that Buttberg et al. (2025) state, which at 1 V/s are volts too.
_STATED = {"onset": 0.05, "void": 0.225}


def plot(folder: SweepFolder) -> list[Path]:
    """Draw a sweep of the rate of a ramp or of the height of a pulse.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if the sweep is of something else.
    """
    rows = completed(folder)
    for column, law in ((RATE, _voltages), (HEIGHT, _times)):
        if column in rows.columns:
            with styled():
                return [save(law(rows.sort_values(column)), folder.figures / "kinetics.png")]
    return []


def decade(x: np.ndarray, y: np.ndarray) -> float:
    """Least-squares change of y per decade of x."""
    return float(np.polyfit(np.log10(x), y, 1)[0])


def _voltages(rows: pd.DataFrame) -> Figure:
    figure, axes = plt.subplots(figsize=LABELLED)
    for name, label, colour, marker in _EVENTS:
        known = rows.dropna(subset=[f"V_{name} [V]"])
        x, y = known[RATE].to_numpy(), known[f"V_{name} [V]"].to_numpy()
        slope = f", {decade(x, y):.2f} V/decade" if len(x) > 1 else ""
        _draw(axes, x, y, _valid(known), colour, marker, f"{label}{slope}")
        axes.plot(1.0, 10 ** _STATED[name], marker, color=COLOURS["paper"], mfc="none", ms=10)
    axes.plot([], [], "o", color=COLOURS["paper"], mfc="none", ms=10, label="paper, 1 V/s")
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
    """Say why markers are open."""
    reasons = sorted({reason for reason in rows["left_the_model"] if reason != "no"})
    title = f"open: {'; '.join(reasons)}" if reasons else None
    axes.legend(title=title, title_fontsize=8, fontsize=8)
