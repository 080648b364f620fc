"""Temperature and potential on the whole device: maps of one state, an animation of all."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pyvista as pv
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage

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
_PIXELS = 640_000


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


def render(mesh: pv.DataSet, scalars: str, limits: Limits) -> np.ndarray:
    """Return the pixels of a map without axes, the parts of the device outlined in white."""
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    width, height = np.ptp(np.reshape(mesh.bounds[:4], (2, 2)), axis=1)
    size = np.sqrt(_PIXELS / (width * height))
    window = round(size * width), round(size * height)
    plotter = pv.Plotter(off_screen=True, window_size=window)
    plotter.add_mesh(
        mesh,
        scalars=scalars,
        cmap=get_cmap(_SHOWN[scalars], SHADES),
        clim=limits,
        show_scalar_bar=False,
        lighting=False,
    )
    for number in np.unique(np.asarray(mesh["region"])):
        part = mesh.threshold((number - 0.5, number + 0.5), scalars="region")
        outline = part.extract_feature_edges(feature_edges=False, manifold_edges=False)
        plotter.add_mesh(outline, color="white", line_width=3, lighting=False)
    plotter.view_xy()
    plotter.enable_parallel_projection()
    plotter.camera.tight(adjust_render_window=False)
    pixels: np.ndarray = plotter.screenshot(return_img=True)
    plotter.close()
    return pixels


def show_map(
    axes: Axes, mesh: pv.DataSet, scalars: str, limits: Limits, per_unit: float = 1e6
) -> AxesImage:
    """Show the map of a quantity, the axes in units of which a metre has a number."""
    left, right, bottom, top = (bound * per_unit for bound in mesh.bounds[:4])
    return axes.imshow(render(mesh, scalars, limits), extent=(left, right, bottom, top))


def _figure(run: Run, states: Sequence[Stored]) -> tuple[Figure, Callable[[int], None]]:
    """Return maps of the last state, and a function that draws another one into them."""
    meshes = [state.read() for state in states]
    scale, *labels = _CELL if is_cell(run) else _FILM
    left, right, bottom, top = meshes[0].bounds[:4]
    aspect = (top - bottom) / (right - left)
    rows, columns, width = (2, 1, 5.6) if aspect < 0.5 else (1, 2, 3.6)
    size = columns * (width + 1.4), rows * (width * aspect + 0.5)
    figure, axes = subplots(rows, columns, figsize=size, layout="constrained")
    limits, images = {}, {}
    for panel, (name, colours) in zip(axes, _SHOWN.items(), strict=True):
        limits[name] = _limits(run, name, meshes)
        images[name] = show_map(panel, meshes[-1], name, limits[name], scale)
        panel.set(xlabel=labels[0], ylabel=labels[1])
        quantity, unit = name.rstrip("]").split(" [")
        norm = Normalize(*limits[name])
        scale_bar(panel, norm, colours, f"{quantity} ({unit})", shrink=0.8)
    title = axes[0].set_title(states[-1].title, loc="left", fontsize="medium")

    def show(number: int) -> None:
        for name, image in images.items():
            image.set_data(render(meshes[number], name, limits[name]))
        title.set_text(states[number].title)

    return figure, show


def _limits(run: Run, name: str, meshes: Sequence[pv.DataSet]) -> Limits:
    """Return the ends of a scale of all meshes; temperatures begin at the ambient one."""
    high = max(float(np.max(mesh[name])) for mesh in meshes)
    if name == "temperature [K]":
        ambient = run.si("heat", "ambient") if is_cell(run) else run.si("ambient", "temperature")
        return ambient, max(high, ambient + 1.0)
    return min(float(np.min(mesh[name])) for mesh in meshes), high
