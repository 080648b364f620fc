"""Figures of a device that oscillates in its circuit: last periods, and phase plane."""

from collections.abc import Iterator

import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    in_amperes,
    in_seconds,
    subplots,
)
from mitmodels.solvers.runs.reading import Run

SHOWN = 4  # periods


def oscillation(run: Run) -> Iterator[tuple[str, Figure]]:
    """Yield voltages and currents over the last periods, and the phase plane; none without them."""
    if "E_stored [J]" in run.iv:
        device = next(c for c in ("V_device [V]", "V_cell [V]") if c in run.iv)
        yield "spikes", _spikes(last_periods(run, SHOWN), device)
        yield "phase", _phase(run.iv, last_periods(run, 1), device)


def last_periods(run: Run, count: int) -> pd.DataFrame:
    """Rows of ``iv.csv`` of the last periods that have ended, all of a device that settles."""
    iv, ends = run.iv, run.events.query("event == 'period'")["t [s]"].tolist()
    if len(ends) <= count:
        return iv
    return iv[iv["t [s]"].between(ends[-1 - count], ends[-1])]


def _spikes(iv: pd.DataFrame, device: str) -> Figure:
    t = iv["t [s]"] - iv["t [s]"].iloc[0]
    figure, (above, below) = subplots(2, 1, figsize=(5.6, 4.2), sharex=True, layout="constrained")
    above.plot(t, iv["V_source [V]"], color=COLOURS["faint"], label="source")
    above.plot(t, iv[device], color=COLOURS["branch"], label="device")
    below.plot(t, iv["I_source [A]"], color=COLOURS["faint"], label="source")
    below.plot(t, iv["I [A]"], color=COLOURS["branch"], label="device")
    above.set(ylabel="voltage (V)")
    below.set(ylabel="current", xlabel="time", xlim=(0, t.max()))
    below.xaxis.set_major_formatter(in_seconds)
    below.yaxis.set_major_formatter(in_amperes)
    for axes in (above, below):
        axes.legend(**BESIDE)
    return figure


def _phase(iv: pd.DataFrame, last: pd.DataFrame, device: str) -> Figure:
    """Current over voltage of the device, from the beginning, and of the last period."""
    figure, axes = subplots(figsize=LABELLED)
    for rows, colour, name in ((iv, "faint", "from rest"), (last, "branch", "last period")):
        axes.plot(rows[device], rows["I [A]"], color=COLOURS[colour], label=name, zorder=2)
    axes.set(xlabel="voltage of the device (V)", ylabel="current of the device")
    axes.yaxis.set_major_formatter(in_amperes)
    axes.legend(loc="best")
    return figure
