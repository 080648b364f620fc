"""Temperature and potential on the whole device: maps of one state, an animation of all."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from mitmodels.cases.figures.stored_states import Stored, find, is_cell, stored_states
from mitmodels.cases.figures.style import (
    SHADES,
    get_cmap,
    save,
    scale_bar,
    styled,
    subplots,
    write_animation,
)
from mitmodels.solvers.runs.files import writing
from mitmodels.solvers.runs.reading import Run, load

Limits = tuple[float, float]

_SHOWN = {"temperature [K]": "inferno", "potential [V]": "viridis"}
_FILM = (1e6, "x (µm)", "y (µm)")
_CELL = (1e9, "radius (nm)", "height (nm)")


def fields(folder: Path | str, at: str | None = None) -> list[Path]:
    """Draw the stored temperature and potential of a run on the whole device, on one rank.

    Parameters
    ----------
    folder
        Run folder.
    at
        Name of the state, or time of a cell; by default the last one.

    Returns
    -------
    list of Path
        ``fields.png`` of that state and, of several, ``fields.gif`` of all, in ``figures``.

    Raises
    ------
    InputError
        If the run has no stored fields, or none of this name.
    RunError
        If the figures cannot be written.
    """
    run = load(folder)
    states, out = stored_states(run), run.path / "figures"
    chosen = find(states, at, run.path)
    with writing(out), styled():
        files = [save(_figure(run, [chosen])[0], out / "fields.png")]
        if len(states) > 1:
            figure, show = _figure(run, states)
            maps = list(_SHOWN.values())
            files.append(write_animation(figure, show, len(states), maps, out / "fields.gif"))
    return files


def show_map(
    axes: Axes, mesh: pv.UnstructuredGrid, scalars: str, limits: Limits, per_unit: float = 1e6
) -> tuple[Artist, ...]:
    """Draw the map of a quantity, the parts of the device outlined in white; return its artists.

    The axes are in units of which a metre has a number.
    """
    corners = np.reshape(mesh.cells, (-1, 4))[:, 1:]  # after their number, 3
    x, y, _ = np.asarray(mesh.points).T * per_unit
    triangles = Triangulation(x, y, corners)
    colours, values = get_cmap(_SHOWN[scalars], SHADES), np.asarray(mesh[scalars])
    drawn: Artist
    if scalars in mesh.point_data:
        low, high = limits
        high = max(high, low + (1e-6 * abs(low) or 1.0))  # of an even field
        levels = np.linspace(low, high, SHADES + 1)
        drawn = axes.tricontourf(triangles, values, levels, cmap=colours, extend="both")
    else:
        drawn = axes.tripcolor(triangles, values, cmap=colours, norm=Normalize(*limits))
    edges = region_edges(corners, np.asarray(mesh["region"]))
    lines = np.stack([x[edges], y[edges]], axis=-1)
    outline = axes.add_collection(LineCollection(list(lines), colors="white", linewidths=0.8))
    axes.set_aspect("equal")
    axes.margins(0)
    return drawn, outline


def region_edges(corners: np.ndarray, regions: np.ndarray) -> np.ndarray:
    """Return the sides of triangles that bound a region, as pairs of points."""
    sides = np.sort(corners[:, [[0, 1], [1, 2], [2, 0]]].reshape(-1, 2))
    columns = np.repeat((regions - regions.min()).astype(int), 3), *sides.T
    numbers = np.ravel_multi_index(columns, tuple(column.max() + 1 for column in columns))
    _, first, counts = np.unique(numbers, return_index=True, return_counts=True)
    return sides[first[counts == 1]]


def draw_isotherm(axes: Axes, mesh: pv.UnstructuredGrid, temperature: float) -> None:
    """Draw the line of a temperature [K] into a map that is in micrometres, dotted."""
    x, y, _ = np.asarray(mesh.points).T * 1e6
    triangles = Triangulation(x, y, np.reshape(mesh.cells, (-1, 4))[:, 1:])
    T = np.asarray(mesh["temperature [K]"])
    if T.min() < temperature < T.max():
        look: dict[str, Any] = {"colors": "white", "linestyles": "dotted", "linewidths": 1.0}
        axes.tricontour(triangles, T, [temperature], **look)


def _figure(run: Run, states: Sequence[Stored]) -> tuple[Figure, Callable[[int], None]]:
    """Return maps of the last state, and a function that draws another one into them."""
    meshes = [state.read() for state in states]
    scale, *labels = _CELL if is_cell(run) else _FILM
    left, right, bottom, top = meshes[0].bounds[:4]
    aspect = (top - bottom) / (right - left)
    rows, columns, width = (2, 1, 5.6) if aspect < 0.5 else (1, 2, 3.6)
    size = columns * (width + 1.4), rows * (width * aspect + 0.5)
    figure, axes = subplots(rows, columns, figsize=size, layout="constrained")
    limits, maps = {}, {}
    for panel, (name, colours) in zip(axes, _SHOWN.items(), strict=True):
        limits[name] = _limits(run, name, meshes)
        maps[name] = show_map(panel, meshes[-1], name, limits[name], scale)
        panel.set(xlabel=labels[0], ylabel=labels[1])
        quantity, unit = name.rstrip("]").split(" [")
        norm = Normalize(*limits[name])
        scale_bar(panel, norm, colours, f"{quantity} ({unit})", shrink=0.8)
    title = axes[0].set_title(states[-1].title, loc="left", fontsize="medium")

    def show(number: int) -> None:
        for panel, (name, drawn) in zip(axes, maps.items(), strict=True):
            for artist in drawn:
                artist.remove()
            maps[name] = show_map(panel, meshes[number], name, limits[name], scale)
        title.set_text(states[number].title)

    return figure, show


def _limits(run: Run, name: str, meshes: Sequence[pv.DataSet]) -> Limits:
    """Return the ends of a scale of all meshes; temperatures begin at the ambient one."""
    high = max(float(np.max(mesh[name])) for mesh in meshes)
    if name == "temperature [K]":
        ambient = run.si("heat", "ambient") if is_cell(run) else run.si("ambient", "temperature")
        return ambient, max(high, ambient + 1.0)
    return min(float(np.min(mesh[name])) for mesh in meshes), high
