"""I-V curves of steady film runs, with the jumps of each, and measured ones in one figure."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.config.columns import read_columns
from mitmodels.cases.config.dimensions import Current, Voltage
from mitmodels.cases.figures.curves import smooth
from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.film.figures.steady import draw_jumps, segments
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new_file
from mitmodels.solvers.runs.reading import Run

_COLOURS = ("up", "branch", "down", "paper", "faint")
_MARKERS = "osD^v"


def compare(*folders: Path | str, out: Path | str) -> Path:
    """Draw the I-V curves of steady film runs and of measurements into one figure.

    It shows what each source sees: stable states, and jumps both ways; measured points as markers.

    Parameters
    ----------
    folders
        Run folders of film_iv and CSV files of measured curves, two to five, one of them a run. A
        file has two columns, voltage and current, with their units in its first line:
        ``V [V],I [mA]``.
    out
        Figure to write, which must not exist.

    Returns
    -------
    Path
        The figure.

    Raises
    ------
    InputError
        If a run is of another case, a file is no such table, there are too few or too many, or the
        figure exists.
    """
    path = Path(out)
    check_new_file(path)
    if not 1 < len(folders) <= len(_COLOURS):
        raise InputError(f"{len(folders)} runs cannot be compared: give two to {len(_COLOURS)}")
    files = [Path(name) for name in folders if Path(name).suffix.lower() == ".csv"]
    runs = [load_run(name, "film_iv") for name in folders if Path(name) not in files]
    if not runs:
        raise InputError(f"{files[0]}: measured curves only: give a run folder of film_iv too")
    measured = {file.stem: _read(file) for file in files}
    with styled():
        return save(_figure(runs, measured), path)


def _read(file: Path) -> tuple[Sequence[float], Sequence[float]]:
    """Voltages [V] and currents [A] of a measured curve."""
    try:
        voltages, currents = read_columns(file, (Voltage, Current))
    except ValueError as error:
        raise InputError(str(error)) from None
    return voltages, currents


def _figure(
    runs: Sequence[Run], measured: Mapping[str, tuple[Sequence[float], Sequence[float]]]
) -> Figure:
    figure, axes = subplots(figsize=LABELLED)
    for run, colour in zip(runs, _COLOURS, strict=False):
        _curve(axes, run, COLOURS[colour])
    looks = zip(_COLOURS[len(runs) :], _MARKERS, strict=False)
    for (name, (V, current)), (colour, marker) in zip(measured.items(), looks, strict=False):
        look = {"color": COLOURS[colour], "ms": 3.5, "mfc": "none", "ls": "none"}
        axes.plot(V, [1e3 * amperes for amperes in current], marker, label=name, **look)
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="best")
    return figure


def _curve(axes: Axes, run: Run, colour: str) -> None:
    label: str | None = run.path.name
    for stable, piece in segments(run.iv):
        if stable:
            V, current = piece["V_source [V]"].to_numpy(), piece["I [A]"].to_numpy() * 1e3
            axes.plot(*smooth(V, current), color=colour, label=label, alpha=0.8)
            label = None
    for direction in ("up", "down"):
        draw_jumps(axes, run, direction, colour, ":")
