"""Figure of the front page: I-V curve of `lsmo_iv` and its barrier, from the gallery's run."""

import sys
from pathlib import Path

import numpy as np
from matplotlib.colors import Normalize

from mitmodels.cases.figures.field_maps import show_map
from mitmodels.cases.figures.stored_states import read_fields
from mitmodels.cases.figures.style import COLOURS, save, scale_bar, styled, subplots
from mitmodels.cases.film.figures.steady import draw_branch, draw_jumps
from mitmodels.solvers.runs.reading import load

STATES = ("nucleated", "half")


def main(folder: Path, out: Path) -> None:
    """Draw it."""
    run = load(folder)
    rows = run.events.query("event == 'fields'").set_index("detail")
    meshes = {name: read_fields(run, f"{name}.vtu") for name in STATES}
    hottest = max(float(np.max(mesh["temperature [K]"])) for mesh in meshes.values())
    limits = run.si("ambient", "temperature"), hottest
    with styled():
        figure, axes = subplots(
            3, 1, figsize=(4.4, 4.9), layout="constrained", height_ratios=(3, 1, 1)
        )
        draw_branch(axes[0], run.iv, "I [A]", 1e3)
        for direction in ("up", "down"):
            draw_jumps(axes[0], run, direction, COLOURS[direction], "-")
        for (name, mesh), panel, mark in zip(meshes.items(), axes[1:], "ab", strict=True):
            voltage, current = rows.loc[name, ["V_source [V]", "I [A]"]]
            axes[0].plot(voltage, 1e3 * current, "o", color=COLOURS["branch"])
            axes[0].annotate(mark, (voltage, 1e3 * current), (6, 4), textcoords="offset points")
            show_map(panel, mesh, "temperature [K]", limits)
            panel.set_title(f"{mark}: {voltage:.3g} V", loc="left", fontsize="medium")
            panel.set(ylabel="y (µm)")
        axes[0].set(
            xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None)
        )
        axes[2].set(xlabel="x (µm)")
        axes[1].tick_params(labelbottom=False)
        scale_bar(list(axes[1:]), Normalize(*limits), "inferno", "temperature (K)")
        save(figure, out)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
