"""Figures of a SET: I-V curve, gap, outlines, growth in time, temperature against current."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from cases.runs import Run
from cases.style import COLOURS, LABELLED, save, styled
from mitmodels.errors import InputError

_DECADES_APART = 0.01
_LADDER = (1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 9e-4)  # [A]
_REGIMES = {"A": (1e-9, 1e-7), "B": (1e-6, 1e-5), "C": (1e-4, 9e-4)}  # [A]

Outlines = list[npt.NDArray[np.float64]]


def plot(run: Run) -> list[Path]:
    """Draw the figures from the run folder.

    Returns
    -------
    list of Path
        The files, in ``figures``.
    """
    iv, folder, outlines = run.iv, run.path / "figures", _outlines(run)
    with styled():
        return [
            save(current(iv), folder / "iv.png"),
            save(gap(iv), folder / "gap.png"),
            save(shapes(iv, outlines), folder / "outlines.png"),
            save(elephant(iv, outlines), folder / "elephant.png"),
            save(temperature(iv), folder / "temperature.png"),
        ]


def _outlines(run: Run) -> Outlines:
    path = run.path / "outlines.npz"
    if not path.exists():
        raise InputError(f"{path}: there is no such file; the run has not ended, resume it")
    with np.load(path) as file:
        return np.split(file["points"] * 1e9, np.cumsum(file["nodes"])[:-1])


def current(iv: pd.DataFrame) -> Figure:
    """I-V curve, logarithmic with the three regimes, and linear."""
    figure, (log, linear) = plt.subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    voltage, amperes = iv["V_source [V]"], iv["I [A]"]
    visible = amperes > 1e-12
    log.semilogy(voltage[visible], amperes[visible], color=COLOURS["branch"])
    for (name, bounds), shade in zip(_REGIMES.items(), ("up", "down", "paper"), strict=True):
        log.axhspan(*bounds, color=COLOURS[shade], alpha=0.12, lw=0)
        log.text(0.02, np.sqrt(np.prod(bounds)), name, transform=log.get_yaxis_transform())
    linear.plot(voltage, amperes * 1e3, color=COLOURS["branch"])
    log.set(xlabel="source voltage (V)", ylabel="current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current (mA)")
    return figure


def gap(iv: pd.DataFrame) -> Figure:
    """Smallest gap against time, and its last part in an inset."""
    figure, axes = plt.subplots(figsize=LABELLED)
    t, g = iv["t [s]"], iv["gap [m]"] * 1e9
    axes.plot(t, g, color=COLOURS["branch"])
    axes.set(xlabel="time (s)", ylabel="gap (nm)", ylim=(0, None))
    closed = g < 1.0
    if closed.any():
        inset = axes.inset_axes((0.1, 0.12, 0.5, 0.45))
        inset.plot(t[closed], g[closed], color=COLOURS["branch"])
        inset.set(ylim=(0, 0.6))
    return figure


def shapes(iv: pd.DataFrame, outlines: Outlines) -> Figure:
    """Outlines at a ladder of currents."""
    figure, axes = plt.subplots(figsize=LABELLED)
    amperes = iv["I [A]"].to_numpy()
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.9, len(_LADDER)))
    for level, colour in zip(_LADDER, colours, strict=True):
        if (level <= amperes).any():
            r, z = outlines[int(np.argmax(level <= amperes))].T
            r, z = np.concatenate((-r[::-1], r)), np.concatenate((z[::-1], z))
            axes.plot(r, z, color=colour, label=f"{level:g} A")
    axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal")
    if axes.lines:
        axes.legend(fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure


def elephant(iv: pd.DataFrame, outlines: Outlines) -> Figure:
    """Outlines against the logarithm of time, all at the same scale."""
    figure, axes = plt.subplots(figsize=LABELLED)
    t = np.log10(np.maximum(iv["t [s]"].to_numpy(), 1e-9))
    end = max(float(t[-1]), _DECADES_APART)
    for i in np.unique(np.searchsorted(t, np.arange(0.0, t[-1], _DECADES_APART))):
        r, z = outlines[i].T
        width = t[i] + _DECADES_APART / 2 * np.concatenate((-r[::-1], r))
        shade = plt.get_cmap("magma")(0.85 * t[i] / end)
        axes.plot(width, np.concatenate((z[::-1], z)), lw=0.6, color=shade)
    scale = 2 / _DECADES_APART
    axes.set(xlabel=f"log10 of time (s), radii {scale:g} nm per decade", ylabel="height (nm)")
    return figure


def temperature(iv: pd.DataFrame) -> Figure:
    """Largest temperature against current."""
    figure, axes = plt.subplots(figsize=LABELLED)
    visible = iv["I [A]"] > 1e-9
    axes.semilogx(iv["I [A]"][visible], iv["T_max [K]"][visible], color=COLOURS["branch"])
    axes.set(xlabel="current (A)", ylabel="largest temperature (K)")
    return figure
