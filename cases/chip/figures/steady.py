"""Figures of the steady states of several devices: currents, crosstalk, map of the chip."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, ScalarFormatter

from mitmodels.cases.chip.figures.chip_map import draw_maps
from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, save, shades, styled, subplots
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.reading import Run, load


def plot(run: Run) -> list[Path]:
    """Draw all currents, the crosstalk and the map; return the files, in ``figures``."""
    folder = run.path / "figures"
    with styled():
        files = [save(_currents(run), folder / "iv.png")]
        if (crosstalk := run.table("crosstalk"))["distance [m]"].nunique() > 1:
            files.append(save(_crosstalk([crosstalk]), folder / "crosstalk.png"))
        return files + draw_maps(run)


def plot_sweep(folder: SweepFolder) -> list[Path]:
    """Draw the crosstalk of all completed points, and where a source meets the first fold."""
    rows = completed(folder)
    runs = [load(folder.path / name) for name in rows["point"]]
    tables = [run.table("crosstalk") for run in runs]
    if not all(len(table) for table in tables):
        return []
    with styled():
        figure = _crosstalk(tables)
        folds = [_folds(run) for run in runs]
        if all(len(table) == 1 for table in tables) and any(map(len, folds)):
            figure.set_size_inches(LABELLED[0] * 2, LABELLED[1])
            left, right = figure.axes[0], figure.add_subplot(1, 2, 2)
            left.set_subplotspec(right.get_subplotspec().get_gridspec()[0])  # type: ignore[union-attr]
            _draw_folds(right, [float(table["distance [m]"].iloc[0]) for table in tables], folds)
            figure.tight_layout()
        return [save(figure, folder.figures / "crosstalk.png")]


def _currents(run: Run) -> Figure:
    """I against V_source of every device."""
    figure, axes = subplots(figsize=LABELLED)
    names = [device["name"] for device in run.config["device"]]
    for name, colour in zip(names, shades("viridis", len(names)), strict=True):
        iv = run.table(f"devices/{name}/iv")
        axes.plot(iv["V_source [V]"], iv["I [A]"] * 1e3, ".-", color=colour, ms=3, label=name)
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.legend(**BESIDE)
    return figure


def _crosstalk(tables: list[pd.DataFrame]) -> Figure:
    """Mutual thermal resistances over the distance, beside closed forms."""
    figure, axes = subplots(figsize=LABELLED)
    table = pd.concat(tables).sort_values("distance [m]")
    distance = table["distance [m]"] * 1e6
    axes.loglog(distance, table["R_points [K/W]"], "--", color=COLOURS["faint"], label="two points")
    axes.loglog(distance, table["R_even [K/W]"], "x", color=COLOURS["up"], label="even rectangles")
    look = {"color": COLOURS["branch"], "mfc": "none", "label": "computed"}
    axes.loglog(distance, table["R_mutual [K/W]"], "o", **look)
    axes.set(xlabel="distance of the centres (µm)", ylabel="mutual thermal resistance (K/W)")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_formatter(NullFormatter())
    axes.legend()
    return figure


def _folds(run: Run) -> dict[str, float]:
    """Source voltage of each device at the first fold."""
    fold = run.events.query("event == 'fold'")["drive"]
    if not len(fold):
        return {}
    found = {}
    for device in run.config["device"]:
        iv = run.table(f"devices/{device['name']}/iv")
        at = int(np.argmin(np.abs(iv["drive"] - fold.iloc[0])))
        found[str(device["name"])] = float(iv["V_source [V]"].iloc[at])
    return found


def _draw_folds(axes: Axes, distances: list[float], folds: list[dict[str, float]]) -> None:
    for name, marker in zip(sorted({name for fold in folds for name in fold}), "o+", strict=False):
        pairs = [(d, fold[name]) for d, fold in zip(distances, folds, strict=True) if name in fold]
        x, y = np.transpose(sorted(pairs))
        axes.plot(x * 1e6, y, marker, ls="-", color=COLOURS["branch"], mfc="none", label=name)
    axes.set(xlabel="distance of the centres (µm)", ylabel="source voltage at the fold (V)")
    axes.legend()
