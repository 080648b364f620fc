"""Figure of a filament as a tunnel gap and as a point contact."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.point_contact.filament import COPPER_ATOM, COPPER_BAND_DEPTH, ContactHistory
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.point_contact.qpc import MultiChannel

_WIDEST = 1e-9  # gap [m] beyond which nothing of the three laws is of use
_THINNEST = 0.1e-9  # [m] thinner necks have no open subband


def draw(history: ContactHistory, path: Path) -> Path:
    """Draw the conductances over the gap, and the steps over the radius of the neck."""
    with styled():
        figure, (laws, steps) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
        _laws(laws, history)
        _steps(steps, history)
        return save(figure, path)


def _laws(axes: Axes, history: ContactHistory) -> None:
    near = history.gap <= _WIDEST
    gap = history.gap[near] * 1e9
    for values, label, colour in (
        (history.sharvin, "Sharvin: wide metal neck", "paper"),
        (history.conductance, "Landauer: neck of this radius", "down"),
        (history.simmons, "Simmons: tip behind oxide", "up"),
        (history.cell, "cell of the run", "branch"),
    ):
        if np.isfinite(values[near]).any():
            drawn = np.abs(values[near])
            axes.semilogy(gap, drawn, ".", ms=3, color=COLOURS[colour], label=label)
    atom = COPPER_ATOM * 1e9
    axes.axvspan(0, atom, color=COLOURS["down"], alpha=0.1, lw=0)
    axes.axvspan(atom, _WIDEST * 1e9, color=COLOURS["up"], alpha=0.06, lw=0)
    for text, side in (("tunnelling ", "right"), (" contact", "left")):
        axes.text(atom, 1.01, text, ha=side, transform=axes.get_xaxis_transform())
    axes.set(xlabel="gap (nm)", ylabel="conductance (2e²/h)", xlim=(_WIDEST * 1e9, 0))
    if axes.get_legend_handles_labels()[0]:
        below = (0.5, -0.16)
        axes.legend(loc="upper center", bbox_to_anchor=below, ncols=2, fontsize=8, markerscale=3)
    else:
        words = f"the gap stays above {_WIDEST * 1e9:g} nm"
        axes.text(0.5, 0.5, words, ha="center", transform=axes.transAxes)


def _steps(axes: Axes, history: ContactHistory) -> None:
    largest = max(float(history.radius.max()), 2 * _THINNEST)
    radii = np.linspace(_THINNEST, min(largest, 1e-9), 400)
    for length, style in ((3.0, "-"), (1.0, "--")):
        G = [float(MultiChannel(R, length * R, COPPER_BAND_DEPTH).conductance()) for R in radii]
        label = f"length {length:g} times the radius"
        quanta = np.array(G) / CONDUCTANCE_QUANTUM
        axes.plot(radii * 1e9, quanta, style, color=COLOURS["down"], lw=1.2, label=label)
    axes.set(xlabel="radius of the neck (nm)", ylabel="Landauer conductance (2e²/h)")
    axes.grid(axis="y", alpha=0.3)
    axes.legend(fontsize=8)
