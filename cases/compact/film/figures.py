"""Figure of a film's compact model beside the field solution: sweeps, runs in time, errors."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.compact.comparison import Compared
from mitmodels.cases.compact.film.checks import FilmChecks, Sweep
from mitmodels.cases.compact.film.states import BranchStates
from mitmodels.cases.figures.style import COLOURS, in_amperes, in_seconds, subplots


def draw(found: FilmChecks, states: BranchStates) -> Figure:
    """Draw what was compared, a column each: currents above, temperatures below."""
    columns = len(found.sweeps) + len(found.runs)
    size = (1.0 + 3.4 * columns, 6.2)
    figure, axes = subplots(2, columns, figsize=size, layout="constrained", squeeze=False)
    for (above, below), sweep in zip(axes.T, found.sweeps, strict=False):
        _sweep(above, below, sweep, states)
    for (above, below), run in zip(axes.T[len(found.sweeps) :], found.runs, strict=True):
        _run(above, below, run)
    axes[0, 0].legend(loc="best")
    axes[0, 0].set_ylabel("current" if found.sweeps[0].by_voltage else "voltage (V)")
    axes[1, 0].set_ylabel("hottest temperature (K)")
    return figure


def _sweep(above: Axes, below: Axes, sweep: Sweep, states: BranchStates) -> None:
    title = f"behind {sweep.load:g} ohm" if sweep.load else "sweep of the source"
    above.set_title(title, loc="left", fontsize="medium")
    for axes, field, model in (
        (above, sweep.answer, sweep.found),
        (below, states.hottest, sweep.trace.hottest),
    ):
        axes.plot(sweep.drive, field, color=COLOURS["faint"], lw=3, label="field solution")
        axes.plot(sweep.trace.source, model, color=COLOURS["up"], lw=1, label="ngspice")
        axes.set_xlim(0, float(sweep.drive.max()))
        if not sweep.by_voltage:
            axes.xaxis.set_major_formatter(in_amperes)
    if sweep.by_voltage:
        above.yaxis.set_major_formatter(in_amperes)
    below.set_xlabel("source (V)" if sweep.by_voltage else "source")


def _run(above: Axes, below: Axes, run: Compared) -> None:
    above.set_title(run.name, loc="left", fontsize="medium")
    for trace, colour, width in ((run.field, "faint", 3), (run.model, "up", 1)):
        above.plot(trace.time, trace.current, color=COLOURS[colour], lw=width)
        below.plot(trace.time, trace.hottest, color=COLOURS[colour], lw=width)
    above.yaxis.set_major_formatter(in_amperes)
    for axes in (above, below):
        axes.xaxis.set_major_formatter(in_seconds)
    below.set_xlabel("time")
