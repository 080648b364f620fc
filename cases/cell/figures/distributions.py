"""Figures of what chance does to a cell: distributions over seeds, regimes, series of cycles."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.cell.distributions import Distribution, distributions, law_of
from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    save,
    say_paper,
    shades,
    styled,
    subplots,
)
from mitmodels.cases.papers import schindler2009
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.runs.files import Results, write_table
from mitmodels.solvers.runs.reading import Run

type Scale = Callable[[np.ndarray], np.ndarray]

HEIGHT, OXIDE = "protocol.0.value [V]", "geometry.oxide [m]"
_MARKERS = {"nucleation": ("o", "nucleus"), "set": ("s", "SET")}
_SLOWER = 0.75  # slope of the logarithm of growth over its steepest, where ions limit it as well
_TICKS = np.array([0.01, 0.05, 0.2, 0.5, 0.9, 0.99])
_AXES = {"s": "time (s)", "V": "source voltage (V)"}


def plot(folder: SweepFolder) -> list[Path]:
    """Draw the distributions of a sweep over seeds and write them to ``distributions.csv``.

    Returns
    -------
    list of Path
        The figure, in ``figures``; none if the sweep is of other keys.
    """
    if not (found := distributions(folder)):
        return []
    table = pd.DataFrame([one.row() for one in found])
    write_table(folder.path / "distributions.csv", table)
    with styled():
        return [save(cumulative(found), folder.figures / "distributions.png")]


def cumulative(found: Sequence[Distribution]) -> Figure:
    """Cumulative distributions, on linear and on Weibull's axes, with the fits."""
    units = list(dict.fromkeys(one.unit for one in found))
    size = (len(units) * LABELLED[0], 2 * LABELLED[1])
    figure, grid = subplots(2, len(units), size, squeeze=False)
    groups = list(dict.fromkeys(one.others for one in found))
    colours = dict(zip(groups, shades("viridis", len(groups)), strict=True))
    scales: tuple[Scale, ...] = (np.asarray, _weibull)
    for column, unit in zip(grid.T, units, strict=True):
        for one in (one for one in found if one.unit == unit):
            for axes, scaled in zip(column, scales, strict=True):
                _draw(axes, one, scaled, colours[one.others])
        column[1].set(yticks=_weibull(_TICKS), yticklabels=[f"{tick:g}" for tick in _TICKS])
        column[1].set(xscale="log", ylim=_weibull(np.array([0.005, 0.998])), xlabel=_AXES[unit])
        column[0].set(ylabel="probability", ylim=(0, 1), xlabel=_AXES[unit])
        column[1].set_ylabel("probability, Weibull's axis")
        spread = np.concatenate([one.values for one in found if one.unit == unit])
        if 10 * spread.min() < spread.max():
            column[0].set_xscale("log")
        else:
            column[1].xaxis.set_minor_formatter("{x:g}")
    grid[0, -1].legend(fontsize=8, **BESIDE)
    return figure


def _weibull(probability: np.ndarray) -> np.ndarray:
    return np.asarray(np.log(-np.log1p(-probability)))


def _draw(axes: Axes, one: Distribution, scaled: Scale, colour: np.ndarray) -> None:
    mark, label = _MARKERS[one.quantity.partition("_")[2]]
    filled = colour if mark == "s" else "w"
    fit = f", Weibull {one.shape:.3g}" if np.isfinite(one.shape) else ""
    said = ": ".join(text for text in (one.others, f"{label}{fit}") if text)
    look: dict[str, Any] = {"color": colour, "mfc": filled, "ms": 4}
    axes.plot(one.values, scaled(one.probabilities), mark, label=said, **look)
    if np.isfinite(one.shape):
        x = np.geomspace(one.values[0], one.values[-1], 100)
        y = -np.expm1(-((x / one.scale) ** one.shape))
        axes.plot(x, scaled(y), color=colour, lw=1.0, ls="-" if mark == "s" else "--")


def regimes(rows: pd.DataFrame, run: Run) -> Figure:
    """Time of SET over the height of a pulse, and whether nucleation or growth decides.

    Parameters
    ----------
    rows
        Points of a sweep of pulses, in the order of their height.
    run
        One of them, for the law of nucleation.
    """
    figure, axes = subplots(figsize=LABELLED)
    rows = rows.dropna(subset=["t_set [s]"])
    V, t = rows[HEIGHT].to_numpy(), rows["t_set [s]"].to_numpy()
    grown = t - rows["t_nucleation [s]"].to_numpy()
    law, ambient = law_of(run), run.si("heat", "ambient")
    assert law is not None
    fine = np.linspace(V.min(), V.max(), 200)
    mean = np.array([1 / law.rate(float(v), ambient) for v in fine])
    growth = np.exp(np.interp(fine, V, np.log(grown)))
    axes.plot(fine, mean + growth, color=COLOURS["branch"], label="mean wait and growth")
    axes.plot(fine, mean, "--", color=COLOURS["up"], lw=1.0, label="mean wait")
    axes.plot(V, grown, "^:", color=COLOURS["down"], lw=1.0, label="growth")
    axes.plot(V, t, "s", color=COLOURS["branch"], mfc="w", label="SET of one seed")
    low = min(growth.min(), t.min())
    axes.set(yscale="log", ylim=(low / 3, 3 * max((mean + growth).max(), t.max())))
    axes.set(xlabel="height of the pulse (V)", ylabel="time (s)")
    slope, waits = np.gradient(np.log(growth), fine), mean > growth
    slower = slope > _SLOWER * slope.min()
    _name(axes, "nucleation", fine[waits])
    _name(axes, "charge transfer", fine[~waits & ~slower])
    _name(axes, "with hopping", fine[~waits & slower])
    axes.legend(fontsize=8)
    return figure


def ratios(rows: pd.DataFrame, quoted: bool) -> Results:
    """SET time in the thickest oxide over that in the thinnest, at every height of a pulse.

    Where Schindler et al. (2009) are quoted, of the thicknesses that they had.
    """
    ends = (schindler2009.THINNEST, schindler2009.THICKEST) if quoted else (0.0, np.inf)
    known = rows.dropna(subset=["t_set [s]"]).sort_values(OXIDE)
    known = known[known[OXIDE].between(ends[0] * (1 - 1e-6), ends[1] * (1 + 1e-6))]
    found: dict[str, tuple[float | None, str]] = {}
    for V, members in known.groupby(HEIGHT):
        t = members["t_set [s]"].to_numpy()
        grown = t - members["t_nucleation [s]"].to_numpy()
        found[f"t_set at {V:g} V"] = (float(t[-1] / t[0]), "")
        found[f"t_set at {V:g} V, from the nucleus on"] = (float(grown[-1] / grown[0]), "")
    return found


def thickness(rows: pd.DataFrame, quoted: bool) -> Figure:
    """Time of SET over the thickness of the oxide, from the start and from the nucleus on."""
    figure, axes = subplots(figsize=LABELLED)
    if quoted:
        ends = schindler2009.THINNEST * 1e9, schindler2009.THICKEST * 1e9
        axes.axvspan(*ends, color=COLOURS["paper"], alpha=0.12, lw=0)
        said = f"paper: {schindler2009.THICKNESS}"
        say_paper(axes, ends[0], 1.02, said, axes.get_xaxis_transform())
    rows = rows.dropna(subset=["t_set [s]"]).sort_values(OXIDE)
    heights = rows[HEIGHT].unique()
    for V, colour in zip(heights, shades("viridis", len(heights), 0.7), strict=True):
        members, said = rows[rows[HEIGHT] == V], f"{V:g} V: "
        nanometres, t = members[OXIDE] * 1e9, members["t_set [s]"]
        grown = t - members["t_nucleation [s]"]
        axes.plot(nanometres, t, "s-", color=colour, label=f"{said}SET")
        axes.plot(nanometres, grown, "^:", color=colour, mfc="w", label=f"{said}without the wait")
    axes.set(xlabel="thickness of the oxide (nm)", ylabel="time (s)", yscale="log")
    axes.set_xlim(left=0)
    axes.legend(fontsize=8, **BESIDE)
    return figure


def _name(axes: Axes, regime: str, V: np.ndarray) -> None:
    """Write the name of a regime over the voltages in which it is."""
    if not len(V):
        return
    axes.axvline(V[0], color=COLOURS["faint"], lw=0.8, zorder=0)
    look: dict[str, Any] = {"color": COLOURS["faint"], "fontsize": 8, "ha": "center"}
    axes.text((V[0] + V[-1]) / 2, 1.02, regime, transform=axes.get_xaxis_transform(), **look)


def series(run: Run) -> Figure | None:
    """Voltages and resistances cycle by cycle; None of a run with fewer than two."""
    if not (run.path / "cycles.csv").exists():
        return None
    table = run.table("cycles")
    figure, (volts, ohms) = subplots(2, 1, (LABELLED[0], 1.5 * LABELLED[1]), sharex=True)
    lines = (
        (volts, 1.0, "V_nucleation [V]", "nucleus", "faint", "o-"),
        (volts, 1.0, "V_set [V]", "SET", "up", "s-"),
        (volts, 1.0, "V_reset [V]", "largest reverse current", "down", "^-"),
        (ohms, 1e-3, "R_on [ohm]", "on", "up", "s-"),
        (ohms, 1e-3, "R_off [ohm]", "off", "down", "^-"),
    )
    for axes, scale, name, label, colour, mark in lines:
        if table[name].notna().any():
            look: dict[str, Any] = {"color": COLOURS[colour], "lw": 1.0, "label": label}
            axes.plot(table["cycle"], scale * table[name], mark, **look)
    for axes in (volts, ohms):
        axes.legend(fontsize=8, **BESIDE)
    volts.set(ylabel="source voltage (V)")
    ohms.set(xlabel="cycle", ylabel="resistance (kΩ)", yscale="log")
    ohms.xaxis.get_major_locator().set_params(integer=True)
    return figure
