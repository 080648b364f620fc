"""Temperature and potential on the whole device: a picture of one state, a film of all."""

import os
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pyvista as pv
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from PIL import Image

from mitmodels.cases.figures.stored_states import Stored, find, stored_states
from mitmodels.cases.figures.style import save, styled
from mitmodels.solvers.runs.reading import Run

Limits = tuple[float, float]

_SHOWN = {"temperature [K]": "inferno", "potential [V]": "viridis"}
_FILM = (1e6, "x (µm)", "y (µm)")
_CELL = (1e9, "radius (nm)", "height (nm)")
_AMBIENT = {"ecm_set": ("heat", "ambient")}
_DURATION = 600  # [ms] of a frame
_COLOURS = 60  # of each map
_GREYS = 24  # of a GIF, which has 256 colours in all
_PIXELS = 640_000


def draw(run: Run, name: str | None = None) -> list[Path]:
    """Write ``fields.png`` of a state, and ``fields.gif`` of all of them if there are several.

    Parameters
    ----------
    run : Run
    name : str or None
        Of the state; by default the last in time or along the branch.

    Returns
    -------
    list of Path
        The files, in ``figures``.

    Raises
    ------
    InputError
        If the run has no fields, or none of this name.
    """
    states = stored_states(run)
    chosen = find(states, name, run.path)
    folder = run.path / "figures"
    with styled():
        files = [save(_figure(run, [chosen])[0], folder / "fields.png")]
        if len(states) > 1:
            files.append(_play(run, states, folder / "fields.gif"))
    return files


def picture(mesh: pv.DataSet, scalars: str, limits: Limits, colours: int = 256) -> np.ndarray:
    """Return the picture of a quantity without axes, the parts of the device outlined in white."""
    if "DISPLAY" not in os.environ:
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    width, height = np.ptp(np.reshape(mesh.bounds[:4], (2, 2)), axis=1)
    size = np.sqrt(_PIXELS / (width * height))
    window = round(size * width), round(size * height)
    plotter = pv.Plotter(off_screen=True, window_size=window)
    plotter.add_mesh(
        mesh,
        scalars=scalars,
        cmap=plt.get_cmap(_SHOWN[scalars], colours),
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
    drawn: np.ndarray = plotter.screenshot(return_img=True)
    plotter.close()
    return drawn


def _figure(run: Run, states: Sequence[Stored]) -> tuple[Figure, Callable[[int], None]]:
    """Return maps of the last state, and what draws another one into them."""
    meshes = [state.read() for state in states]
    scale, *labels = _CELL if run.config["case"] == "ecm_set" else _FILM
    extent = [bound * scale for bound in meshes[0].bounds[:4]]
    aspect = (extent[3] - extent[2]) / (extent[1] - extent[0])
    rows, columns, width = (2, 1, 5.6) if aspect < 0.5 else (1, 2, 3.6)
    size = columns * (width + 1.4), rows * (width * aspect + 0.5)
    figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained")
    limits, images = {}, {}
    for panel, (name, colours) in zip(axes, _SHOWN.items(), strict=True):
        limits[name] = _limits(run, name, meshes)
        first = picture(meshes[-1], name, limits[name], _COLOURS)
        images[name] = panel.imshow(first, extent=extent)
        panel.set(xlabel=labels[0], ylabel=labels[1])
        quantity, unit = name.rstrip("]").split(" [")
        figure.colorbar(
            ScalarMappable(Normalize(*limits[name]), plt.get_cmap(colours, _COLOURS)),
            ax=panel,
            label=f"{quantity} ({unit})",
            shrink=0.8,
        )
    title = axes[0].set_title(states[-1].title, loc="left", fontsize="medium")

    def show(number: int) -> None:
        for name, image in images.items():
            image.set_data(picture(meshes[number], name, limits[name], _COLOURS))
        title.set_text(states[number].title)

    return figure, show


def _limits(run: Run, name: str, meshes: Sequence[pv.DataSet]) -> Limits:
    """Return the ends of a scale of all meshes; temperatures begin at the ambient one."""
    high = max(float(np.max(mesh[name])) for mesh in meshes)
    if name == "temperature [K]":
        ambient = run.si(*_AMBIENT.get(run.config["case"], ("ambient", "temperature")))
        return ambient, max(high, ambient + 1.0)
    return min(float(np.min(mesh[name])) for mesh in meshes), high


def _play(run: Run, states: Sequence[Stored], path: Path) -> Path:
    """Write a GIF with the colours of both scales and greys: of a choice by frame, some go lost."""
    figure, show = _figure(run, states)
    maps = [plt.get_cmap(name, _COLOURS)(np.arange(_COLOURS)) for name in _SHOWN.values()]
    colours = np.concatenate([*maps, plt.get_cmap("gray", _GREYS)(np.arange(_GREYS))])[:, :3]
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.round(255 * colours).astype(np.uint8).tobytes())
    frames = []
    for number in range(len(states)):
        show(number)
        figure.savefig(drawn := BytesIO(), dpi=100)
        frame = Image.open(drawn).convert("RGB")
        frames.append(frame.quantize(palette=palette, dither=Image.Dither.NONE))
    plt.close(figure)
    frames[0].save(path, save_all=True, append_images=frames[1:], duration=_DURATION, loop=0)
    return path
