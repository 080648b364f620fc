"""Results of a run on disk, read without DOLFINx."""

import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitmodels.errors import InputError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Run:
    """A run folder, finished or not.

    Attributes
    ----------
    path : Path
        The folder.
    """

    path: Path

    def __str__(self) -> str:
        """Where it is."""
        return f"run folder: {self.path}"

    @property
    def record(self) -> dict[str, Any]:
        """Status, start and end, machine and versions: the content of ``run.json``."""
        return self._json("run.json")

    @property
    def config(self) -> dict[str, Any]:
        """Resolved configuration: every number is a table with its value in SI."""
        with (self.path / "config.resolved.toml").open("rb") as file:
            return tomllib.load(file)

    def si(self, section: str, key: str) -> float:
        """Value in SI of the resolved configuration."""
        return float(str(self.config[section][key]["value"]).split()[0])

    @property
    def summary(self) -> dict[str, Any]:
        """Key figures ``{name: {"value": ..., "unit": ...}}``, empty before the end of the run."""
        return self._json("summary.json") if (self.path / "summary.json").exists() else {}

    @property
    def iv(self) -> "pd.DataFrame":
        """The points of the run, one column per quantity; names carry the units."""
        return self.table("iv")

    @property
    def events(self) -> "pd.DataFrame":
        """What happened between the points."""
        return self.table("events")

    def table(self, name: str) -> "pd.DataFrame":
        """Read ``name.csv``.

        Raises
        ------
        InputError
            If the run has no such table.
        """
        import pandas as pd

        path = self.path / f"{name}.csv"
        if not path.exists():
            raise InputError(f"{path}: there is no such table; the run ended before writing it")
        return pd.read_csv(path)

    def check_unchanged(self) -> None:
        """Refuse to go on with other values than those that the run began with.

        Raises
        ------
        InputError
            If a file of its input was changed.
        """
        for name, expected in self.record["sha256"].items():
            file = self.path / name
            if not file.is_file() or sha256(file.read_bytes()).hexdigest() != expected:
                raise InputError(
                    f"{file}: is not what the run began with: restore it or begin a new run"
                )

    def _json(self, name: str) -> dict[str, Any]:
        content: dict[str, Any] = json.loads((self.path / name).read_text(encoding="utf-8"))
        return content


def load(folder: Path | str) -> Run:
    """Open a run folder.

    Raises
    ------
    InputError
        If it is not one.
    """
    path = Path(folder)
    for name in ("run.json", "config.resolved.toml"):
        if not (path / name).is_file():
            raise InputError(f"{path}: is not a run folder ({name} is missing): give one to read")
    return Run(path)
