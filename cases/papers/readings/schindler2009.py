"""What runs say to the statements of Schindler et al. (2009)."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

from mitmodels.solvers.runs.files import Results


def _thickness(folder: Path) -> Results:
    entries = json.loads((folder / "thickness.json").read_text(encoding="utf-8"))
    return {name: (entry["value"], entry["unit"]) for name, entry in entries.items()}


READINGS: Mapping[str, Callable[[Path], Results]] = {"cell_thickness": _thickness}
