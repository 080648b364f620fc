"""Figures of the steady I-V curve of a film."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyvista as pv
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

from mitmodels.cases.figures.curves import smooth
from mitmodels.cases.figures.field_maps import draw_isotherm, show_map
from mitmodels.cases.figures.stored_states import read_fields
from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    mark_paper,
    save,
    scale_bar,
    shades,
    styled,
    subplots,
)
from mitmodels.cases.film.figures.small_signal import bode, critical, is_critical, nyquist
from mitmodels.cases.papers import salev2021
from mitmodels.solvers.runs.reading import Run

_STATES = ("metal", "up-fold", "nucleated", "half", "full")


def plot(run: Run) -> list[Path]:
    """Draw I-V curve, barrier widths and temperatures; return the files, in ``figures``."""
    folder = run.path / "figures"
    with styled():
        files = [save(_current(run), folder / "iv.png")]
        if (run.iv["barrier_width [m]"] > 0).any():  # on a mid-line, if the mesh has one
            files.append(save(_width(run), folder / "barrier_width.png"))
        if (run.path / "modes.csv").exists():
            files.append(save(_gains(run.table("modes")), folder / "gains.png"))
        files += _small_signals(run)
        states = [name for name in _STATES if (run.path / "fields" / f"{name}.vtu").exists()]
        return files + draw_temperatures(run, states)


def _small_signals(run: Run) -> list[Path]:
    """Impedance and critical elements of the circuit, if they were asked for."""
    folder, files = run.path / "figures", []
    if (run.path / "impedance.csv").exists() and len(impedance := run.table("impedance")):
        files.append(save(nyquist(impedance), folder / "nyquist.png"))
        files.append(save(bode(impedance), folder / "bode.png"))
    if (run.path / "hopf.csv").exists() and is_critical(hopf := run.table("hopf")):
        files.append(save(critical(run, hopf), folder / "hopf.png"))
    return files


def segments(iv: pd.DataFrame) -> list[tuple[bool, pd.DataFrame]]:
    """Pieces of the branch that are stable or not, each with the folds at its ends."""
    stable = iv["stable"].to_numpy(dtype=bool)
    edges = np.flatnonzero(np.diff(stable.astype(int)))
    pieces, begin = [], 0
    for edge in [*edges, len(iv) - 1]:
        inner = stable[min(begin + 1, len(iv) - 1)]
        end = edge if inner else edge + 1
        pieces.append((bool(inner), iv.iloc[begin : end + 1]))
        begin = end
    return pieces


def draw_branch(axes: Axes, iv: pd.DataFrame, column: str, scale: float) -> None:
    """Draw a column against V_source: computed points, and a smooth curve through them."""
    labels = {True: "stable", False: "unstable"}
    for stable, piece in segments(iv):
        x, y = piece["V_source [V]"].to_numpy(), piece[column].to_numpy() * scale
        colour = COLOURS["branch"] if stable else COLOURS["faint"]
        axes.plot(x, y, ".", color=colour, markersize=3)
        style, label = "-" if stable else "--", labels.pop(stable, None)
        axes.plot(*smooth(x, y), style, color=colour, label=label)


def _current(run: Run) -> Figure:
    """I against V_source, unstable part dashed, jumps as a voltage source shows them."""
    figure, axes = subplots(figsize=LABELLED)
    draw_branch(axes, run.iv, "I [A]", 1e3)
    for direction in ("up", "down"):
        if draw_jumps(axes, run, direction, COLOURS[direction], "-"):
            label = f"jump of the {direction} sweep"
            axes.plot([], [], color=COLOURS[direction], marker=">", label=label)
    for event, voltage in salev2021.voltages(run).items():
        mark_paper(axes, voltage, f"{event}, {voltage:g} V (paper)")
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)  # it would hide a mark
    return figure


def draw_jumps(axes: Axes, run: Run, direction: str, colour: ColorType, style: str) -> bool:
    """Draw an arrow in mA for each jump of the ``up`` or ``down`` sweep; say if there is one."""
    jumps = run.events[run.events["event"] == f"jump of the {direction} sweep"]
    points = jumps[["V_source [V]", "I [A]"]].to_numpy() * (1, 1e3)
    arrow = {"arrowstyle": "-|>", "color": colour, "shrinkA": 0, "shrinkB": 0}
    for before, after in zip(points[::2], points[1::2], strict=True):
        neck = before + 0.9 * (after - before)  # a dashed head would be a blob
        axes.plot(*zip(before, neck, strict=True), style, color=colour, lw=1.0)
        axes.annotate("", xy=after, xytext=neck, arrowprops=arrow)
    return len(jumps) > 0


def _width(run: Run) -> Figure:
    figure, axes = subplots(figsize=LABELLED)
    draw_branch(axes, run.iv, "barrier_width [m]", 1e6)
    if quoted := salev2021.barrier_widths(run):
        x, y = np.transpose(quoted)
        axes.plot(x, y * 1e6, "o", color=COLOURS["paper"], label=salev2021.NAME)
    axes.set(
        xlabel="source voltage (V)", ylabel="barrier width (µm)", xlim=(0, None), ylim=(0, None)
    )
    axes.legend(loc="upper left")
    return figure


def _gains(modes: pd.DataFrame) -> Figure:
    """Gain of the leading perturbations of a barrier against its width, by their shapes."""
    figure, axes = subplots(figsize=LABELLED)
    modes = modes[modes["barrier_width [m]"] > 0]
    across, odd = modes["across"] > 0.5, modes["parity_x"] < 0
    types = (
        ("up", "o", "odd along the current: drift", odd & ~across),
        ("branch", "s", "even: width", ~odd & ~across),
        ("down", "^", "across the current", across),
    )
    for colour, mark, label, rows in types:
        x, y = modes.loc[rows, "barrier_width [m]"] * 1e6, modes.loc[rows, "gain"]
        first = ~x.duplicated()  # of its shape, by gain
        look: dict[str, Any] = {"color": COLOURS[colour], "markersize": 4}
        axes.plot(x[first], y[first], mark, label=label, **look)
        axes.plot(x[~first], y[~first], mark, mfc="white", **look)
    axes.plot([], [], "o", color=COLOURS["faint"], mfc="white", ms=4, label="the next of a shape")
    axes.axhline(1.0, color=COLOURS["faint"], linestyle=":")
    axes.set(xlabel="barrier width (µm)", ylabel="gain (grows above 1)", xlim=(0, None))
    axes.set_ylim(0, None)
    axes.legend(**BESIDE)
    return figure


def draw_temperatures(run: Run, states: list[str]) -> list[Path]:
    """Draw profiles and maps of the temperature of stored states, if there are any."""
    meshes = {state: read_fields(run, f"{state}.vtu") for state in states}
    profiles = {state: _profile(mesh) for state, mesh in meshes.items()}
    titles = _titles(run)
    drawn = {}
    if any(np.isfinite(T).any() for _, T in profiles.values()):
        drawn["temperature_profiles"] = temperature_profiles(run, profiles, titles)
    if states:
        drawn["temperature_maps"] = temperature_maps(run, meshes, titles)
    return [save(figure, run.path / "figures" / f"{name}.png") for name, figure in drawn.items()]


def _titles(run: Run) -> dict[str, str]:
    """Names of stored states with the voltage of the source."""
    stored = run.events.query("event == 'fields'")
    rows = zip(stored["detail"], stored["V_source [V]"], strict=True)
    return {name: f"{name}, {voltage:.3g} V" for name, voltage in rows}


def _profile(mesh: pv.DataSet) -> tuple[np.ndarray, np.ndarray]:
    """Positions [m] on the line y = 0 and the temperatures [K] there, NaN beside film and pads."""
    line = mesh.sample_over_line((mesh.bounds[0], 0, 0), (mesh.bounds[1], 0, 0), resolution=800)
    T = np.where(line["vtkValidPointMask"], line["temperature [K]"], np.nan)
    return line.points[:, 0], T


def temperature_profiles(
    run: Run, profiles: dict[str, tuple[np.ndarray, np.ndarray]], titles: Mapping[str, str]
) -> Figure:
    """Temperature along the line y = 0 before and after nucleation."""
    figure, axes = subplots(figsize=LABELLED)
    for (state, (x, T)), colour in zip(
        profiles.items(), shades("plasma", len(profiles)), strict=True
    ):
        axes.plot(x * 1e6, T, color=colour, label=titles[state])
    film = run.si("geometry", "length") * 1e6 / 2
    threshold = run.si("film", "barrier_temperature")
    for side in (-film, film):
        axes.axvline(side, color=COLOURS["faint"], linewidth=0.8)
    axes.axhline(threshold, color=COLOURS["faint"], linestyle=":")
    axes.text(
        0.01, threshold, f" {threshold:g} K", va="bottom", transform=axes.get_yaxis_transform()
    )
    axes.set(xlabel="position along the channel (µm)", ylabel="temperature (K)")
    axes.margins(x=0)
    axes.legend(title="state, source", **BESIDE)
    return figure


def temperature_maps(
    run: Run, meshes: Mapping[str, pv.DataSet], titles: Mapping[str, str]
) -> Figure:
    """Temperature of the whole device with the outline of the film, one map per state.

    A dotted line is where the film turns.
    """
    threshold = run.si("film", "barrier_temperature")
    T = np.concatenate([mesh["temperature [K]"] for mesh in meshes.values()])
    limits = float(T.min()), float(T.max())
    bounds = next(iter(meshes.values())).bounds
    height = 5.0 * (bounds[3] - bounds[2]) / (bounds[1] - bounds[0]) + 0.45
    figure, rows = subplots(
        len(meshes),
        1,
        figsize=(6.4, height * len(meshes)),
        layout="constrained",
        squeeze=False,
        sharex=True,
    )
    for axes, (state, mesh) in zip(rows[:, 0], meshes.items(), strict=True):
        show_map(axes, mesh, "temperature [K]", limits)
        draw_isotherm(axes, mesh, threshold)
        axes.set_title(titles[state], loc="left", fontsize="medium")
        axes.set_ylabel("y (µm)")
        axes.label_outer()
    rows[-1, 0].set_xlabel("x (µm)")
    scale_bar(
        rows[:, 0].tolist(), Normalize(*limits), "inferno", "temperature (K)", shrink=0.8
    ).ax.axhline(threshold, color="white", linestyle=":")
    return figure
