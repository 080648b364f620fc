"""Numbers with their units, as a file."""

from collections.abc import Mapping
from pathlib import Path

from mitmodels.solvers.runs.files import json_text, replace

Value = float | int | bool | str | None
# Value and unit by name, None where there is no value.
Found = Mapping[str, tuple[float | None, str]]


def write_findings(path: Path, found: Mapping[str, tuple[Value, str]]) -> Path:
    """Write JSON ``{name: {"value": ..., "unit": ...}}`` and return its path.

    Raises
    ------
    ValueError
        If a value is infinite or not a number.
    RunError
        If it cannot be written.
    """
    entries = {name: {"value": value, "unit": unit} for name, (value, unit) in found.items()}
    replace(path, json_text(entries))
    return path
