"""Figure of the resistances that a protocol reads."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter

from mitmodels.cases.figures.style import COLOURS, LABELLED, in_ohms, shades, subplots
from mitmodels.solvers.runs.reading import Run

_LARGEST = 1e15  # [ohm] a volt over a femtoampere


def reads(run: Run) -> Figure | None:
    """Resistance over the number of the read, for each value at which the protocol reads.

    Triangles are above what can be measured; None if nothing is below.
    """
    if not (run.path / "reads.csv").exists():
        return None
    table = run.table("reads")
    if not (table["R [ohm]"] < _LARGEST).any():
        return None
    figure, axes = subplots(figsize=LABELLED)
    groups = list(table.groupby("read_at", sort=False))
    for (value, group), colour in zip(groups, shades("viridis", len(groups)), strict=True):
        number, R = np.arange(1, len(group) + 1), group["R [ohm]"].to_numpy()
        seen = R < _LARGEST
        curve = np.where(seen, R, np.nan)
        axes.semilogy(number, curve, "o-", color=colour, lw=1.0, ms=4, label=value)
        if not seen.all():
            beyond = number[~seen]
            axes.semilogy(beyond, np.full(len(beyond), _LARGEST), "^", color=colour, mfc="w", ms=5)
    leakage = run.summary.get("R_leakage", {}).get("value")
    if leakage:
        axes.axhline(leakage, color=COLOURS["faint"], ls="--", lw=1.0, label="leakage")
    heights = np.concatenate([np.asarray(line.get_ydata(), dtype=float) for line in axes.lines])
    around = np.nanmin(heights) / 2, np.nanmax(heights) * 2  # never less than half a decade
    axes.set(xlabel="number of the read", ylabel="resistance", ylim=around)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter(in_ohms)
    within = around[1] < 10 * around[0]  # perhaps without a power of ten
    axes.yaxis.set_minor_formatter(in_ohms if within else NullFormatter())
    if len(groups) > 1 or leakage:
        axes.legend()
    return figure
