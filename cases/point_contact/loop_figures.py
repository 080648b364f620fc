"""Figures 1b, 2a, 2b, 3a and 3b of Miranda and Sune 2024, exact beside the printed formulas."""

from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.config.document import load_config
from mitmodels.cases.figures.style import COLOURS, LABELLED, get_cmap, save, styled, subplots
from mitmodels.cases.point_contact.loop import Config, Loop
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.point_contact.memory_state import MemoryState
from mitmodels.solvers.runs.reading import Run

_RATIOS = (0.05, 0.5, 1.0, 2.0, 3.0)  # gap over radius
_VOLTAGES = (0.3, 0.4, 0.5)  # [V]
_EXACT: dict[str, Any] = {"linestyle": "-"}
_PRINTED: dict[str, Any] = {"linestyle": "--", "linewidth": 1.1}


def plot(run: Run) -> list[Path]:
    """Draw the five figures from the run folder; return the files, in ``figures``."""
    config = load_config(run.path / "config.resolved.toml", (), Config)
    iv = run.iv
    columns = {str(name).partition(" ")[0]: iv[name].to_numpy() for name in iv}
    loop, folder = Loop(**columns), run.path / "figures"
    with styled():
        return [
            save(currents(config), folder / "fig_1b_currents.png"),
            save(transparency(config.memory_state()), folder / "fig_2a_transparency.png"),
            save(hysteresis(loop), folder / "fig_2b_hysteresis.png"),
            save(asymmetry(loop), folder / "fig_3a_power_difference.png"),
            save(temperatures(loop), folder / "fig_3b_temperatures.png"),
        ]


def currents(config: Config) -> Figure:
    """I-V curves for several gaps over the radius, log-log (Fig. 1b)."""
    figure, axes = subplots(figsize=LABELLED)
    V = np.geomspace(1e-2, 10, 300)
    colours = get_cmap("viridis")(np.linspace(0.0, 0.85, len(_RATIOS)))
    for ratio, colour in zip(_RATIOS, colours, strict=True):
        contact = config.point_contact(ratio * float(config.contact.radius))
        axes.loglog(V, contact.current(V), color=colour, label=f"{ratio:g}", **_EXACT)
        axes.loglog(V, contact.current_tunnelling(V), color=colour, **_PRINTED)
    for share, text in ((1.0, "$G_0V$"), (0.5, "$G_0V/2$")):
        axes.loglog(V, share * CONDUCTANCE_QUANTUM * V, color=COLOURS["faint"], lw=0.8, zorder=0)
        start = share * CONDUCTANCE_QUANTUM * V[0]
        axes.text(
            V[0] * 0.95, start * (1.3 if share == 1.0 else 0.75), text, ha="right", va="center"
        )
    axes.set(xlabel="voltage (V)", ylabel="current (A)", ylim=(1e-10, 3e-3), xlim=(2e-3, 10))
    legend = axes.legend(title="gap / radius", loc="lower right")
    axes.add_artist(legend)
    _exact_and_printed(axes, "Eq. 8", "upper left")
    return figure


def transparency(state: MemoryState) -> Figure:
    """Mean fraction of conducting particles at constant voltage (Fig. 2a)."""
    figure, axes = subplots(figsize=LABELLED)
    slowest = 1 / float(state.rates(_VOLTAGES[0])[0])
    t = np.linspace(0, 2 * slowest, 400)
    for V in _VOLTAGES:
        strength = 0.35 + 0.65 * (V - _VOLTAGES[0]) / (_VOLTAGES[-1] - _VOLTAGES[0])
        for sign, start, colour in ((1, 0.0, COLOURS["up"]), (-1, 1.0, COLOURS["down"])):
            rho = state.transparency(t, sign * V, start)
            axes.plot(t, rho, color=colour, alpha=strength, label=f"{sign * V:+.1f} V")
    axes.set(xlabel="time (s)", ylabel="transparency", xlim=(0, t[-1]), ylim=(-0.02, 1.02))
    axes.legend(loc="center right", ncols=1)
    return figure


def hysteresis(loop: Loop) -> Figure:
    """Current and gap against voltage over all periods (Fig. 2b)."""
    figure, (upper, lower) = subplots(
        2, 1, figsize=(5.2, 5.4), sharex=True, height_ratios=(2, 1), layout="constrained"
    )
    upper.plot(loop.V, loop.I * 1e6, color=COLOURS["branch"], **_EXACT)
    upper.plot(loop.V, loop.I_tunnelling * 1e6, color=COLOURS["paper"], **_PRINTED)
    upper.set_ylabel("current (µA)")
    _exact_and_printed(upper, "Eq. 8", "upper left")
    lower.plot(loop.V, loop.gap * 1e9, color=COLOURS["branch"])
    lower.set(xlabel="voltage (V)", ylabel="gap (nm)", ylim=(0, None))
    _arrows(lower, loop)
    return figure


def _arrows(axes: Axes, loop: Loop) -> None:
    """Sense of the loop, four times in the second half of the time."""
    start, samples = loop.t.size // 2, loop.t.size // 2
    reach = max(samples // 130, 1)
    for at in (0.14, 0.36, 0.64, 0.86):
        i = start + int(at * samples)
        axes.annotate(
            "",
            xy=(loop.V[i + reach], loop.gap[i + reach] * 1e9),
            xytext=(loop.V[i - reach], loop.gap[i - reach] * 1e9),
            arrowprops={"arrowstyle": "-|>", "color": COLOURS["branch"]},
        )


def asymmetry(loop: Loop) -> Figure:
    """Power in the drain minus that in the source against voltage (Fig. 3a)."""
    figure, axes = subplots(figsize=LABELLED)
    axes.plot(loop.V, (loop.P_R - loop.P_L) * 1e6, color=COLOURS["branch"], **_EXACT)
    printed = loop.P_R_tunnelling - loop.P_L_tunnelling
    axes.plot(loop.V, printed * 1e6, color=COLOURS["paper"], **_PRINTED)
    axes.axhline(0, color=COLOURS["faint"], lw=0.8, zorder=0)
    axes.set(xlabel="voltage (V)", ylabel="$P_R - P_L$ (µW)")
    _exact_and_printed(axes, "Eq. 22, prefactor corrected", "upper left")
    return figure


def temperatures(loop: Loop) -> Figure:
    """Temperature of both contacts and their mean against voltage (Fig. 3b)."""
    figure, axes = subplots(figsize=LABELLED)
    axes.plot(loop.V, loop.T_L, color=COLOURS["up"], lw=1.0, label="left contact")
    axes.plot(loop.V, loop.T_R, color=COLOURS["down"], lw=1.0, label="right contact")
    mean = 0.5 * (loop.T_L + loop.T_R)
    axes.plot(loop.V, mean, color=COLOURS["branch"], label="mean, $T_0 + IV/2G_N$")
    axes.set(xlabel="voltage (V)", ylabel="temperature (K)")
    axes.legend(loc="upper center")
    return figure


def _exact_and_printed(
    axes: Axes, equation: str, place: Literal["upper left", "lower right"]
) -> None:
    exact = axes.plot([], [], color="black", label="Landauer, exact", **_EXACT)
    printed = axes.plot([], [], color="black", label=equation, **_PRINTED)
    axes.legend(handles=[*exact, *printed], loc=place)
