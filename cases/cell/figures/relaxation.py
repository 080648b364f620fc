"""Figures of relaxation: outlines and gap in time, lifetimes over the radius."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from mitmodels.cases.cell.figures.maps import outline_figure
from mitmodels.cases.cell.relaxation import History, exponent
from mitmodels.cases.figures.style import (
    COLOURS,
    LABELLED,
    get_cmap,
    in_amperes,
    scale_bar,
    subplots,
)

_LEFT = (1.0, 0.999, 0.95, 0.8, 0.6, 0.4, 0.2, 0.05)  # fractions of the volume
_OPEN, _INSULATING = 1e12, 1e15  # [ohm]
_HERRING = 4  # power of the radius in the lifetime, by diffusion along the surface


def outlines(history: History) -> Figure:
    """Outlines on the way, by what is left of the volume."""
    volume, t = history.table["volume [m3]"], history.table["t [s]"]
    rows = np.unique([int(np.argmax(volume <= left * volume[0])) for left in _LEFT])
    labels = [f"{_seconds(t[row])}, {volume[row] / volume[0]:.0%}" for row in rows]
    shown = dict(zip(labels, (history.outlines[row] for row in rows), strict=True))
    return outline_figure(shown, f"after the SET at {in_amperes(history.compliance)}")


def _seconds(t: float) -> str:
    return f"{t:.2g} s" if t < 10 else f"{float(f'{t:.2g}'):.0f} s"


def gap(histories: Sequence[History]) -> Figure:
    """Gap and tunnel resistance in time."""
    figure, (width, resistance) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    norm = LogNorm(histories[0].compliance, histories[-1].compliance)
    colours = get_cmap("viridis")
    several = len(histories) > 1
    for history in histories:
        colour = colours(norm(history.compliance)) if several else COLOURS["branch"]
        table = history.table[1:]
        t = table["t [s]"]
        width.loglog(t, table["gap [m]"] * 1e9, color=colour, lw=1.2)
        resistance.loglog(t, 1e-3 * table["R_tunnel [ohm]"], color=colour, lw=1.2)
        if history.opened:
            R = 10 * history.table["R_tunnel [ohm]"][0]
            resistance.plot(history.opened, 1e-3 * R, "o", color=colour, ms=4)
    for axes in (width, resistance):
        axes.set(xlabel="time at zero bias (s)", xlim=(1e-3, None))
    width.set_ylabel("smallest gap (nm)")
    least = min(_OPEN, *(history.table["R_tunnel [ohm]"][0] for history in histories))
    resistance.set(ylabel="resistance of the gap (kΩ)", ylim=(least / 3e3, 1e-3 * _INSULATING))
    resistance.set_title("dots: ten times the resistance that the SET left", fontsize=9)
    if several:
        label = "current compliance of the SET"
        scale_bar([width, resistance], norm, "viridis", label, format=in_amperes)
    return figure


def lifetimes(histories: Sequence[History]) -> Figure:
    """Lifetimes over the mean radius, with the closed form and Herring's law."""
    figure, axes = subplots(figsize=LABELLED)
    radius = np.array([history.radius for history in histories])
    lives = np.array([history.dissolved for history in histories])
    opened = np.array([history.opened or np.nan for history in histories])
    wide = np.geomspace(0.8 * radius.min(), 1.25 * radius.max(), 40)
    lifetime = histories[0].law.lifetime
    closed = exponent(radius, np.array([lifetime(R) for R in radius]))
    axes.loglog(
        radius * 1e9,
        lives,
        "o",
        color=COLOURS["branch"],
        label=f"filament dissolved, $r^{{{exponent(radius, lives):.1f}}}$",
    )
    axes.loglog(
        radius * 1e9, opened, "s", color=COLOURS["up"], label="ten times the resistance", ms=4
    )
    label = f"hemisphere, closed form, $r^{{{closed:.1f}}}$"
    axes.loglog(wide * 1e9, [lifetime(R) for R in wide], color=COLOURS["down"], label=label)
    herring = lives[0] * (wide / radius[0]) ** _HERRING
    label = f"$r^{_HERRING}$, Herring's law of surface diffusion"
    axes.loglog(wide * 1e9, herring, ":", color=COLOURS["faint"], label=label)
    axes.set(
        xlabel="radius of the hemisphere of the same volume (nm)", ylabel="time at zero bias (s)"
    )
    axes.set_xticks(ticks := [3, 4, 5, 6, 7], [f"{tick:g}" for tick in ticks])
    axes.minorticks_off()
    axes.legend(fontsize=8, loc="upper center", bbox_to_anchor=(0.5, -0.16))
    return figure
