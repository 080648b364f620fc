"""I-V curves of several steady film runs in one figure, with the jumps of each."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.film.figures.steady import draw_jumps, segments, smooth
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new_file
from mitmodels.solvers.runs.reading import Run

_COLOURS = ("up", "branch", "down", "paper", "faint")


def compare(*folders: Path | str, out: Path | str) -> Path:
    """Draw the I-V curves of several steady film runs into one figure.

    It shows what each source sees: stable states, and jumps both ways.

    Parameters
    ----------
    folders
        Run folders of film_iv, two to five.
    out
        Figure to write, which must not exist.

    Returns
    -------
    Path
        The figure.

    Raises
    ------
    InputError
        If a run is of another case, there are too few or too many, or the figure exists.
    """
    path = Path(out)
    check_new_file(path)
    if not 1 < len(folders) <= len(_COLOURS):
        raise InputError(f"{len(folders)} runs cannot be compared: give two to {len(_COLOURS)}")
    runs = [load_run(folder, "film_iv") for folder in folders]
    with styled():
        return save(_figure(runs), path)


def _figure(runs: Sequence[Run]) -> Figure:
    figure, axes = subplots(figsize=LABELLED)
    for run, colour in zip(runs, _COLOURS, strict=False):
        _curve(axes, run, COLOURS[colour])
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
