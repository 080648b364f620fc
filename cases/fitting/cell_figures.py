"""Figure of the fit of a cell, drawn from its folder."""

from pathlib import Path

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.solvers.runs.reading import Run

_ENDS = (("start", "faint", "s--"), ("fit", "branch", "o-"))


def plot(run: Run) -> list[Path]:
    """Draw resistances and their distances; return the file, in ``figures``."""
    with styled():
        return [save(resistances(run), run.path / "figures" / "fit.png")]


def resistances(run: Run) -> Figure:
    """Resistance times compliance, which varies little; below, the distance of start and fit."""
    rows, share = run.table("resistances"), run.si("measured", "error")
    size = (LABELLED[0], 1.35 * LABELLED[1])
    figure, (above, below) = plt.subplots(
        2, 1, figsize=size, sharex=True, layout="constrained", height_ratios=(3, 1)
    )
    current = rows["I_CC [A]"]
    V = current * rows["measured [ohm]"]
    for end, colour, style in _ENDS:
        shown = {"color": COLOURS[colour], "label": end, "markersize": 4}
        above.plot(current, current * rows[f"{end} [ohm]"], style, **shown)
        below.plot(current, rows[f"distance_{end}"], style, **shown)
    above.errorbar(
        current, V, share * V, fmt="D", color=COLOURS["up"], mfc="none", capsize=3, label="data"
    )
    above.set(ylabel="resistance of the low state x compliance (V)", xscale="log")
    above.legend()
    below.axhspan(-1, 1, color=COLOURS["faint"], alpha=0.2, linewidth=0)
    below.set(xlabel="current compliance (A)", ylabel="distance\n(standard errors)")
    return figure
