"""Figures of all points of a sweep together."""

import importlib
import tomllib
from pathlib import Path

from cases.commands import CASES
from cases.sweep_folder import SweepFolder


def draw(path: Path | str) -> list[Path]:
    """Draw all completed points of a sweep of one numerical key, if its case knows how.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the case has no such figures, more than one key is
        swept, its values are no numbers, or fewer than two points are complete.

    Raises
    ------
    InputError
        If the folder is not that of a sweep.
    """
    folder = SweepFolder.open(Path(path))
    case = tomllib.loads((folder.path / "config.toml").read_text("utf-8-sig"))["case"]
    keys = [key for axis in folder.record["axes"] for key in axis["keys"]]
    values = [point["values"][keys[0]]["value"] for point in folder.record["points"]]
    completed = sum(state.state == "completed" for state in folder.states())
    numerical = all(isinstance(value, int | float) for value in values)
    family = CASES[case].family
    if family is None or len(keys) > 1 or not numerical or completed < 2:
        return []
    files: list[Path] = importlib.import_module(family).plot(folder, keys[0])
    return files
