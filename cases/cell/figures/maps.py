"""Cross-sections of a cell: outlines, maps at several currents, and the growth animated."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from mitmodels.cases.cell.outlines import Array, mirrored, read_outlines
from mitmodels.cases.figures.stored_states import Stored, stored_states
from mitmodels.cases.figures.style import (
    BESIDE,
    LABELLED,
    SHADES,
    get_cmap,
    in_amperes,
    scale_bar,
    shades,
    subplots,
    write_animation,
)
from mitmodels.cases.papers import buttberg2025
from mitmodels.solvers.runs.reading import Run

_PANELS = 5
_COLD = (0.1, 0.3, 0.5, 0.7, 0.9)  # heights over the oxide's of frames without stored fields
_CROSS_SECTION: dict[str, Any] = {
    "xlabel": "radius (nm)",
    "ylabel": "height (nm)",
    "aspect": "equal",
}


def outline_figure(outlines: Mapping[str, Array], title: str = "") -> Figure:
    """Draw outlines [nm], each in its colour, with their labels in a legend."""
    figure, axes = subplots(figsize=LABELLED)
    colours = shades("viridis", len(outlines), 0.9)
    for (label, outline), colour in zip(outlines.items(), colours, strict=True):
        axes.plot(*mirrored(outline).T, color=colour, lw=1.2, label=label)
    axes.set(**_CROSS_SECTION, ylim=(0, None))
    if outlines:
        axes.legend(fontsize=8, title=title, **BESIDE)
    return figure


def temperature_maps(run: Run) -> Figure | None:
    """Draw stored states on the way to the hottest, evenly in temperature; None without fields.

    A state at the current for which the paper quotes a temperature is among them.
    """
    states = stored_states(run)
    if not states:
        return None
    hottest, currents = (
        np.array([state.row[name] for state in states]) for name in ("T_max [K]", "I [A]")
    )
    ambient = run.si("heat", "ambient")  # at which a map is black
    levels = np.linspace(ambient, hottest.max(), _PANELS + 1)[1:]
    rising = hottest[: hottest.argmax() + 1]
    chosen = {int(np.abs(rising - level).argmin()) for level in levels}
    quoted = np.isclose(currents, buttberg2025.I_HOT, rtol=1e-3) & buttberg2025.is_device(run)
    shown = sorted(chosen | set(np.flatnonzero(quoted).tolist()))
    outlines, norm = read_outlines(run), _norm(run, float(hottest.max()))
    size = (2.3 * len(shown) + 1.0, 2.9)
    figure, axes = subplots(
        1, len(shown), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    for panel, number in zip(axes[0], shown, strict=True):
        row = states[number].row
        _draw_temperature(panel, states[number].read(), outlines[_number(states[number])], norm)
        panel.set(**_window(run, outlines))
        title = f"{_rounded(row['I [A]'])}: {row['T_max [K]']:.0f} K"
        panel.set(title=title, xlabel="radius (nm)")
        if quoted[number]:
            said = f"paper: {buttberg2025.T_HOT:g} K"
            panel.text(0.5, 0.03, said, transform=panel.transAxes, ha="center", c="w")
    axes[0, 0].set_ylabel("height (nm)")
    scale_bar(axes[0].tolist(), norm, "inferno", "temperature (K)", aspect=15)
    return figure


def voltage_drop(run: Run, current: float) -> Figure | None:
    """Draw the potential of the metal at the first stored state from a current on [A]."""
    states = [state for state in stored_states(run) if state.row["I [A]"] >= 0.999 * current]
    if not states:
        return None
    data, row = states[0].read().point_data_to_cell_data(), states[0].row
    figure, axes = subplots(figsize=LABELLED, layout="constrained")
    metal = np.asarray(data.cell_data["region"]).round() <= 1  # counter electrode and filament
    millivolts = np.asarray(data.cell_data["potential [V]"])[metal] * 1e3
    norm = Normalize(0.0, float(millivolts.max()))
    axes.tripcolor(_triangles(data, metal), millivolts, norm=norm, cmap="viridis")
    outlines = read_outlines(run)
    axes.plot(*mirrored(outlines[_number(states[0])]).T, color="k", lw=0.8)
    axes.set(**_CROSS_SECTION)
    axes.set(**_window(run, outlines, margin=0.3))
    axes.set_title(f"at {_rounded(row['I [A]'])}", fontsize=9)
    scale_bar(axes, norm, "viridis", "potential of the metal (mV)")
    return figure


def growth(run: Run, path: Path) -> Path | None:
    """Write the growth with its temperature as a GIF; None without stored fields.

    Before the first stored field the current is too small to warm anything: there the filament is
    shown at the ambient temperature.
    """
    iv, outlines, states = run.iv, read_outlines(run), stored_states(run)
    if not states:
        return None
    stored = [(_number(state), state) for state in states]
    tips = iv["tip_height [m]"].to_numpy() * 1e9
    levels = [fraction * run.si("geometry", "oxide") * 1e9 for fraction in _COLD]
    cold = {0, *(int(np.argmax(tips >= level)) for level in levels if tips.max() >= level)}
    frames = [*((row, None) for row in sorted(cold) if row < stored[0][0]), *stored]
    norm = _norm(run, float(iv["T_max [K]"].max()))
    figure, axes = subplots(figsize=LABELLED, layout="constrained")
    scale_bar(axes, norm, "inferno", "temperature (K)")

    def show(number: int) -> None:
        row, state = frames[number]
        axes.clear()
        _draw_temperature(axes, state and state.read(), outlines[row], norm)
        axes.set(**_window(run, outlines))
        now = iv.iloc[row]
        current = _rounded(now["I [A]"]) if now["I [A]"] > 1e-12 else "below 1 pA"
        axes.set(xlabel="radius (nm)", ylabel="height (nm)")
        axes.set_title(f"{now['t [s]']:.4f} s, {now['V_source [V]']:.3f} V, {current}")

    return write_animation(figure, show, len(frames), ["inferno"], path)


def _draw_temperature(axes: Axes, data: pv.DataSet | None, outline: Array, norm: Normalize) -> None:
    if data is not None:
        temperature = np.asarray(data.point_data["temperature [K]"])
        levels = np.linspace(norm.vmin or 0.0, norm.vmax or 1.0, SHADES + 1)
        axes.tricontourf(_triangles(data), temperature, levels, cmap="inferno", extend="both")
    else:
        axes.set_facecolor(get_cmap("inferno")(0.0))
    axes.plot(*mirrored(outline).T, color="w", lw=1.0)
    axes.axhline(0.0, color="w", lw=0.6, ls=":")
    axes.set_aspect("equal")


def _window(run: Run, outlines: list[Array], margin: float = 0.6) -> dict[str, Any]:
    """Limits of a cross-section [nm]: the oxide, a fraction of it below and above, all outlines."""
    oxide = run.si("geometry", "oxide") * 1e9
    widest = max(float(outline[:, 0].max()) for outline in outlines)
    side = max(2 * margin * oxide, 1.2 * widest)
    return {"xlim": (-side, side), "ylim": (-margin * oxide, (1 + margin) * oxide)}


def _triangles(data: pv.DataSet, cells: Any = slice(None)) -> Triangulation:
    x, y = np.asarray(data.points)[:, :2].T * 1e9
    return Triangulation(x, y, next(iter(data.cells_dict.values()))[cells, :3])


def _number(state: Stored) -> int:
    """Return the row of ``iv.csv``, counted from 0."""
    return int(str(state.row.name))


def _norm(run: Run, hottest: float) -> Normalize:
    ambient = run.si("heat", "ambient")
    return Normalize(ambient, max(hottest, ambient + 1.0))


def _rounded(current: float) -> str:
    return in_amperes(float(f"{current:.3g}"))
