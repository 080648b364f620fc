"""The folder of a sweep: its input, one input file and one run folder per point, their states."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

import tomli_w
from pydantic import BaseModel

from mitmodels.cases.config.layers import RENAMED
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.toml_file import read_toml
from mitmodels.cases.sweeps.points import Point, Sweep
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import create_folder, is_worked_on
from mitmodels.solvers.runs.reading import damaged, load, read_json
from mitmodels.solvers.runs.rich_text import as_html

State = Literal["waiting", "running", "killed", "interrupted", "failed", "damaged", "completed"]

_RECORD = "sweep.json"


@dataclass(frozen=True)
class PointState:
    """How far a point is, and, if it failed, why."""

    name: str
    state: State
    reason: str = ""


@dataclass(frozen=True)
class SweepFolder:
    """Folder of one sweep.

    ``config.toml`` reproduces the sweep, ``inputs/NAME.toml`` that of each point, ``NAME`` its run
    folder, ``output/NAME.txt`` what its process said.

    Attributes
    ----------
    path : Path
        The folder.
    record : mapping
        Content of ``sweep.json``: ``axes`` as a list of lists of keys with their ``size``, and
        ``points`` with ``name``, the keys that it ``changes``, and ``values`` of all keys that some
        point changes, as ``{key: {"value": ..., "unit": ...}}`` in SI; ``sample`` of one that is
        drawn.
    """

    path: Path
    record: Mapping[str, Any]

    @classmethod
    def create(
        cls, path: Path, text: str, sweep: Sweep, settings: Mapping[str, BaseModel]
    ) -> "SweepFolder":
        """Make the folder, all of it or nothing.

        Parameters
        ----------
        path
            Folder that must not exist.
        text
            TOML file that expands to the sweep.
        sweep
            Its expansion.
        settings
            Checked configuration of every point.

        Raises
        ------
        InputError
            If the folder exists.
        RunError
            If it cannot be written.
        """
        record: dict[str, Any] = {
            "axes": [{"keys": list(axis.values), "size": len(axis)} for axis in sweep.axes],
            "points": [
                {"name": point.name, "changes": list(point.values), "values": values}
                for point, values in zip(sweep.points, _in_si(sweep, settings), strict=True)
            ],
        }
        if sweep.sample:
            record["sample"] = sweep.sample.record
        texts = {"config.toml": text, _RECORD: json.dumps(record, indent=2, ensure_ascii=False)}
        texts |= {f"inputs/{point.name}.toml": input_text(point) for point in sweep.points}
        create_folder(path, ("inputs", "output"), texts)
        return cls(path, record)

    @classmethod
    def open(cls, path: Path) -> "SweepFolder":
        """Open the folder of a sweep.

        Raises
        ------
        InputError
            If it is not one.
        """
        file = path / _RECORD
        if not file.is_file():
            raise InputError(
                f"{path}: is not the folder of a sweep ({_RECORD} is missing): give one"
            )
        record = read_json(file)
        try:
            axes = [axis["size"] + len(axis["keys"]) for axis in record["axes"]]
            names = [Path(point["name"]).name for point in record["points"]]
            named = [point["changes"] and point["values"].items() for point in record["points"]]
        except (KeyError, TypeError, AttributeError):
            axes = names = named = []
        if not (axes and names and named):
            raise damaged(file, "it does not name axes and points")
        return cls(path, record)

    def __str__(self) -> str:
        """Where it is."""
        return f"sweep folder: {self.path}"

    def _repr_html_(self) -> str:
        """States and swept values of all points, for notebooks."""
        keys = self.record["points"][0]["values"]
        rows = [
            (state.name, state.state, *map(_shown, point["values"].values()), state.reason)
            for state, point in zip(self.states(), self.record["points"], strict=True)
        ]
        done = sum(row[1] == "completed" for row in rows)
        title = f"sweep, {done} of {len(rows)} points completed"
        return as_html(self.path, title, ("point", "state", *keys, "reason"), rows)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all points in order."""
        return tuple(point["name"] for point in self.record["points"])

    def input(self, name: str) -> Path:
        """Input file of a point."""
        return self.path / "inputs" / f"{name}.toml"

    def output(self, name: str) -> Path:
        """What the process of a point said."""
        return self.path / "output" / f"{name}.txt"

    @property
    def figures(self) -> Path:
        """Folder of the figures of all points; made if need be."""
        path = self.path / "figures"
        path.mkdir(exist_ok=True)
        return path

    def compare(self, sweep: Sweep, path: Path) -> None:
        """Refuse to go on with a file that does not expand to the same points.

        Raises
        ------
        InputError
            With the first point that differs.
        """
        expected = {point.name: point.data for point in sweep.points}
        for name in (*expected, *self.names):
            file = self.input(name)
            if not file.is_file() or read_toml(file)[1] != expected.get(name):
                raise InputError(
                    f"{self.path}: was not made from {path} as it is now: {name} is "
                    f"{'new or changed' if name in expected else 'gone'}: name another folder "
                    "with --out"
                )

    def states(self) -> list[PointState]:
        """State of every point in order."""
        return [self.state(name) for name in self.names]

    def state(self, name: str) -> PointState:
        """State of a point: that in its ``run.json``, unless nobody works on it any more."""
        path = self.path / name
        if not path.exists():
            reason = self._last_words(name)
            return PointState(name, "failed" if reason else "waiting", reason)
        try:
            run = load(path)
            status = run.status
            if status == "completed":
                run.check_intact()
        except InputError as error:
            return PointState(name, "damaged", str(error))
        if status == "running" and not is_worked_on(path):
            return PointState(name, "killed", "its process ended without a word")
        return PointState(name, cast("State", status), run.record.get("error", ""))

    def _last_words(self, name: str) -> str:
        """Last line of what the process of a point said, without the name of the program."""
        try:
            said = self.output(name).read_text("utf-8", errors="replace").rstrip()
        except FileNotFoundError:
            return ""
        return said.rpartition("\n")[2].strip().removeprefix("mitmodels: ")


def _shown(entry: Mapping[str, Any]) -> str:
    value = entry["value"]
    text = f"{value:.6g}" if isinstance(value, int | float) else str(value)
    return f"{text} {entry['unit']}".rstrip()


def is_sweep(path: Path | str) -> bool:
    """Whether a folder is that of a sweep."""
    return (Path(path) / _RECORD).is_file()


def input_text(point: Point) -> str:
    """TOML file of a point; the first line says what is special about it."""
    values = ", ".join(f"{key} = {json.dumps(v, default=str)}" for key, v in point.values.items())
    return f"# Point of a sweep: {values or 'the file as it is'}\n{tomli_w.dumps(point.data)}"


def _in_si(sweep: Sweep, settings: Mapping[str, BaseModel]) -> list[dict[str, dict[str, Any]]]:
    """Values of all swept keys in every point, as they were understood."""
    keys = [key for axis in sweep.axes for key in axis.values]
    found: list[dict[str, dict[str, Any]]] = [{} for _ in sweep.points]
    for key in keys:
        entries = [_entry(settings[point.name], key) for point in sweep.points]
        unit = next((entry.unit for entry in entries if isinstance(entry, Quantity)), "")
        for values, entry, point in zip(found, entries, sweep.points, strict=True):
            values[key] = _value(entry, point.values.get(key, entry), unit)
    return found


def _entry(settings: BaseModel, key: str) -> Any:
    """What a configuration has at a key; None if a section on the way is left out."""
    entry: Any = settings
    for part in RENAMED.get(key, key).split("."):
        if entry is None:
            break
        if isinstance(entry, tuple | list):
            entry = entry[int(part)]
        else:
            entry = entry.get(part) if isinstance(entry, dict) else getattr(entry, part)
    return entry


def _value(entry: Any, given: Any, unit: str) -> dict[str, Any]:
    if isinstance(entry, Quantity):
        return {"value": float(entry), "unit": entry.unit}
    plain = given is None or isinstance(given, int | float | str)
    return {
        "value": given if plain else json.dumps(given, default=str),
        "unit": unit if given is None else "",
    }
