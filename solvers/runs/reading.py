"""Results of a run on disk, read without DOLFINx."""

import csv
import io
import json
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mitmodels.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr

STATES = ("running", "completed", "failed", "interrupted")


@dataclass(frozen=True)
class Run:
    """A run folder, finished or not.

    What is read is checked: a file that is missing, damaged, or other than what a complete run
    wrote raises an `InputError` that names it.

    Attributes
    ----------
    path : Path
        The folder.
    """

    path: Path

    def __str__(self) -> str:
        """Where it is."""
        return f"run folder: {self.path}"

    def _repr_html_(self) -> str:
        """Status, key quantities and the main figure, for notebooks."""
        from mitmodels.solvers.runs.rich_text import of_run  # only here: few are shown

        return of_run(self)

    @property
    def record(self) -> dict[str, Any]:
        """Status, start and end, machine and versions: the content of ``run.json``."""
        path = self.path / "run.json"
        found = read_json(path)
        for name, kind in {"status": str, "error": str, "sha256": dict}.items():
            if not isinstance(found.get(name, kind()), kind):
                raise damaged(path, f"{name} is of another type")
        return found

    @property
    def status(self) -> str:
        """How the run ended, or that it has not yet: one of `STATES`."""
        status = str(self.record.get("status", ""))
        if status not in STATES:
            raise damaged(self.path / "run.json", "it does not say how the run ended")
        return status

    @property
    def config(self) -> dict[str, Any]:
        """Resolved configuration: every number is a table with its value in SI."""
        text = self._text("config.resolved.toml")
        try:
            return tomllib.loads(text)
        except (ValueError, RecursionError) as error:
            raise damaged(self.path / "config.resolved.toml", str(error)) from None

    def si(self, section: str, key: str) -> float:
        """Value in SI of the resolved configuration."""
        return float(str(self.config[section][key]["value"]).split()[0])

    @property
    def summary(self) -> dict[str, Any]:
        """Key figures ``{name: {"value": ..., "unit": ...}}``, empty before the end of the run."""
        path = self.path / "summary.json"
        if not path.exists() and self.record.get("status") != "completed":
            return {}
        self.intact("summary.json")
        found = read_json(path)
        for name, entry in found.items():
            if not isinstance(entry, dict) or not {"value", "unit"} <= entry.keys():
                raise damaged(path, f"{name} has no value and unit")
        return found

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
            If the run has no such table, or it is damaged.
        """
        import pandas as pd

        path = self.path / f"{name}.csv"
        if not path.exists():
            raise InputError(f"{path}: there is no such table; the run ended before writing it")
        text = self._text(f"{name}.csv")
        try:
            lengths = {len(row) for row in csv.reader(io.StringIO(text), strict=True)}
            found = pd.read_csv(io.StringIO(text))
        except (ValueError, csv.Error) as error:
            raise damaged(path, str(error)) from None
        if len(lengths) != 1:
            raise damaged(path, "it is not a table with as many values in every line")
        for column in map(str, found.columns if len(found) else ()):
            if column.endswith("]") and not pd.api.types.is_numeric_dtype(found[column]):
                raise damaged(path, f"{column} is not all numbers")
        return found

    @property
    def tables(self) -> list[str]:
        """Names of the tables that the run wrote, ``"iv"`` for ``iv.csv``."""
        return sorted(path.stem for path in self.path.glob("*.csv") if ".earlier" not in path.name)

    def to_xarray(self) -> "xr.DataTree":
        """Return tables and key quantities as groups of one dataset, with units.

        ``run.to_xarray()["iv"]`` has the columns of ``iv.csv`` along ``point``, and ``["summary"]``
        the key quantities; `mitmodels.collect` writes the same into ``run.nc``.

        Raises
        ------
        InputError
            If a table is damaged.
        """
        from mitmodels.solvers.runs.dataset import dataset  # only here: it loads pandas

        return dataset(self)

    def intact(self, name: str) -> Path:
        """Return the path of a file, making sure that it is what the run wrote.

        Raises
        ------
        InputError
            If it is missing, or the run is complete and the file another one.
        """
        file, expected = self.path / name, self.record.get("sha256", {}).get(name)
        try:
            content = file.read_bytes()
        except OSError as error:
            raise damaged(file, error.strerror) from None
        if expected is not None and sha256(content).hexdigest() != expected:
            raise damaged(file, "it is not what the run wrote")
        return file

    def check_intact(self, folder: str = "") -> None:
        """Make sure of all files that a complete run has in its folder, or a folder in that.

        Raises
        ------
        InputError
            If one is missing or another one.
        """
        for name in self.record.get("sha256", {}):
            if str(Path(name).parent) == (folder or "."):
                self.intact(name)

    def check_complete(self) -> None:
        """Refuse a run that did not come to its end, or does not say what it began with.

        Raises
        ------
        InputError
            If it is one.
        """
        if self.status != "completed":
            way_on = f"go on with it by mitmodels resume {self.path} first"
            raise InputError(f"{self.path}: is {self.status}: {way_on}")
        self._check_beginning("config.resolved.toml")

    def check_unchanged(self) -> None:
        """Refuse to go on with other values than those that the run began with.

        Raises
        ------
        InputError
            If a file of its input was changed.
        """
        self._check_beginning("config.toml", "config.resolved.toml")
        for name, expected in self.record["sha256"].items():
            file = self.path / name
            if not file.is_file() or sha256(file.read_bytes()).hexdigest() != expected:
                raise InputError(
                    f"{file}: is not what the run began with: restore it or begin a new run"
                )

    def _check_beginning(self, *names: str) -> None:
        """Make sure that the record has the hashes of what the run began with."""
        if not {*names} <= self.record.get("sha256", {}).keys():
            raise damaged(self.path / "run.json", "it does not say what the run began with")

    def _text(self, name: str) -> str:
        """Text of a file that is what the run wrote."""
        path = self.intact(name)
        try:
            return path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise damaged(path, "it is not a text") from None


def read_json(path: Path) -> dict[str, Any]:
    """Return the content of a JSON file that holds an object.

    Raises
    ------
    InputError
        If it cannot be read or holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not JSON"
        raise damaged(path, reason) from None
    if not isinstance(found, dict):
        raise damaged(path, "it is not a JSON object")
    return found


def damaged(path: Path, reason: str | None) -> InputError:
    """Return the error of a file of results that cannot be used."""
    return InputError(f"{path}: cannot be used ({reason}): restore it, or run again")


def load(folder: Path | str) -> Run:
    """Open a run folder.

    Raises
    ------
    InputError
        If it is not one.
    """
    path = Path(folder)
    if path.suffix == ".toml" and path.is_file():
        raise InputError(f"{path}: is no run folder: `mitmodels run {path}` makes one")
    for name in ("run.json", "config.resolved.toml"):
        if not (path / name).is_file():
            raise InputError(f"{path}: is not a run folder ({name} is missing): give one to read")
    return Run(path)
