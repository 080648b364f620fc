"""I-V curves of steady film runs, with the jumps of each, and measured ones in one figure."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.config.columns import read_columns
from mitmodels.cases.config.dimensions import Current, Voltage
from mitmodels.cases.config.toml_file import read_file
from mitmodels.cases.figures.bands import COLUMNS, draw_band
from mitmodels.cases.figures.curves import smooth
from mitmodels.cases.figures.look import Column, Look, check_format, looking
from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.film.figures.steady import draw_jumps, segments
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new_file
from mitmodels.solvers.runs.reading import Run

_COLOURS = ("up", "branch", "down", "paper", "faint")
_WIDTHS = (5.2, 4.3, 3.4, 2.5, 1.4)  # of curves: one that coincides with an earlier one lies in it
_MARKERS = "osD^v"
_LARGEST = 50 << 20  # bytes of a band


def compare(
    *folders: Path | str,
    out: Path | str,
    label: Sequence[str] = (),
    column: Column | None = None,
) -> Path:
    """Draw the I-V curves of steady film runs and of measurements into one figure.

    It shows what each source sees: stable states, and jumps both ways; measured points as markers;
    the band that the posterior of a fit predicts.

    Parameters
    ----------
    folders
        Run folders of film_iv and CSV files of measured curves, two to five, one of them a run. A
        file has two columns, voltage and current, with their units in its first line:
        ``V [V],I [mA]``. A file ``band-NAME.csv`` of a fit is a band.
    out
        Figure to write, which must not exist: .png, .pdf or .svg.
    label
        What the legend calls each of them, in their order; once for each. Default: their names.
    column
        Columns of a journal that the figure is as wide as, 86 or 178 mm. Default: its own width.

    Returns
    -------
    Path
        The figure.

    Raises
    ------
    InputError
        If a run is of another case, a file is no such table, there are too few or too many of them
        or of the labels, or the figure exists.
    """
    path = Path(out)
    check_format(path)
    check_new_file(path)
    if not 1 < len(folders) <= len(_COLOURS):
        raise InputError(f"{len(folders)} runs cannot be compared: give two to {len(_COLOURS)}")
    if label and len(label) != len(folders):
        raise InputError(f"--label: {len(label)} for {len(folders)} curves: give one for each")
    names = label or [
        Path(folder).stem if _is_table(folder) else Path(folder).resolve().name
        for folder in folders
    ]
    named = list(zip(names, folders, strict=True))
    runs = [(name, load_run(folder, "film_iv")) for name, folder in named if not _is_table(folder)]
    if not runs:
        raise InputError(f"{folders[0]}: measured curves only: give a run folder of film_iv too")
    tables = [(name, Path(file)) for name, file in named if _is_table(file)]
    bands = {name: table for name, file in tables if (table := _band(file)) is not None}
    measured = [(name, *_read(file)) for name, file in tables if name not in bands]
    with looking(Look(column=column)), styled():
        return save(_figure(runs, measured, bands), path)


def _band(file: Path) -> pd.DataFrame | None:
    """Band of a fit, None if the file is something else."""
    try:
        table = pd.read_csv(BytesIO(read_file(file, _LARGEST)))
    except (OSError, ValueError):
        return None
    return table if tuple(table.columns) == COLUMNS else None


def _is_table(path: Path | str) -> bool:
    return Path(path).suffix.lower() == ".csv"


def _read(file: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Voltages [V] and currents [A] of a measured curve."""
    try:
        voltages, currents = read_columns(file, (Voltage, Current))
    except ValueError as error:
        raise InputError(str(error)) from None
    if not voltages:
        raise InputError(f"{file}: has no row below its first line: give a curve")
    return voltages, currents


def _figure(
    runs: Sequence[tuple[str, Run]],
    measured: Sequence[tuple[str, Sequence[float], Sequence[float]]],
    bands: Mapping[str, pd.DataFrame],
) -> Figure:
    figure, axes = subplots(figsize=LABELLED)
    jumps = False
    for (name, run), colour, width in zip(runs, _COLOURS, _WIDTHS[-len(runs) :], strict=False):
        jumps |= _curve(axes, run, name, COLOURS[colour], width)
    looks = zip(_COLOURS[len(runs) :], _MARKERS, strict=False)
    for (name, V, current), (colour, marker) in zip(measured, looks, strict=False):
        look = {"color": COLOURS[colour], "ms": 3.5, "mfc": "none", "ls": "none"}
        axes.plot(V, [1e3 * amperes for amperes in current], marker, label=name, **look)
    for (name, table), colour in zip(bands.items(), reversed(_COLOURS), strict=False):
        draw_band(axes, table, colour, name)
    if jumps:
        look = {"color": COLOURS["faint"], "ls": "--", "lw": 1.0, "marker": ">", "ms": 4}
        axes.plot([], [], label="jumps", **look)
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)  # nothing is hidden
    return figure


def _curve(axes: Axes, run: Run, label: str, colour: str, width: float) -> bool:
    """Draw the stable states of a run and its jumps; say if there are any."""
    shown: str | None = label
    for stable, piece in segments(run.iv):
        if stable:
            V, current = piece["V_source [V]"].to_numpy(), piece["I [A]"].to_numpy() * 1e3
            axes.plot(*smooth(V, current), color=colour, label=shown, lw=width)
            shown = None
    up, down = (draw_jumps(axes, run, way, colour, "--") for way in ("up", "down"))
    return up or down
