"""History of the benchmarks: a line per time and run, and which became longer on this machine.

Times are compared in units of five dense LU of 1400 x 1400, taken right after each: a machine that
is slower today is not a regression.
"""

import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.linalg
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import styled, subplots

COLUMNS = ("date", "commit", "machine", "benchmark", "seconds", "ratio")
_COLOURS = 10  # of matplotlib
_LONGER = 1.2  # times the last ratio, from which on it is a regression


def reference() -> float:
    """Time of five dense factorisations of the size of the half-space operator [s]."""
    matrix = np.random.default_rng(0).normal(size=(1400, 1400))
    begin = time.perf_counter()
    for _ in range(5):
        scipy.linalg.lu_factor(matrix)
    return time.perf_counter() - begin


def append(
    path: Path, run: Mapping[str, str], times: Mapping[str, tuple[float, float]]
) -> list[str]:
    """Append a run's times to the history.

    Parameters
    ----------
    path
        CSV file; it is made if it does not exist.
    run
        Date, commit and machine.
    times
        Seconds, and their ratio to the reference, of each benchmark.

    Returns
    -------
    list of str
        A sentence for each that took longer than the last time on this machine.
    """
    known = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=COLUMNS)
    rows, slower = [], []
    for name, (seconds, ratio) in times.items():
        rows.append((*run.values(), name, f"{seconds:.4g}", f"{ratio:.4g}"))
        last = known[(known["benchmark"] == name) & (known["machine"] == run["machine"])].tail(1)
        for was, commit in zip(last["ratio"], last["commit"], strict=True):
            if ratio > _LONGER * was:
                longer = f"{ratio / was:.2f} times as long"
                slower.append(f"{name}: {ratio:.4g}, {was:.4g} at {commit}: {longer}")
    path.parent.mkdir(exist_ok=True)
    pd.DataFrame(rows, columns=COLUMNS).to_csv(path, mode="a", header=known.empty, index=False)
    return slower


def draw(path: Path) -> Figure:
    """Draw all ratios over the runs, a panel per machine."""
    history = pd.read_csv(path)
    machines = history["machine"].unique()
    with styled():
        figure, axes = subplots(
            len(machines), figsize=(7, 3.5 * len(machines)), layout="constrained", squeeze=False
        )
        for panel, machine in zip(axes[:, 0], machines, strict=True):
            table = history[history["machine"] == machine].pivot_table(
                index=["date", "commit"],
                columns="benchmark",
                values="ratio",
                aggfunc="last",
                sort=False,
            )
            places = np.arange(len(table))
            for number, name in enumerate(table):  # more than there are colours
                look = ".-" if number < _COLOURS else "s--"
                panel.semilogy(places, table[name], look, label=name)
            panel.set_xticks(places, ["\n".join(run) for run in table.index], rotation=90)
            panel.set(title=machine, ylabel="time / five LU of 1400 x 1400")
            panel.legend(fontsize="small", loc="center left", bbox_to_anchor=(1, 0.5))
    return figure
