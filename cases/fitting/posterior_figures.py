"""Figures of the posterior of a fit: corner plot, bands of numbers and of I-V curves."""

from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

from mitmodels.cases.figures.bands import draw_band
from mitmodels.cases.figures.style import COLOURS, LABELLED, get_cmap, save, styled, subplots
from mitmodels.solvers.runs.reading import Run, read_json

_SIZE = 2.0  # [inch] of a panel
_BINS = 40
_WIDEST = 60.0  # percent that are shown, of a difference that may be zero for example


def plot(run: Run) -> list[Path]:
    """Draw what a fit says of its posterior.

    Returns
    -------
    list of Path
        The files, in ``figures``; none of a fit without.
    """
    if not (run.path / "posterior.json").exists():
        return []
    level = read_json(run.path / "posterior.json")["level"]
    found, bands = (pd.read_csv(run.intact(f"{name}.csv")) for name in ("posterior", "bands"))
    folder = run.path / "figures"
    with styled():
        files = [save(_corner(found), folder / "corner.png")]
        if len(bands):
            files.append(save(_numbers(bands, level), folder / "bands.png"))
        for file in sorted(run.path.glob("band-*.csv")):
            table = pd.read_csv(run.intact(file.name))
            figure, axes = subplots(figsize=LABELLED)
            draw_band(axes, table, "branch", f"{file.stem[5:]}, {100 * level:.3g} % band")
            axes.plot([], [], "--", lw=1.0, color=COLOURS["branch"], label="on the way down")
            axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None))
            axes.set_ylim(0, None)
            axes.legend()
            files.append(save(figure, folder / f"{file.stem}.png"))
    return files


def _corner(found: pd.DataFrame) -> Figure:
    """Samples of every parameter, and of every two."""
    count = len(found.columns)
    size = (max(_SIZE * count, LABELLED[1]),) * 2
    figure, panels = subplots(count, count, size, layout="constrained", squeeze=False)
    for (i, j), axes in np.ndenumerate(panels):
        x, y = found.iloc[:, j], found.iloc[:, i]
        if j > i:
            axes.set_axis_off()
            continue
        if i == j:
            axes.hist(x, bins=_BINS, color=COLOURS["faint"])
            for quantile in (0.05, 0.5, 0.95):
                style = "-" if quantile == 0.5 else "--"
                axes.axvline(x.quantile(quantile), color=COLOURS["branch"], ls=style, lw=1.0)
            axes.set_yticks([])
        else:
            axes.hist2d(x, y, bins=_BINS, cmap=get_cmap("Blues"))
        axes.ticklabel_format(scilimits=(-3, 4))
        if i == count - 1:
            axes.set_xlabel(str(found.columns[j]).replace(" [", "\n["), fontsize=7)
        if j == 0 and i > 0:
            axes.set_ylabel(str(found.columns[i]).replace(" [", "\n["), fontsize=7)
        elif j < i:
            axes.set_yticklabels([])
    return figure


def _numbers(bands: pd.DataFrame, level: float) -> Figure:
    """Bands of the predicted numbers over their medians, with what was measured."""
    rows = bands.dropna(subset=["low"]).to_dict("records")
    figure, axes = subplots(figsize=(7.0, 1.0 + 0.27 * len(rows)), layout="constrained")
    for i, row in enumerate(rows):
        middle = row["median"] or 1.0
        ends = [100 * (row[end] / middle - 1) for end in ("low", "high")]
        axes.plot(ends, [i, i], color=COLOURS["branch"], lw=3.0, label=None if i else "sampled")
        ends = [100 * (row[f"laplace_{end}"] / middle - 1) for end in ("low", "high")]
        label = None if i else "Laplace"
        axes.plot(ends, [i + 0.25] * 2, color=COLOURS["faint"], lw=1.5, label=label)
        if np.isfinite(row["measured"]):
            off, error = 100 * (row["measured"] / middle - 1), 100 * row["error"] / abs(middle)
            look: dict[str, Any] = {"color": COLOURS["up"], "mfc": "none", "capsize": 2}
            axes.errorbar(off, i - 0.25, xerr=error, fmt="o", **look)
    axes.set_yticks(range(len(rows)), [_label(row) for row in rows], fontsize=8)
    axes.axvline(0.0, color=COLOURS["faint"], lw=0.8)
    widest = min(_WIDEST, 1.1 * max(map(abs, axes.get_xlim())))
    axes.set_xlim(-widest, widest)
    axes.set(xlabel=f"off the median (%), {100 * level:.3g} % bands", ylim=(len(rows) - 0.5, -0.5))
    axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def _label(row: Mapping[Hashable, Any]) -> str:
    unit = "Ω" if row["unit"] == "ohm" else row["unit"]
    value = EngFormatter(unit=unit, places=2)(row["median"]) if unit else f"{row['median']:.4g}"
    return f"{row['device']}, {row['quantity']}: {value}"
