"""Figures of films that oscillate in their circuit: last periods, phase plane, map of a sweep."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    save,
    styled,
    subplots,
)
from mitmodels.cases.runs.oscillation import REGIMES
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.reading import Run

SHOWN = 4  # periods
_LOOKS = dict(zip(REGIMES, (("o", "faint"), ("s", "branch"), ("^", "up")), strict=True))


def last_periods(run: Run, count: int) -> pd.DataFrame:
    """Rows of ``iv.csv`` of the last periods that have ended, all of a film that settles."""
    iv, ends = run.iv, run.events.query("event == 'period'")["t [s]"].tolist()
    if len(ends) <= count:
        return iv
    return iv[iv["t [s]"].between(ends[-1 - count], ends[-1])]


def draw_oscillation(run: Run) -> list[Figure]:
    """Draw voltages and currents over the last periods, and the phase plane of the last one."""
    return [_spikes(last_periods(run, SHOWN)), _phase(run.iv, last_periods(run, 1))]


def _spikes(iv: pd.DataFrame) -> Figure:
    t = (iv["t [s]"] - iv["t [s]"].iloc[0]) * 1e6
    figure, (above, below) = subplots(2, 1, figsize=(5.6, 4.2), sharex=True, layout="constrained")
    above.plot(t, iv["V_source [V]"], color=COLOURS["faint"], label="source")
    above.plot(t, iv["V_device [V]"], color=COLOURS["branch"], label="device")
    below.plot(t, iv["I_source [A]"] * 1e3, color=COLOURS["faint"], label="source")
    below.plot(t, iv["I [A]"] * 1e3, color=COLOURS["branch"], label="device")
    above.set(ylabel="voltage (V)")
    below.set(ylabel="current (mA)", xlabel="time (µs)", xlim=(0, t.max()))
    for axes in (above, below):
        axes.legend(**BESIDE)
    return figure


def _phase(iv: pd.DataFrame, last: pd.DataFrame) -> Figure:
    """Current over voltage of the device, from the beginning, and of the last period."""
    figure, axes = subplots(figsize=LABELLED)
    for rows, colour, name in ((iv, "faint", "from rest"), (last, "branch", "last period")):
        axes.plot(
            rows["V_device [V]"], rows["I [A]"] * 1e3, color=COLOURS[colour], label=name, zorder=2
        )
    axes.set(xlabel="voltage of the device (V)", ylabel="current of the device (mA)")
    axes.legend(loc="best")
    return figure


def plot_map(folder: SweepFolder) -> list[Path]:
    """Draw where a film rests, oscillates or stays switched over the keys of a sweep.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if there are not one or two keys with numbers, or no film is
        in a circuit that stores energy.
    """
    keys = [key for axis in folder.record["axes"] for key in axis["keys"]]
    rows = completed(folder)
    columns = [c for key in keys for c in rows.columns if c.partition(" [")[0] == key]
    numeric = all(pd.api.types.is_numeric_dtype(rows[column]) for column in columns)
    if len(columns) not in (1, 2) or not numeric or "regime" not in rows:
        return []
    with styled():
        return [save(_map(rows, columns), folder.figures / "regimes.png")]


def _map(rows: pd.DataFrame, columns: list[str]) -> Figure:
    """Regimes over two keys with the frequency in colours, or the frequency over one."""
    figure, axes = subplots(figsize=(6.4, 4.2), layout="constrained")
    x, kHz = columns[0], rows["frequency [Hz]"].astype(float) / 1e3
    y = rows[columns[1]] if len(columns) == 2 else kHz.fillna(0.0)
    for regime, (marker, colour) in _LOOKS.items():
        here = rows["regime"] == regime
        coloured = regime == REGIMES[1] and len(columns) == 2 and here.any()
        values = kHz[here] if coloured else COLOURS[colour]
        points = axes.scatter(rows[x][here], y[here], c=values, marker=marker, s=60, label=regime)
        if coloured:
            figure.colorbar(points, ax=axes, label="frequency (kHz)")
    open_ended = ~rows["regime"].isin(REGIMES)
    if np.any(open_ended):
        axes.plot(rows[x][open_ended], y[open_ended], "x", color="k", label="not settled")
    axes.set(xlabel=x, ylabel=columns[1] if len(columns) == 2 else "frequency (kHz)")
    figure.legend(loc="outside upper center", ncols=4)
    return figure
