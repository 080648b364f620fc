"""Figures 4 and S6 of Salev et al. 2021 from the resistor network."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.config.document import load_config
from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    mark_paper,
    save,
    shades,
    styled,
    subplots,
)
from mitmodels.cases.network.network import Config
from mitmodels.cases.papers.salev2021 import CELLS_NUCLEATION, V_RATIO
from mitmodels.solvers.runs.reading import Run

_LOCAL = {"T_center": "centre", "T_quarter": "quarter", "T_edge": "edge"}


def plot(run: Run) -> list[Path]:
    """Draw the figures from the run folder; return the files, in ``figures``."""
    config = load_config(run.path / "config.resolved.toml", (), Config)
    folder, transition = run.path / "figures", float(config.arm.transition)
    iv = run.iv
    curve = iv[iv["T_substrate [K]"] == float(config.ambient.shown)]
    stored = run.table("profiles")
    with styled():
        return [
            save(shape(curve), folder / "fig_4a_iv.png"),
            save(widths(curve, config.network.columns), folder / "fig_4b_widths.png"),
            save(local_temperatures(curve, transition), folder / "fig_4c_temperatures.png"),
            save(profiles(curve, stored, transition), folder / "fig_4d_profiles.png"),
            save(resistance(run.table("resistance")), folder / "fig_S6b_resistance.png"),
            save(curves(iv), folder / "fig_S6c_iv.png"),
        ]


def shape(curve: pd.DataFrame) -> Figure:
    """Current over its maximum against the voltage over that of nucleation (Fig. 4a)."""
    figure, axes = subplots(figsize=LABELLED)
    V, current = np.append(0.0, _voltages(curve)), np.append(0.0, curve["I [1]"])
    axes.plot(V, current / current.max(), color=COLOURS["branch"])
    mark_paper(axes, V_RATIO, "barrier fills the device (paper)", at=0.5)
    axes.set(xlabel="voltage over that of nucleation", ylabel="current over its maximum")
    axes.set(xlim=(0, None), ylim=(0, None))
    return figure


def widths(curve: pd.DataFrame, columns: int) -> Figure:
    """Width of the barrier against the voltage over that of nucleation (Fig. 4b)."""
    figure, axes = subplots(figsize=LABELLED)
    axes.plot(
        _voltages(curve), curve["barrier_cells [1]"], color=COLOURS["branch"], label="network"
    )
    quoted = [1.0, V_RATIO], [CELLS_NUCLEATION, columns]
    axes.plot(*quoted, "o", color=COLOURS["paper"], label="paper, a cell being 1 µm")
    axes.set(xlabel="voltage over that of nucleation", ylabel="barrier (cells)")
    axes.set(xlim=(0, None), ylim=(0, None))
    axes.legend()
    return figure


def _voltages(curve: pd.DataFrame) -> np.ndarray:
    """Voltages over the first one with a barrier, over the last one if there is none."""
    V, hot = curve["V [1]"].to_numpy(), curve["barrier_cells [1]"].to_numpy() > 0
    return np.asarray(V / V[np.argmax(hot) if hot.any() else -1])


def local_temperatures(curve: pd.DataFrame, transition: float) -> Figure:
    """Temperatures at three places against the voltage (Fig. 4c)."""
    figure, axes = subplots(figsize=LABELLED)
    for (column, label), colour in zip(_LOCAL.items(), ("up", "branch", "down"), strict=True):
        axes.plot(curve["V [1]"] / 1e3, curve[f"{column} [K]"], color=COLOURS[colour], label=label)
    axes.axhline(transition, color=COLOURS["faint"], ls=":", label="$T_c$")
    axes.set(xlabel="voltage (10$^3$, arbitrary unit)", ylabel="temperature (K)", xlim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=4)
    return figure


def profiles(curve: pd.DataFrame, stored: pd.DataFrame, transition: float) -> Figure:
    """Temperature along the channel before and after the barrier nucleates (Fig. 4d)."""
    figure, axes = subplots(figsize=LABELLED)
    voltages = curve["V [1]"].to_numpy()
    first = int(np.argmax(curve["barrier_cells [1]"].to_numpy() > 0))
    last = voltages.size - 1
    rows = first - 1, first, (first + last) // 2, last
    for index, colour in zip(rows, shades("plasma", len(rows)), strict=True):
        profile = stored[stored["V [1]"] == voltages[index]]
        label = f"{voltages[index]:g}"
        axes.plot(profile["cell [1]"], profile["T [K]"], color=colour, label=label)
    axes.axhline(transition, color=COLOURS["faint"], ls=":")
    axes.set(xlabel="cell along the channel", ylabel="temperature (K)")
    axes.legend(title="voltage", **BESIDE)
    return figure


def resistance(table: pd.DataFrame) -> Figure:
    """Resistance of the network in equilibrium (Fig. S6b)."""
    figure, axes = subplots(figsize=LABELLED)
    axes.semilogy(table["T [K]"], table["R [1]"], color=COLOURS["branch"])
    axes.set(xlabel="temperature (K)", ylabel="resistance (arbitrary unit)")
    return figure


def curves(iv: pd.DataFrame) -> Figure:
    """I-V curves at all temperatures (Fig. S6c)."""
    figure, axes = subplots(figsize=LABELLED)
    groups = list(iv.groupby("T_substrate [K]"))
    colours = shades("plasma", len(groups))
    for (temperature, curve), colour in zip(groups, colours, strict=True):
        V = np.append(0.0, curve["V [1]"] / 1e3)
        current = np.append(0.0, curve["I [1]"])
        axes.plot(V, current, color=colour, label=f"{temperature:g} K", linewidth=1.2)
    axes.set(xlabel="voltage (10$^3$, arbitrary unit)", ylabel="current (arbitrary unit)")
    axes.set(xlim=(0, 40), ylim=(0, None))
    axes.legend(ncols=2, loc="upper right")
    return figure
