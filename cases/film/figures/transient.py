"""Figures of a film in time."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.oscillation import oscillation
from mitmodels.cases.figures.reads import reads
from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.film.figures.steady import draw_temperatures
from mitmodels.solvers.runs.reading import Run

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_MARKS = {
    "barrier nucleates": ("nucleates", COLOURS["up"]),
    "barrier full": ("full", COLOURS["paper"]),
    "barrier extinguished": ("extinguished", COLOURS["down"]),
}


def plot(run: Run) -> list[Path]:
    """Draw history, I-V loop, R(T) and temperatures; return the files, in ``figures``."""
    folder = run.path / "figures"
    with styled():
        files = [save(_history(run), folder / "history.png"), save(_loop(run), folder / "iv.png")]
        files += [save(figure, folder / f"{name}.png") for name, figure in oscillation(run)]
        if run.config["ambient"].get("history"):
            files.append(save(_resistance(run), folder / "resistance.png"))
        if read := reads(run):
            files.append(save(read, folder / "reads.png"))
        states = list(run.events.query("event == 'fields'")["detail"])
        return files + draw_temperatures(run, states)


def _events(run: Run) -> pd.DataFrame:
    events = run.events
    return events[events["event"].isin(list(_MARKS))]


def _history(run: Run) -> Figure:
    """Voltage, current, temperature and extent of what gets hot against time, events marked."""
    iv = run.iv
    size, unit = next(u for u in _UNITS if iv["t [s]"].max() >= u[0] or u == _UNITS[-1])
    t = iv["t [s]"] / size
    hot = (iv[["barrier_width [m]", "hot_across [m]"]] > 0).any(axis=None)
    labels = ["voltage (V)", "current (mA)", "temperature (K)", *["hot part (µm)"] * bool(hot)]
    height = 1.7 * len(labels)
    figure, rows = subplots(
        len(labels), 1, figsize=(5.6, height), sharex=True, layout="constrained"
    )
    rows[0].plot(t, iv["V_source [V]"], color=COLOURS["faint"], label="source")
    rows[0].plot(t, iv["V_device [V]"], "--", color=COLOURS["branch"], label="device")
    rows[1].plot(t, iv["I [A]"] * 1e3, color=COLOURS["branch"])
    rows[2].plot(t, iv["T_center [K]"], color=COLOURS["branch"], label="centre")
    rows[2].plot(t, iv["T_max [K]"], ":", color=COLOURS["up"], label="hottest")
    rows[2].plot(t, iv["T_edge [K]"], color=COLOURS["faint"], label="contact")
    if hot:
        rows[3].plot(t, iv["barrier_width [m]"] * 1e6, color=COLOURS["branch"], label="along")
        rows[3].plot(t, iv["hot_across [m]"] * 1e6, color=COLOURS["faint"], label="across")
    for axes, label in zip(rows, labels, strict=True):
        axes.set(ylabel=label, ylim=(None if axes is rows[2] else 0, None))  # no film is at 0 K
        _mark(axes, run, size, label == labels[-1])
    for axes in (rows[0], *rows[2:]):
        axes.legend(**BESIDE)
    rows[-1].set(xlabel=f"time ({unit})", xlim=(0, t.max()))
    return figure


def _mark(axes: Axes, run: Run, size: float, labelled: bool) -> None:
    for event, group in _events(run).groupby("event", sort=False):
        name, colour = _MARKS[str(event)]
        for number, at in enumerate(group["t [s]"] / size):
            label = name if labelled and number == 0 else None
            axes.axvline(at, color=colour, linewidth=0.8, label=label, zorder=0)


def _resistance(run: Run) -> Figure:
    """R over T without a bias, heating and cooling, up to where the protocol begins."""
    table = run.table("resistance")
    T, R = table["T [K]"].to_numpy(), table["R [ohm]"].to_numpy()
    figure, axes = subplots(figsize=LABELLED)
    turns = np.flatnonzero(np.diff(np.sign(np.diff(T)))) + 1
    for begin, end in pairwise((0, *turns, len(T) - 1)):
        part, name = slice(begin, end + 1), "heating" if T[end] > T[begin] else "cooling"
        colour = COLOURS["up" if name == "heating" else "down"]
        axes.semilogy(T[part], R[part], color=colour, label=name)
    axes.plot(T[-1], R[-1], "o", color=COLOURS["branch"], label="the protocol begins")
    axes.set(xlabel="temperature (K)", ylabel="resistance without a bias (Ω)")
    lines = {line.get_label(): line for line in axes.lines}  # of each name one
    axes.legend(handles=list(lines.values()))
    return figure


def _loop(run: Run) -> Figure:
    """I against the voltage of the device, in the order of time."""
    iv = run.iv
    figure, axes = subplots(figsize=LABELLED)
    axes.plot(iv["V_device [V]"], iv["I [A]"] * 1e3, ".-", color=COLOURS["branch"], markersize=3)
    for event, group in _events(run).groupby("event", sort=False):
        name, colour = _MARKS[str(event)]
        at = iv["t [s]"].searchsorted(group["t [s]"])
        axes.plot(
            iv["V_device [V]"].iloc[at], iv["I [A]"].iloc[at] * 1e3, "o", color=colour, label=name
        )
    axes.set(
        xlabel="voltage of the device (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None)
    )
    if axes.get_legend_handles_labels()[0]:
        axes.legend(loc="best")
    return figure
