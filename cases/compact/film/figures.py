"""Figure of a film's compact model beside the field solution: sweeps, runs in time, errors."""

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.compact.film.checks import FilmChecks, Sweep
from mitmodels.cases.compact.film.runs import Compared
from mitmodels.cases.compact.film.states import BranchStates
from mitmodels.cases.figures.style import COLOURS, in_amperes, in_seconds, subplots


def draw(found: FilmChecks, states: BranchStates) -> Figure:
    """Draw what was compared, a column each: currents above, temperatures below."""
    columns = len(found.sweeps) + len(found.runs)
    size = (1.0 + 3.4 * columns, 6.2)
    figure, axes = subplots(2, columns, figsize=size, layout="constrained", squeeze=False)
    for column, sweep in zip(axes.T, found.sweeps, strict=False):
        _sweep(column, sweep, states)
    for column, run in zip(axes.T[len(found.sweeps) :], found.runs, strict=True):
        _run(column, run)
    axes[0, 0].legend(loc="best")
    axes[0, 0].set_ylabel("current")
    axes[1, 0].set_ylabel("hottest temperature (K)")
    return figure


def _sweep(
    column: "np.ndarray[tuple[int], np.dtype[np.object_]]", sweep: Sweep, states: BranchStates
) -> None:
    above, below = column
    title = f"behind {sweep.load:g} ohm" if sweep.load else "sweep"
    above.set_title(title, loc="left", fontsize="medium")
    for axes, field, model in (
        (above, states.current, sweep.trace.current),
        (below, states.hottest, sweep.trace.hottest),
    ):
        axes.plot(sweep.drive, field, color=COLOURS["faint"], lw=3, label="field solution")
        axes.plot(sweep.trace.source, model, color=COLOURS["up"], lw=1, label="ngspice")
    above.yaxis.set_major_formatter(in_amperes)
    below.set_xlabel("source (V or A)")


def _run(column: "np.ndarray[tuple[int], np.dtype[np.object_]]", run: Compared) -> None:
    above, below = column
    above.set_title(run.name, loc="left", fontsize="medium")
    for trace, look in (
        (run.field, {"color": COLOURS["faint"], "lw": 3}),
        (run.model, {"color": COLOURS["up"], "lw": 1}),
    ):
        above.plot(trace.time, trace.current, **look)
        below.plot(trace.time, trace.hottest, **look)
    above.yaxis.set_major_formatter(in_amperes)
    below.xaxis.set_major_formatter(in_seconds)
    below.set_xlabel("time")
