"""What an analysis finds, as a file."""

import json
from collections.abc import Mapping
from pathlib import Path

from solvers.files import replace

# Value and unit by name, None where there is no value.
Found = Mapping[str, tuple[float | None, str]]


def write_findings(path: Path, found: Found) -> Path:
    """Write JSON ``{name: {"value": ..., "unit": ...}}`` and return its path.

    Raises
    ------
    RunError
        If it cannot be written.
    """
    entries = {name: {"value": value, "unit": unit} for name, (value, unit) in found.items()}
    replace(path, json.dumps(entries, indent=2) + "\n")
    return path
