"""Figure of a cell's compact model beside the field solution: runs, and a pair back to back."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mitmodels.cases.compact.cell.checks import CellChecks
from mitmodels.cases.figures.style import COLOURS, in_amperes, in_seconds, subplots
from mitmodels.cell.observables import MEASURABLE


def draw(found: CellChecks) -> Figure:
    """Draw every run in a column, currents above and temperatures below; last the pair's loop."""
    columns = len(found.runs) + 1
    size = (1.0 + min(3.0, 20.0 / columns) * columns, 5.6)
    figure, axes = subplots(2, columns, figsize=size, layout="constrained", squeeze=False)
    for (above, below), run in zip(axes.T, found.runs, strict=False):
        above.set_title(run.name, loc="left", fontsize="medium")
        for trace, colour, width, label in (
            (run.field, "faint", 3, "field solution"),
            (run.model, "up", 1, "ngspice"),
        ):
            on = abs(trace.current) > MEASURABLE
            above.semilogy(
                trace.time[on], abs(trace.current[on]), color=COLOURS[colour], lw=width, label=label
            )
            below.plot(trace.time, trace.hottest, color=COLOURS[colour], lw=width)
        above.yaxis.set_major_formatter(in_amperes)
        for each in (above, below):
            each.xaxis.set_major_formatter(in_seconds)
            each.xaxis.set_major_locator(MaxNLocator(3))
        below.set_xlabel("time")
    axes[0, 0].legend(loc="best")
    axes[0, 0].set_ylabel("magnitude of the current")
    axes[1, 0].set_ylabel("hottest temperature (K)")
    above, below = axes[:, -1]
    above.set_title("anti-serial pair", loc="left", fontsize="medium")
    above.plot(found.pair.source, found.pair.current, color=COLOURS["up"], lw=1)
    above.yaxis.set_major_formatter(in_amperes)
    above.set_xlabel("source (V)")
    below.set_visible(False)
    return figure
