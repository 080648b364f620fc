"""Magnetic map of a film run, as a scanning Kerr microscope sees its temperature fields.

Source: Salev et al. 2021, Fig. 2 and SI 3; what is assumed is in `docs/theory/magnetic_map.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyvista as pv
from matplotlib.figure import Figure

from mitmodels.cases.config.dimensions import LengthOrZero
from mitmodels.cases.config.document import load_config
from mitmodels.cases.console.options import number
from mitmodels.cases.figures.stored_states import read_fields, upward_sweep
from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, save, shades, styled, subplots
from mitmodels.cases.film.steady_config import Config
from mitmodels.cases.papers import salev2021
from mitmodels.checks import FloatArray
from mitmodels.errors import InputError
from mitmodels.magnetism.kerr_map import apparent_width, contrast_level, kerr_map
from mitmodels.magnetism.magnetisation import Brillouin
from mitmodels.solvers.runs.files import create_folder
from mitmodels.solvers.runs.reading import Run, load

LAW = Brillouin()
SPACING = 0.25e-6  # [m]
_FRAME = 20e-6  # bare surroundings that the map shows [m]
_SPOTS = (0.0, 1e-6, 2e-6, 5e-6, 10e-6)
_COLUMNS = (
    "V_source [V]",
    "length above T_c [m]",
    "width at half depth [m]",
    "width below half amplitude [m]",
    "least amplitude",
)


@dataclass(frozen=True, eq=False)
class KerrState:
    """Film under one bias.

    Attributes
    ----------
    voltage : source voltage [V]
    ambient : temperature of the film without bias [K]
    temperature : on a square grid of `SPACING`, NaN where there is no film, shape (x, y) [K]
    """

    voltage: float
    ambient: float
    temperature: FloatArray

    @property
    def half(self) -> int:
        """Row of the mid-line."""
        return self.temperature.shape[1] // 2

    @property
    def line(self) -> FloatArray:
        """Temperature along the mid-line of the film [K]."""
        middle = self.temperature[:, self.half]
        return middle[~np.isnan(middle)]

    def amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude over that of the film without bias, shape (x, y)."""
        bright = float(LAW(self.ambient))
        return kerr_map(self.temperature, LAW, SPACING, spot) / bright

    def line_amplitude(self, spot: float) -> FloatArray:
        """Kerr amplitude along the mid-line, where the film is."""
        whole = self.amplitude(spot)[:, self.half]
        return whole[~np.isnan(self.temperature[:, self.half])]

    def width(self, spot: float) -> float:
        """Apparent width of the barrier at half depth [m], zero without film above T_c."""
        hot = self.line > LAW.curie_temperature
        if not hot.any() or hot.all():
            return float(np.count_nonzero(hot)) * SPACING
        kerr = self.line_amplitude(spot)
        return float(apparent_width(kerr, contrast_level(kerr, kerr.max()), SPACING))


def moke(folder: Path | str, /, out: Path | str | None = None, *, spot: str = "5 um") -> list[Path]:
    """Draw the magnetic maps of a film run as a scanning Kerr microscope sees them.

    Parameters
    ----------
    folder
        Run folder with fields at several source voltages.
    out
        Folder for table and figures, which must not exist. Default: moke/ in the run.
    spot
        Full width at half maximum of the laser's intensity; "0 um" for the map itself.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If fewer than two source voltages have stored fields, the folder exists, or the spot is not
        a length that the map resolves.
    """
    run, width = load(folder), number("--spot", spot, LengthOrZero)
    if 0 < width < 2 * SPACING:
        raise InputError(
            f"--spot {spot}: is finer than the map, which has a point every {SPACING * 1e6:g} um: "
            f"give 0 um or at least {2 * SPACING * 1e6:g} um"
        )
    out = Path(out or run.path / "moke")
    ambient = load_config(run.path / "config.resolved.toml", (), Config).ambient.temperature
    states = [
        KerrState(voltage, float(ambient), _temperature(run, name))
        for voltage, name in upward_sweep(run).items()
    ]
    create_folder(out)
    rows = [_row(state, width) for state in states]
    pd.DataFrame(rows, columns=_COLUMNS).to_csv(out / "widths.csv", index=False)
    with styled():
        return [
            out / "widths.csv",
            save(maps(states, width), out / "fig_2b_maps.png"),
            save(widths(states, width, salev2021.barrier_widths(run)), out / "fig_2b_widths.png"),
            save(profiles(states, width), out / "fig_2c_profiles.png"),
            save(spots(states), out / "spots.png"),
        ]


def _temperature(run: Run, name: str) -> FloatArray:
    film = read_fields(run, f"{name}.vtu").threshold((-0.5, 0.5), scalars="region")
    bounds = np.array(film.bounds[:4]) + np.array([-1, 1, -1, 1]) * _FRAME
    cells = np.rint((bounds[1::2] - bounds[::2]) / SPACING).astype(int)
    grid = pv.ImageData(
        dimensions=(*(cells + 1), 1),
        spacing=(SPACING, SPACING, 1.0),
        origin=(bounds[0], bounds[2], 0.0),
    )
    found = grid.sample(film)
    T = np.where(found["vtkValidPointMask"] == 1, found["temperature [K]"], np.nan)
    return np.asarray(T).reshape(tuple(cells + 1), order="F")


def _row(state: KerrState, spot: float) -> list[float]:
    kerr = state.line_amplitude(spot)
    above = float(np.count_nonzero(state.line > LAW.curie_temperature)) * SPACING
    below = float(apparent_width(kerr, 0.5, SPACING))
    return [state.voltage, above, state.width(spot), below, float(kerr.min())]


def maps(states: list[KerrState], spot: float) -> Figure:
    """Kerr amplitude of the whole device at every voltage (Fig. 2b)."""
    columns = min(len(states), 3)
    rows = -(-len(states) // columns)
    figure, frames = subplots(
        rows, columns, figsize=(3.0 * columns, 2.0 * rows), layout="constrained", squeeze=False
    )
    for axes in frames.flat[len(states) :]:
        axes.set_axis_off()
    for axes, state in zip(frames.flat, states, strict=False):
        half = np.array(state.temperature.shape) * SPACING / 2 * 1e6
        image = axes.imshow(
            state.amplitude(spot).T,
            extent=(-half[0], half[0], -half[1], half[1]),
            origin="lower",
            cmap="gray",
            vmin=0.0,
            vmax=1.0,
        )
        axes.set_title(f"{state.voltage:g} V", fontsize="medium")
    for axes in frames[:, 0]:
        axes.set_ylabel("y (µm)")
    for axes in frames[-1, :]:
        axes.set_xlabel("x (µm)")
    figure.colorbar(image, ax=frames.ravel().tolist(), label="Kerr amplitude (unbiased film = 1)")
    return figure


def widths(states: list[KerrState], spot: float, quoted: Sequence[tuple[float, float]]) -> Figure:
    """Barrier width against voltage, above T_c and as the spot sees it (inset of Fig. 2b)."""
    figure, axes = subplots(figsize=LABELLED)
    rows = np.array([_row(state, spot) for state in states])
    for column, style, label in (
        (1, "o-", "above $T_c$"),
        (2, "s--", f"half depth, {spot * 1e6:g} µm spot"),
        (3, "^:", f"below half amplitude, {spot * 1e6:g} µm spot"),
    ):
        colour = COLOURS[("branch", "up", "down")[column - 1]]
        axes.plot(rows[:, 0], rows[:, column] * 1e6, style, color=colour, label=label)
    if quoted:
        voltages, quoted_widths = np.transpose(quoted)
        label, colour = salev2021.NAME, COLOURS["paper"]
        axes.plot(voltages, quoted_widths * 1e6, "*", ms=10, color=colour, label=label)
    axes.set(xlabel="source voltage (V)", ylabel="barrier width (µm)", ylim=(0, None))
    axes.legend(loc="upper left", fontsize="small")
    return figure


def profiles(states: list[KerrState], spot: float) -> Figure:
    """Kerr amplitude along the mid-line (cut through the map of Fig. 2c)."""
    figure, axes = subplots(figsize=LABELLED)
    for state, colour in zip(states, shades("plasma", len(states)), strict=True):
        whole = state.amplitude(spot)[:, state.half]
        x = (np.arange(whole.size) - (whole.size - 1) / 2) * SPACING * 1e6
        axes.plot(x, whole, color=colour, label=f"{state.voltage:g} V", linewidth=1.2)
    axes.set(xlabel="position along the channel (µm)", ylabel="Kerr amplitude (unbiased film = 1)")
    axes.legend(**BESIDE)
    return figure


def spots(states: list[KerrState]) -> Figure:
    """Apparent width at half depth over the length above T_c, for several spots."""
    figure, axes = subplots(figsize=LABELLED)
    switched = [state for state in states if np.any(state.line > LAW.curie_temperature)]
    width_at = {spot: [1e6 * state.width(spot) for state in switched] for spot in _SPOTS}
    above = [1e6 * _row(state, 0.0)[1] for state in switched]
    colours = shades("viridis", len(_SPOTS))
    for (spot, found), colour in zip(width_at.items(), colours, strict=True):
        axes.plot(above, found, "o-", color=colour, label=f"{spot * 1e6:g} µm", ms=4)
    diagonal = [0.0, max(above, default=0.0)]
    axes.plot(diagonal, diagonal, color=COLOURS["faint"], linestyle=":")
    axes.set(xlabel="length above $T_c$ (µm)", ylabel="apparent width (µm)")
    axes.legend(title="spot", loc="upper left")
    return figure
