"""The two mechanisms side by side: a barrier across the current, and a filament along it."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from mitmodels.cases.figures.field_maps import show_map
from mitmodels.cases.figures.look import check_format
from mitmodels.cases.figures.stored_states import read_fields
from mitmodels.cases.figures.style import COLOURS, save, scale_bar, styled, subplots
from mitmodels.cases.film.figures.steady import draw_branch
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new_file
from mitmodels.solvers.runs.reading import Run


def mechanisms(
    barrier: Path | str, filament: Path | str, voltage: Path | str, /, out: Path | str
) -> Path:
    """Draw a barrier across the current and a filament along it side by side.

    The figure is the end of Salev et al. (2021): both curves, and a temperature map of each.

    Parameters
    ----------
    barrier
        Run folder of a film that turns into an insulator, under voltage.
    filament
        Run folder in time of a film that turns into a metal, under current, with stored fields.
    voltage
        Run folder in time of the same film, under voltage.
    out
        Figure to write, which must not exist.

    Returns
    -------
    Path
        The figure.

    Raises
    ------
    InputError
        If a run is none of these, or the figure exists.
    """
    path = Path(out)
    check_format(path)
    check_new_file(path)
    steady = load_run(barrier, "film_iv")
    current_driven, voltage_driven = (load_run(f, "film_transient") for f in (filament, voltage))
    fields = current_driven.events.query("event == 'fields'")
    fields = fields[fields["detail"].astype(str).str.startswith("t=")]
    if fields.empty:
        raise InputError(
            f"{current_driven.path}: has no fields at a time: set output.fields_at.t and run again"
        )
    with styled():
        shown = fields.iloc[len(fields) // 2]
        return save(_figure(steady, current_driven, voltage_driven, shown), path)


def _figure(barrier: Run, filament: Run, voltage: Run, state: "pd.Series[Any]") -> Figure:
    figure, ((left, right), (below_left, below_right)) = subplots(
        2, 2, figsize=(9.0, 7.0), layout="constrained"
    )
    draw_branch(left, barrier.iv, "I [A]", 1e3)
    left.set_title("barrier: N-type, gradual under voltage", loc="left", fontsize="medium")
    up = filament.iv.iloc[: int(filament.iv["I [A]"].argmax()) + 1]
    curves = (
        (up, "branch", "current ramped up"),
        (voltage.iv, "down", "voltage ramped up and down"),
    )
    for iv, colour, label in curves:
        look: dict[str, Any] = {"color": COLOURS[colour], "label": label}
        V, current = iv["V_device [V]"].to_numpy(), iv["I [A]"].to_numpy() * 1e3
        right.plot(V, current, **look)
        _draw_direction(right, V, current, COLOURS[colour])
    right.set_title("filament: S-type, gradual under current", loc="left", fontsize="medium")
    for axes in (left, right):
        axes.set(xlabel="voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    left.legend(loc="lower right")
    right.legend(loc="center")
    _map(below_left, barrier, "nucleated", "across the current, where it nucleates")
    title = f"along the current, at {state['I [A]'] * 1e3:.3g} mA"
    _map(below_right, filament, state["detail"], title)
    return figure


def _draw_direction(axes: Axes, V: np.ndarray, current: np.ndarray, colour: str) -> None:
    """Draw arrow heads along a curve, evenly over its length."""
    size = np.ptp(V), np.ptp(current)
    steps = np.hypot(np.diff(V) / size[0], np.diff(current) / size[1])
    length = np.append(0.0, np.cumsum(steps))
    for at in (0.15, 0.4, 0.6, 0.85):
        x, y = (np.interp(length[-1] * np.array([at, at + 0.01]), length, z) for z in (V, current))
        arrow = {
            "arrowstyle": "-|>",
            "color": colour,
            "shrinkA": 0,
            "shrinkB": 0,
            "mutation_scale": 16,
        }
        axes.annotate("", xy=(x[1], y[1]), xytext=(x[0], y[0]), arrowprops=arrow)


def _map(axes: Axes, run: Run, state: str, title: str) -> None:
    """Temperature of the film, current from left to right."""
    mesh = read_fields(run, f"{state}.vtu")
    film = mesh.threshold((-0.5, 0.5), scalars="region", all_scalars=True)
    T = np.asarray(film["temperature [K]"])
    limits = float(T.min()), float(T.max())
    show_map(axes, film, "temperature [K]", limits)
    beside = axes.inset_axes((1.03, 0.0, 0.04, 1.0))
    scale_bar(axes, Normalize(*limits), "inferno", "temperature (K)", cax=beside)
    axes.set_title(title, loc="left", fontsize="medium")
    axes.set(xlabel="x (µm)", ylabel="y (µm)")
