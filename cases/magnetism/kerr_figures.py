"""Figures of the Kerr amplitude of a film: maps, widths, profiles, and what the spot does."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from pydantic import TypeAdapter

from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, shades, subplots
from mitmodels.cases.film.laws.film import FilmLaw
from mitmodels.cases.papers import salev2021
from mitmodels.cases.papers.quoted import matches
from mitmodels.magnetism.kerr_state import LAW, SPACING, KerrState
from mitmodels.solvers.runs.reading import Run

_SPOTS = (0.0, 1e-6, 2e-6, 5e-6, 10e-6)


def transitions(run: Run) -> Figure:
    """Sheet resistance and Kerr amplitude of the film without bias, from its laws (Fig. 1a)."""
    film: Any = TypeAdapter(FilmLaw).validate_python(run.config["film"])
    thickness, ambient = run.si("geometry", "thickness"), run.si("ambient", "temperature")
    T = np.linspace(min(ambient, 50.0), 450.0, 401)
    figure, left = subplots(figsize=LABELLED)
    right = left.twinx()
    R = np.asarray(film.resistivity()(T)) / thickness
    left.plot(T, R * 1e-3, color=COLOURS["up"], label="sheet resistance")
    right.plot(T, LAW(T) / float(LAW(ambient)), color=COLOURS["faint"], label="Kerr amplitude")
    if matches(run, salev2021.DEVICE):
        squares = salev2021.LENGTH / salev2021.WIDTH
        look: dict[str, Any] = {"ls": ":", "color": COLOURS["paper"]}
        left.axhline(salev2021.R_SWITCHED / squares * 1e-3, **look)
        left.axvline(salev2021.CURIE_TEMPERATURE, label="paper: T$_c$ and resistance", **look)
    right.spines["right"].set_visible(True)
    right.set(ylabel="Kerr amplitude", ylim=(0, None))
    left.set(xlabel="temperature (K)", ylabel="sheet resistance (kΩ)", ylim=(0, None))
    figure.legend(loc="center left", bbox_to_anchor=(0, 0.5), bbox_transform=left.transAxes)
    return figure


def maps(states: list[KerrState], spot: float) -> Figure:
    """Kerr amplitude of the whole device at every voltage (Fig. 2b)."""
    columns = min(len(states), 3)
    rows = -(-len(states) // columns)
    figure, frames = subplots(
        rows, columns, figsize=(3.0 * columns, 2.0 * rows), layout="constrained", squeeze=False
    )
    for axes in frames.flat[len(states) :]:
        axes.set_axis_off()
    for axes, state in zip(frames.flat, states, strict=False):
        half = np.array(state.temperature.shape) * SPACING / 2 * 1e6
        image = axes.imshow(
            state.amplitude(spot).T,
            extent=(-half[0], half[0], -half[1], half[1]),
            origin="lower",
            cmap="gray",
            vmin=0.0,
            vmax=1.0,
        )
        axes.set_title(state.label, fontsize="medium")
    for axes in frames[:, 0]:
        axes.set_ylabel("y (µm)")
    for axes in frames[-1, :]:
        axes.set_xlabel("x (µm)")
    figure.colorbar(image, ax=frames.ravel().tolist(), label="Kerr amplitude\n(unbiased film = 1)")
    return figure


def widths(
    states: Sequence[KerrState],
    nucleated: KerrState | None,
    spot: float,
    quoted: Sequence[tuple[float, float]],
) -> Figure:
    """Barrier width against voltage, above T_c and as the spot sees it (inset of Fig. 2b).

    Dotted is the jump at which the barrier nucleates.
    """
    figure, axes = subplots(figsize=LABELLED)
    jump = nucleated.voltage if nucleated else np.inf
    before = [state for state in states if state.voltage < jump]
    behind = [*([nucleated] if nucleated else ()), *(s for s in states if s.voltage >= jump)]
    seen = f"{spot * 1e6:g} µm spot"
    looks = ("o-", "branch", "above $T_c$"), ("s--", "up", f"half depth, {seen}")
    for i, (style, colour, label) in enumerate((*looks, ("^:", "down", f"below half, {seen}"))):
        look = {"color": COLOURS[colour]}
        for part, name in ((before, label), (behind, None)):
            d = [_widths(state, spot)[i] for state in part]
            axes.plot([state.voltage for state in part], d, style, label=name, **look)
        if before and behind:
            ends = [_widths(state, spot)[i] for state in (before[-1], behind[0])]
            axes.plot([jump, jump], ends, ":", lw=0.8, **look)
    if quoted:
        voltages, quoted_widths = np.transpose(quoted)
        label, colour = salev2021.NAME, COLOURS["paper"]
        axes.plot(voltages, quoted_widths * 1e6, "*", ms=10, color=colour, label=label)
    axes.set(xlabel="source voltage (V)", ylabel="barrier width (µm)", ylim=(0, None))
    axes.legend(loc="upper left", fontsize="small")
    return figure


def _widths(state: KerrState, spot: float) -> tuple[float, float, float]:
    """Length above T_c, at half depth, below half the amplitude without bias [um]."""
    return state.above * 1e6, state.width(spot) * 1e6, state.dark(spot) * 1e6


def profiles(states: list[KerrState], spot: float) -> Figure:
    """Kerr amplitude along the mid-line (cut through the map of Fig. 2c)."""
    figure, axes = subplots(figsize=LABELLED)
    for state, colour in zip(states, shades("plasma", len(states)), strict=True):
        kerr = state.amplitude(spot)
        whole = kerr[:, kerr.shape[1] // 2]
        x = (np.arange(whole.size) - (whole.size - 1) / 2) * SPACING * 1e6
        axes.plot(x, whole, color=colour, label=state.label, linewidth=1.2)
    axes.set(xlabel="position along the channel (µm)", ylabel="Kerr amplitude (unbiased film = 1)")
    axes.legend(**BESIDE)
    return figure


def spots(states: list[KerrState]) -> Figure:
    """Apparent width at half depth over the length above T_c, for several spots."""
    figure, axes = subplots(figsize=LABELLED)
    switched = [state for state in states if state.above > 0]
    width_at = {spot: [1e6 * state.width(spot) for state in switched] for spot in _SPOTS}
    above = [1e6 * state.above for state in switched]
    colours = shades("viridis", len(_SPOTS))
    for (spot, found), colour in zip(width_at.items(), colours, strict=True):
        axes.plot(above, found, "o-", color=colour, label=f"{spot * 1e6:g} µm", ms=4)
    diagonal = [0.0, max(above, default=0.0)]
    axes.plot(diagonal, diagonal, color=COLOURS["faint"], linestyle=":", label="1:1")
    axes.set(xlabel="length above $T_c$ (µm)", ylabel="apparent width (µm)")
    axes.legend(title="spot", loc="upper left")
    return figure
