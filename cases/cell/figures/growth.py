"""Figures of a SET: I-V curve, gap, outlines, growth in time, temperature against current."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.cell.figures.cycle import dissolution, loop
from mitmodels.cases.cell.figures.maps import film, map_at_currents
from mitmodels.cases.cell.outlines import mirrored, read_outlines
from mitmodels.cases.figures.style import COLOURS, LABELLED, in_amperes, save, styled
from mitmodels.cases.papers.buttberg2025 import REGIMES, decades_per_volt
from mitmodels.solvers.runs.reading import Run

_DECADES_APART = 0.01
_WIDEST = 4.5  # nm
_LADDER = (1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 9e-4)  # [A]
# What Buttberg et al. (2025) state.
_TIMES = {"onset": 0.05, "void": 0.225, "compliance": 0.25}  # log10 of seconds
_GAPS = (0.07, 0.4)  # [nm]
_TEMPERATURES = {603e-6: 750.0, 1e-3: 850.0}  # [A]: [K]

Outlines = list[npt.NDArray[np.float64]]


def plot(run: Run) -> list[Path]:
    """Draw the figures from the run folder.

    Returns
    -------
    list of Path
        The files, in ``figures``.
    """
    iv, folder, outlines = run.iv, run.path / "figures", read_outlines(run)
    with styled():
        files = [
            save(current(iv), folder / "iv.png"),
            save(gap(iv), folder / "gap.png"),
            save(shapes(iv, outlines), folder / "outlines.png"),
            save(elephant(iv, outlines), folder / "elephant.png"),
            save(temperature(iv), folder / "temperature.png"),
        ]
        if (iv["V_source [V]"] < 0).any():
            files += [
                save(loop(iv), folder / "loop.png"),
                save(dissolution(iv, outlines), folder / "dissolution.png"),
            ]
        if map_ := map_at_currents(run):
            files.append(save(map_, folder / "map.png"))
        if film(run, folder / "growth.gif"):
            files.append(folder / "growth.gif")
    return files


def current(iv: pd.DataFrame) -> Figure:
    """I-V curve, logarithmic with the three regimes, and linear."""
    figure, (log, linear) = plt.subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    voltage, amperes = iv["V_source [V]"], iv["I [A]"]
    visible = amperes > 1e-12
    up = iv[: int(amperes.to_numpy().argmax()) + 1]
    log.semilogy(voltage, amperes.where(visible), color=COLOURS["branch"])
    for (regime, bounds), shade in zip(REGIMES.items(), ("up", "down", "paper"), strict=True):
        log.axhspan(*bounds, color=COLOURS[shade], alpha=0.12, lw=0)
        slope = decades_per_volt(up, *bounds)
        said = f"{regime}: {slope:.0f} decades/V" if slope == slope else regime
        log.text(
            0.98, np.sqrt(np.prod(bounds)), said, ha="right", transform=log.get_yaxis_transform()
        )
    linear.plot(voltage, amperes * 1e3, color=COLOURS["branch"])
    if amperes.max() > 1e-4:
        limit = 10 ** _TIMES["compliance"]
        for axes, height, side in ((log, 1e-10, "left"), (linear, 0.5, "right")):
            axes.axvline(limit, color=COLOURS["paper"], ls=":", lw=1.0)
            axes.text(limit, height, " paper: 1 mA ", color=COLOURS["paper"], ha=side)
    log.set(xlabel="source voltage (V)", ylabel="current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current (mA)")
    return figure


def gap(iv: pd.DataFrame) -> Figure:
    """Smallest gap against time, and its last part in an inset."""
    figure, axes = plt.subplots(figsize=LABELLED)
    t, g = iv["t [s]"], iv["gap [m]"] * 1e9
    axes.plot(t, g, color=COLOURS["branch"])
    axes.set(xlabel="time (s)", ylabel="smallest gap (nm)", ylim=(0, None))
    void = 10 ** _TIMES["void"]
    if t.iloc[-1] >= void:
        axes.axvline(void, color=COLOURS["paper"], ls=":", lw=1.0)
        axes.text(void, g.max(), " paper: void", color=COLOURS["paper"])
    closed = g < 1.0
    if closed.any():
        inset = axes.inset_axes((0.12, 0.16, 0.48, 0.5))
        inset.plot(t[closed], g[closed], color=COLOURS["branch"])
        inset.axhspan(*_GAPS, color=COLOURS["paper"], alpha=0.12, lw=0)
        inset.text(
            0.97,
            0.9,
            "paper: 0.07 to 0.4 nm at the end",
            transform=inset.transAxes,
            ha="right",
            color=COLOURS["paper"],
            fontsize=7,
        )
        inset.set(ylim=(0, 0.6))
    return figure


def shapes(iv: pd.DataFrame, outlines: Outlines) -> Figure:
    """Outlines at a ladder of currents."""
    figure, axes = plt.subplots(figsize=LABELLED)
    amperes = iv["I [A]"].to_numpy()
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.9, len(_LADDER)))
    for level, colour in zip(_LADDER, colours, strict=True):
        if (level <= amperes).any():
            r, z = mirrored(outlines[int(np.argmax(level <= amperes))]).T
            axes.plot(r, z, color=colour, label=in_amperes(level))
    axes.plot(*mirrored(outlines[-1]).T, color=COLOURS["faint"], ls="--", label="end")
    axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal")
    axes.legend(fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def elephant(iv: pd.DataFrame, outlines: Outlines) -> Figure:
    """Height and largest radius against the logarithm of time, and the outlines themselves."""
    figure, axes = plt.subplots(figsize=LABELLED)
    t = np.log10(np.maximum(iv["t [s]"].to_numpy(), 1e-9))
    end = max(float(t[-1]), _DECADES_APART)
    axes.plot(
        t[1:],
        [outline[:, 1].max() for outline in outlines[1:]],
        color=COLOURS["branch"],
        lw=1.0,
        label="height",
    )
    axes.plot(
        t[1:],
        [outline[:, 0].max() for outline in outlines[1:]],
        color=COLOURS["up"],
        lw=1.0,
        label="largest radius",
    )
    for i in np.unique(np.searchsorted(t, np.arange(0.0, t[-1], _DECADES_APART))):
        r, z = mirrored(outlines[i]).T
        shade = plt.get_cmap("magma")(0.85 * t[i] / end)
        axes.plot(t[i] + _DECADES_APART / 2 * r / _WIDEST, z, lw=0.6, color=shade)
    for name, log_time in _TIMES.items():
        if log_time <= t[-1]:
            axes.axvline(log_time, color=COLOURS["paper"], ls=":", lw=1.0)
            axes.text(
                log_time,
                11.0,
                f"paper: {name}",
                rotation=90,
                va="bottom",
                ha="center",
                fontsize=7,
                color=COLOURS["paper"],
            )
    begin = min(-0.02, t[-1] - 0.2)
    axes.set(xlabel="log10 of time (s)", ylabel="height, radius (nm)", xlim=(begin, end + 0.02))
    if t[-1] > 0:
        title = f"outlines: {2 * _WIDEST:g} nm wide per {_DECADES_APART:g}"
        axes.legend(loc="center left", title=title, frameon=True, framealpha=1, edgecolor="none")
    return figure


def temperature(iv: pd.DataFrame) -> Figure:
    """Largest temperature against current, on the way up and from the compliance on."""
    figure, axes = plt.subplots(figsize=LABELLED)
    visible = iv[iv["I [A]"] > 1e-9]
    axes.semilogx(visible["I [A]"], visible["T_max [K]"], color=COLOURS["branch"])
    if len(visible):
        for level, kelvin in _TEMPERATURES.items():
            axes.plot(level, kelvin, "D", color=COLOURS["paper"], mfc="none")
        axes.plot([1e-4, 1e-3], [400, 400], color=COLOURS["paper"], ls=":", lw=1.0)
        axes.text(
            5e-5,
            430,
            "paper: rise of at least\n100 K from 100 µA",
            ha="right",
            va="center",
            color=COLOURS["paper"],
            fontsize=8,
        )
        axes.text(4.5e-4, 750, "paper", ha="right", va="center", color=COLOURS["paper"])
        last = visible.iloc[-1]
        axes.annotate("end", (last["I [A]"], last["T_max [K]"]), (8, 0), textcoords="offset points")
    axes.set(xlabel="current (A)", ylabel="largest temperature (K)")
    return figure
