"""Temperature in the cross-section of a cell: a map at some currents and the growth as a film."""

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pyvista as pv
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.tri import Triangulation

from mitmodels.cases.cell.outlines import Array, mirrored, read_outlines
from mitmodels.cases.figures.style import COLOURS, LABELLED, in_amperes
from mitmodels.solvers.runs.reading import Run

_SHOWN = (1e-6, 1e-5, 1e-4, 603e-6, 950e-6)  # [A]
_VIEW = 12.0  # nm to both sides
_COLOURS = 60  # a frame of a GIF has 256 with those of the labels
_COLD = (1.0, 3.0, 5.0, 7.0, 9.0)  # heights [nm] of the first frames, without stored fields


def stored_fields(run: Run) -> list[tuple[int, pv.DataSet]]:
    """Return the stored fields, each with the row of ``iv.csv`` that it belongs to."""
    path = run.path / "fields" / "cell.pvd"
    if not path.exists():
        return []
    reader, t, found = pv.get_reader(path), run.iv["t [s]"].to_numpy(), []
    for time in reader.time_values:
        reader.set_active_time_value(time)
        found.append((int(np.argmin(np.abs(t - time))), reader.read()[0]))
    return found


def map_at_currents(run: Run) -> Figure | None:
    """Temperature at some currents, mirrored into the full cross-section; None without fields."""
    iv, outlines = run.iv, read_outlines(run)
    amperes = iv["I [A]"].to_numpy()
    wanted = {int(np.argmax(amperes >= level)): level for level in _SHOWN if amperes.max() >= level}
    shown = [(row, data) for row, data in stored_fields(run) if row in wanted]
    if not shown:
        return None
    scale = _scale(run, max(float(iv["T_max [K]"].iloc[row]) for row, _ in shown))
    figure, axes = plt.subplots(
        1,
        len(shown),
        figsize=(2.3 * len(shown) + 1.0, 2.9),
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    for panel, (row, data) in zip(axes[0], shown, strict=True):
        _cross_section(panel, data, outlines[row], scale)
        peak = float(iv["T_max [K]"].iloc[row])
        panel.set(title=f"{_short(amperes[row])}: {peak:.0f} K", xlabel="radius (nm)")
        if wanted[row] == 603e-6:
            panel.text(
                0.5, 0.03, "paper: 750 K at 603 µA", transform=panel.transAxes, ha="center", c="w"
            )
    axes[0, 0].set_ylabel("height (nm)")
    figure.colorbar(scale, ax=axes[0].tolist(), label="temperature (K)", aspect=15)
    return figure


def voltage_drop(run: Run, level: float) -> Figure | None:
    """Potential of the metal at the first crossing of a current [A]; None without its fields."""
    iv, outlines = run.iv, read_outlines(run)
    amperes = iv["I [A]"].to_numpy()
    row = int(np.argmax(amperes >= level))
    data = next((data for stored, data in stored_fields(run) if stored == row), None)
    if data is None or amperes[row] < level:
        return None
    figure, axes = plt.subplots(figsize=LABELLED, layout="constrained")
    points = np.asarray(data.points)[:, :2] * 1e9
    corners = next(iter(data.cells_dict.values()))[:, :3]
    region = np.asarray(data.cell_data["region"]).round().astype(int)
    millivolts = np.asarray(data.cell_data["potential [V]"]) * 1e3
    metal = region <= 1  # counter electrode and filament
    limits = Normalize(0.0, float(millivolts[metal].max()))
    for sign in (1, -1):
        triangles = Triangulation(sign * points[:, 0], points[:, 1], corners[metal])
        drawn = axes.tripcolor(triangles, millivolts[metal], norm=limits, cmap="viridis")
    axes.plot(*mirrored(outlines[row]).T, color="k", lw=0.8)
    axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal")
    axes.set(xlim=(-_VIEW / 2, _VIEW / 2), ylim=(-3, 12))
    axes.set_title(f"at {_short(amperes[row])}", fontsize=9)
    figure.colorbar(drawn, ax=axes, label="potential of the metal (mV)")
    axes.text(
        0.03, 0.96, "paper: tens of mV", transform=axes.transAxes, va="top", color=COLOURS["paper"]
    )
    return figure


def film(run: Run, path: Path) -> Path | None:
    """Write the growth with its temperature as a GIF; None without stored fields.

    Before the first stored field the current is too small to warm anything: there the filament is
    drawn at the ambient temperature.
    """
    iv, outlines, stored = run.iv, read_outlines(run), stored_fields(run)
    if not stored:
        return None
    tips = iv["tip_height [m]"].to_numpy() * 1e9
    cold = [int(np.argmax(tips >= height)) for height in _COLD if tips.max() >= height]
    cold = sorted({0, *(row for row in cold if row < stored[0][0])})
    frames: list[tuple[int, pv.DataSet | None]] = [*((row, None) for row in cold), *stored]
    scale = _scale(run, float(iv["T_max [K]"].max()))
    figure, axes = plt.subplots(figsize=LABELLED, layout="constrained")
    figure.colorbar(scale, ax=axes, label="temperature (K)")

    def draw(number: int) -> list[Axes]:
        row, data = frames[number]
        axes.clear()
        _cross_section(axes, data, outlines[row], scale)
        now = iv.iloc[row]
        current = _short(now["I [A]"]) if now["I [A]"] > 1e-12 else "below 1 pA"
        axes.set(xlabel="radius (nm)", ylabel="height (nm)")
        axes.set_title(f"{now['t [s]']:.4f} s, {now['V_source [V]']:.3f} V, {current}")
        return [axes]

    FuncAnimation(figure, draw, frames=len(frames)).save(path, writer=PillowWriter(fps=2), dpi=100)
    plt.close(figure)
    return path


def _cross_section(
    axes: Axes, data: pv.DataSet | None, outline: Array, scale: ScalarMappable
) -> None:
    """Draw temperature, filament and counter electrode."""
    r, z = mirrored(outline).T
    if data is not None:
        points = np.asarray(data.points)[:, :2] * 1e9
        corners = next(iter(data.cells_dict.values()))[:, :3]
        for sign in (1, -1):
            triangles = Triangulation(sign * points[:, 0], points[:, 1], corners)
            temperature = np.asarray(data.point_data["temperature [K]"])
            levels = np.linspace(*scale.get_clim(), _COLOURS + 1)
            axes.tricontourf(triangles, temperature, levels, cmap="inferno", extend="both")
    else:
        axes.set_facecolor(plt.get_cmap("inferno")(0.0))
    axes.plot(r, z, color="w", lw=1.0)
    axes.axhline(0.0, color="w", lw=0.6, ls=":")
    axes.set(xlim=(-_VIEW, _VIEW), ylim=(-6, 16), aspect="equal")


def _scale(run: Run, hottest: float) -> ScalarMappable:
    ambient = run.si("heat", "ambient")
    limits = Normalize(ambient, max(hottest, ambient + 1.0))
    return ScalarMappable(limits, plt.get_cmap("inferno", _COLOURS))


def _short(current: float) -> str:
    return in_amperes(float(f"{current:.3g}"))
