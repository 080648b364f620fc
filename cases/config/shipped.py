"""Folders of the TOML files that come with the package: cases and records of materials."""

from importlib.resources import files
from pathlib import Path

CASES = Path(str(files("mitmodels.cases")))
MATERIALS = CASES / "materials"
