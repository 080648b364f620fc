"""Figures of an I-V run, drawn from its folder."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pyvista as pv
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.typing import ColorType
from scipy.interpolate import Akima1DInterpolator

from mitmodels.cases.figures.field_maps import render
from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.solvers.runs.reading import Run

# Quoted in Salev et al. 2021 for this device and temperature; marked in figures of it only.
QUOTED_NUCLEATION = (16.0, 5.0)  # [V], [um]
QUOTED_FULL = 48.0  # [V] barrier as long as the device
_STATES = ("metal", "up-fold", "nucleated", "half", "full")
QUOTED_SIZE = (100e-6, 50e-6)  # [m]
QUOTED_TEMPERATURE = 100.0  # [K]


def plot(run: Run) -> list[Path]:
    """Draw I-V curve, temperature profiles, barrier width and temperature maps.

    Returns
    -------
    list of Path
        The files, in ``figures``.
    """
    folder = run.path / "figures"
    with styled():
        files = [
            save(_current(run), folder / "iv.png"),
            save(_width(run), folder / "barrier_width.png"),
        ]
        if (run.path / "modes.csv").exists():
            files.append(save(_gains(run.table("modes")), folder / "gains.png"))
        states = [name for name in _STATES if (run.path / "fields" / f"{name}.vtu").exists()]
        if states:
            files.append(
                save(temperature_profiles(run, states), folder / "temperature_profiles.png")
            )
            files.append(save(temperature_maps(run, states), folder / "temperature_maps.png"))
    return files


def is_quoted_device(run: Run) -> bool:
    """Whether this is the device for which the paper quotes values."""
    size = [run.si("geometry", key) for key in ("length", "width")]
    return bool(np.allclose(size, QUOTED_SIZE))


def is_quoted_run(run: Run) -> bool:
    """Whether the paper's quoted values are for this device at this temperature."""
    temperature = run.si("ambient", "temperature")
    return is_quoted_device(run) and bool(np.isclose(temperature, QUOTED_TEMPERATURE))


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


def smooth(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Akima curve through points of a curve that may fold back, by its scaled chord length."""
    steps = np.hypot(np.diff(x) / np.ptp(x), np.diff(y) / max(np.ptp(y), 1e-30))
    kept = np.concatenate([[True], steps > 0])
    length = np.concatenate([[0.0], np.cumsum(steps)])[kept]
    if len(length) < 3:
        return x, y
    fine = np.linspace(0.0, length[-1], 40 * len(length))
    curve = Akima1DInterpolator(length, np.column_stack([x, y])[kept], method="makima")(fine)
    return curve[:, 0], curve[:, 1]


def _current(run: Run) -> Figure:
    """I against V_source, unstable part dashed, jumps as a voltage source shows them."""
    figure, axes = plt.subplots(figsize=LABELLED)
    draw_branch(axes, run.iv, "I [A]", 1e3)
    for way in ("up", "down"):
        if draw_jumps(axes, run, way, COLOURS[way], "-"):
            axes.plot([], [], color=COLOURS[way], marker=">", label=f"jump of the {way} sweep")
    if is_quoted_run(run):
        _mark(axes, QUOTED_NUCLEATION[0], "barrier nucleates, 16 V (paper)")
        _mark(axes, QUOTED_FULL, "whole device, 48 V (paper)")
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)  # it would hide a mark
    return figure


def draw_jumps(axes: Axes, run: Run, way: str, colour: ColorType, style: str) -> bool:
    """Draw an arrow in mA for each jump of the ``up`` or ``down`` sweep; say if there is one."""
    jumps = run.events[run.events["event"] == f"jump of the {way} sweep"]
    places = jumps[["V_source [V]", "I [A]"]].to_numpy() * (1, 1e3)
    for before, after in zip(places[::2], places[1::2], strict=True):
        arrow = {"arrowstyle": "-|>", "color": colour, "linestyle": style}
        axes.annotate("", xy=after, xytext=before, arrowprops=arrow)
    return len(jumps) > 0


def _mark(axes: Axes, voltage: float, text: str) -> None:
    axes.axvline(voltage, color=COLOURS["paper"], linestyle=":", zorder=0)
    axes.text(
        voltage,
        0.02,
        text,
        rotation=90,
        ha="right",
        va="bottom",
        color=COLOURS["paper"],
        transform=axes.get_xaxis_transform(),
        fontsize="small",
    )


def _width(run: Run) -> Figure:
    """Barrier width against voltage with the paper's two points."""
    figure, axes = plt.subplots(figsize=LABELLED)
    draw_branch(axes, run.iv, "barrier_width [m]", 1e6)
    if is_quoted_run(run):
        length = QUOTED_SIZE[0] * 1e6
        axes.plot(
            [QUOTED_NUCLEATION[0], QUOTED_FULL],
            [QUOTED_NUCLEATION[1], length],
            "o",
            color=COLOURS["paper"],
            label="Salev et al. 2021",
        )
    axes.set(
        xlabel="source voltage (V)", ylabel="barrier width (µm)", xlim=(0, None), ylim=(0, None)
    )
    axes.legend(loc="upper left")
    return figure


def _gains(modes: pd.DataFrame) -> Figure:
    """Gain of the leading perturbations of a barrier against its width, by their shapes."""
    figure, axes = plt.subplots(figsize=LABELLED)
    modes = modes[modes["barrier_width [m]"] > 0]
    across, odd = modes["across"] > 0.5, modes["parity_x"] < 0
    kinds = (
        ("up", "o", "odd along the current: drift", odd & ~across),
        ("branch", "s", "even: width", ~odd & ~across),
        ("down", "^", "across the current", across),
    )
    for colour, mark, label, rows in kinds:
        x, y = modes.loc[rows, "barrier_width [m]"] * 1e6, modes.loc[rows, "gain"]
        axes.plot(x, y, mark, color=COLOURS[colour], label=label, markersize=4)
    axes.axhline(1.0, color=COLOURS["faint"], linestyle=":")
    axes.set(xlabel="barrier width (µm)", ylabel="gain (grows above 1)", xlim=(0, None))
    axes.set_ylim(0, None)
    axes.legend(loc="center right")
    return figure


def _read(run: Run, state: str) -> pv.DataSet:
    return pv.read(run.path / "fields" / f"{state}.vtu")


def temperature_profiles(run: Run, states: list[str]) -> Figure:
    """Temperature along the mid-line before and after nucleation."""
    figure, axes = plt.subplots(figsize=LABELLED)
    colours = plt.get_cmap("plasma")(np.linspace(0.05, 0.85, len(states)))
    for state, colour in zip(states, colours, strict=True):
        mesh = _read(run, state)
        line = mesh.sample_over_line((mesh.bounds[0], 0, 0), (mesh.bounds[1], 0, 0), resolution=800)
        axes.plot(line.points[:, 0] * 1e6, line["temperature [K]"], color=colour, label=state)
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
    axes.legend(title="state", loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return figure


def temperature_maps(run: Run, states: list[str]) -> Figure:
    """Temperature of the whole device with the outline of the film, one map per state."""
    meshes = [_read(run, state) for state in states]
    limits = (
        min(float(mesh["temperature [K]"].min()) for mesh in meshes),
        max(float(mesh["temperature [K]"].max()) for mesh in meshes),
    )
    bounds = meshes[0].bounds
    height = 5.0 * (bounds[3] - bounds[2]) / (bounds[1] - bounds[0]) + 0.45
    figure, rows = plt.subplots(
        len(states), 1, figsize=(6.4, height * len(states)), layout="constrained", squeeze=False
    )
    for axes, state, mesh in zip(rows[:, 0], states, meshes, strict=True):
        extent = [bound * 1e6 for bound in mesh.bounds[:4]]
        axes.imshow(render(mesh, "temperature [K]", limits), extent=extent)
        axes.set_title(state, loc="left", fontsize="medium")
        axes.set_ylabel("y (µm)")
    rows[-1, 0].set_xlabel("x (µm)")
    scale = plt.cm.ScalarMappable(Normalize(*limits), cmap="inferno")
    figure.colorbar(scale, ax=rows[:, 0].tolist(), label="temperature (K)", shrink=0.8)
    return figure
