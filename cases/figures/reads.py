"""Figure of the resistances that a protocol reads."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitmodels.cases.figures.style import COLOURS, LABELLED, in_ohms, shades, subplots
from mitmodels.solvers.runs.reading import Run


def reads(run: Run) -> Figure | None:
    """Resistance over the number of the read, for each value at which the protocol reads."""
    if not (run.path / "reads.csv").exists():
        return None
    table = run.table("reads")
    table = table[np.isfinite(table["R [ohm]"])]
    if not len(table):
        return None
    figure, axes = subplots(figsize=LABELLED)
    groups = list(table.groupby("read_at", sort=False))
    for (value, group), colour in zip(groups, shades("viridis", len(groups)), strict=True):
        number = np.arange(1, len(group) + 1)
        axes.semilogy(number, group["R [ohm]"], "o-", color=colour, lw=1.0, ms=4, label=value)
    leakage = run.summary.get("R_leakage", {}).get("value")
    if leakage:
        axes.axhline(leakage, color=COLOURS["faint"], ls="--", lw=1.0, label="leakage")
    axes.set(xlabel="number of the read", ylabel="resistance")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(in_ohms)
    if len(groups) > 1 or leakage:
        axes.legend()
    return figure
