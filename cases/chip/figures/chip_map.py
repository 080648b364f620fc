"""Map of the temperature on the whole chip, and its animation over the stored states."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from mitmodels.cases.figures.field_maps import show_map
from mitmodels.cases.figures.stored_states import Stored, footprint, stored_states
from mitmodels.cases.figures.style import save, scale_bar, subplots, write_animation
from mitmodels.solvers.runs.reading import Run

_SHOWN, _COLOURS = "temperature [K]", "inferno"


def draw_maps(run: Run) -> list[Path]:
    """Draw the last of the stored states, if there are any, and all of several as an animation."""
    states, folder = stored_states(run), run.path / "figures"
    if not states:
        return []
    figure, show = _figure(run, states)
    files = [save(figure, folder / "chip_map.png")]
    if len(states) > 1:
        path = folder / "chip_map.gif"
        files.append(write_animation(figure, show, len(states), [_COLOURS], path))
    return files


def _figure(run: Run, states: Sequence[Stored]) -> tuple[Figure, Any]:
    meshes = [state.read() for state in states]
    places = [footprint(device) for device in run.config["device"]]
    halves = np.array([place.sides for place in places]) / 2
    centres = np.array([(place.x, place.y) for place in places])
    low, high = (centres - halves).min(axis=0) * 1e6, (centres + halves).max(axis=0) * 1e6
    width, height = (high - low) / max(high - low) * 5.5 + 0.5
    figure, axes = subplots(figsize=(width + 1.6, height + 0.6), layout="constrained")
    hottest = max(float(np.max(mesh[_SHOWN])) for mesh in meshes)
    ambient = run.si("ambient", "temperature")
    limits = ambient, max(hottest, ambient + 1.0)
    margin = 0.05 * max(high - low)
    axes.set(xlabel="x (µm)", ylabel="y (µm)")
    scale_bar(axes, Normalize(*limits), _COLOURS, "temperature (K)", shrink=0.8)
    drawn: list[Artist] = []

    def show(number: int) -> None:
        while drawn:
            drawn.pop().remove()
        drawn.extend(show_map(axes, meshes[number], _SHOWN, limits))
        axes.set(xlim=(low[0] - margin, high[0] + margin), ylim=(low[1] - margin, high[1] + margin))
        axes.set_title(states[number].title, loc="left", fontsize="medium")

    show(len(meshes) - 1)
    return figure, show
