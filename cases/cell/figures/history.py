"""Figures of a cell in time: voltage, current, gap and temperature."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitmodels.cases.figures.style import BESIDE, COLOURS, in_amperes, in_seconds, subplots
from mitmodels.cell.observables import MEASURABLE
from mitmodels.solvers.runs.reading import Run

WARM = 1.0  # [K] rise of the temperature that is worth an axis


def steps(run: Run) -> set[str]:
    """Return the kinds of steps in the protocol, ``"ramp"`` or others."""
    return set(_kinds(run.config["protocol"]))


def _kinds(entries: list[dict[str, Any]]) -> Iterator[str]:
    for entry in entries:
        yield entry["step"]
        yield from _kinds(entry.get("steps", []))


def history(run: Run) -> Figure:
    """Voltage, current, gap and largest temperature against time; what is not there is left out."""
    iv = run.iv
    t, size = iv["t [s]"], iv["I [A]"].abs()
    panels = ["V", "I", "gap", "T"]
    if not (size > MEASURABLE).any():
        panels.remove("I")
    if np.ptp(iv["T_max [K]"]) < WARM:
        panels.remove("T")
    figure, rows = subplots(
        len(panels), 1, figsize=(5.6, 1.6 * len(panels) + 0.4), sharex=True, layout="constrained"
    )
    axes: dict[str, Axes] = dict(zip(panels, rows, strict=True))
    axes["V"].plot(t, iv["V_source [V]"], color=COLOURS["faint"], label="source")
    axes["V"].plot(t, iv["V_cell [V]"], "--", color=COLOURS["branch"], lw=1.0, label="cell")
    axes["V"].set_ylabel("voltage (V)")
    axes["gap"].plot(t, iv["gap [m]"] * 1e9, color=COLOURS["branch"])
    axes["gap"].set(ylabel="smallest gap (nm)", ylim=(0, None))
    if "I" in axes:
        _draw_current(axes["I"], run)
    if "T" in axes:
        axes["T"].plot(t, iv["T_max [K]"], color=COLOURS["branch"])
        axes["T"].set_ylabel("largest temperature (K)")
    for panel in rows:
        if panel.get_legend_handles_labels()[0]:
            panel.legend(**BESIDE)
    rows[-1].set_xlabel("time")
    rows[-1].xaxis.set_major_locator(MaxNLocator(6))
    rows[-1].xaxis.set_major_formatter(in_seconds)
    figure.align_ylabels()
    return figure


def _draw_current(axes: Axes, run: Run) -> None:
    iv = run.iv
    size = iv["I [A]"].abs()
    axes.semilogy(iv["t [s]"], size.where(size > MEASURABLE), color=COLOURS["branch"])
    axes.set_ylabel("current")
    axes.yaxis.set_major_formatter(in_amperes)
    if (run.path / "reads.csv").exists():
        read = run.table("reads")
        read = read[read["I [A]"].abs() > MEASURABLE]
        if len(read):
            axes.plot(
                read["t [s]"], read["I [A]"].abs(), "o", color=COLOURS["up"], ms=4, label="read"
            )
