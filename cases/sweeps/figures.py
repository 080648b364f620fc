"""Figures of all points of a sweep together."""

import tomllib
from pathlib import Path
from pkgutil import resolve_name

from mitmodels.cases.registry import find_case
from mitmodels.cases.sweeps.folder import SweepFolder


def draw(path: Path | str) -> list[Path]:
    """Draw the completed points of a sweep, at least two, if its case knows how.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the case has no such figures or none of this sweep.

    Raises
    ------
    InputError
        If the folder is not that of a sweep.
    """
    folder = SweepFolder.open(Path(path))
    case = tomllib.loads(folder.input(folder.names[0]).read_text("utf-8"))["case"]
    completed = sum(state.state == "completed" for state in folder.states())
    plot = find_case(case, "case").plot_sweep
    files: list[Path] = [] if plot is None or completed < 2 else resolve_name(plot)(folder)
    return files
