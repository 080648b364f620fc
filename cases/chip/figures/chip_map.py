"""Map of the temperature on the whole chip, and its animation over the stored states."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyvista as pv
from matplotlib.artist import Artist
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from mitmodels.cases.figures.field_maps import show_map
from mitmodels.cases.figures.stored_states import read_fields
from mitmodels.cases.figures.style import save, scale_bar, subplots, write_animation
from mitmodels.chip.footprint import Footprint
from mitmodels.solvers.runs.reading import Run

_SHOWN, _COLOURS = "temperature [K]", "inferno"


def si(device: dict[str, Any], section: str, key: str) -> float:
    """Value in SI of a device in a resolved configuration."""
    return float(str(device[section][key]["value"]).split()[0])


def footprint(device: dict[str, Any], pads: bool = True) -> Footprint:
    """Rectangle of a device in a resolved configuration."""
    x, y = (float(str(entry["value"]).split()[0]) for entry in device["position"])
    length = si(device, "geometry", "length")
    length += 2 * si(device, "geometry", "pad_length") if pads else 0.0
    return Footprint(x, y, length, si(device, "geometry", "width"), device["rotation"] == 90)


def draw_maps(run: Run, states: Sequence[str], titles: Sequence[str]) -> list[Path]:
    """Draw the last of the stored states, and all of several as an animation."""
    meshes = [_chip(run, name) for name in states]
    folder, show = run.path / "figures", None
    figure, show = _figure(run, meshes, titles)
    files = [save(figure, folder / "chip_map.png")]
    if len(states) > 1:
        path = folder / "chip_map.gif"
        files.append(write_animation(figure, show, len(states), [_COLOURS], path))
    return files


def _chip(run: Run, name: str) -> list[pv.DataSet]:
    """Fields of all devices at their positions."""
    found = []
    for device in run.config["device"]:
        mesh = read_fields(run, f"{name}.vtu", f"devices/{device['name']}/fields")
        placed = footprint(device).on_chip(np.asarray(mesh.points)[:, :2])
        mesh.points = np.column_stack([placed, np.zeros(len(placed))])
        found.append(mesh)
    return found


def _figure(
    run: Run, meshes: Sequence[Sequence[pv.DataSet]], titles: Sequence[str]
) -> tuple[Figure, Any]:
    places = [footprint(device) for device in run.config["device"]]
    halves = np.array([place.sides for place in places]) / 2
    centres = np.array([(place.x, place.y) for place in places])
    low, high = (centres - halves).min(axis=0) * 1e6, (centres + halves).max(axis=0) * 1e6
    width, height = (high - low) / max(high - low) * 5.5 + 0.5
    figure, axes = subplots(figsize=(width + 1.6, height + 0.6), layout="constrained")
    hottest = max(float(np.max(mesh[_SHOWN])) for chip in meshes for mesh in chip)
    ambient = run.si("ambient", "temperature")
    limits = ambient, max(hottest, ambient + 1.0)
    margin = 0.05 * max(high - low)
    axes.set(xlabel="x (µm)", ylabel="y (µm)")
    scale_bar(axes, Normalize(*limits), _COLOURS, "temperature (K)", shrink=0.8)
    drawn: list[Artist] = []

    def show(number: int) -> None:
        while drawn:
            drawn.pop().remove()
        for mesh in meshes[number]:
            drawn.extend(show_map(axes, mesh, _SHOWN, limits))
        axes.set(xlim=(low[0] - margin, high[0] + margin), ylim=(low[1] - margin, high[1] + margin))
        axes.set_title(titles[number], loc="left", fontsize="medium")

    show(len(meshes) - 1)
    return figure, show
