"""Tables of a report: key quantities, inputs with their origin, what was written, provenance."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.ticker import EngFormatter

from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import table as sweep_table
from mitmodels.solvers.runs.reading import Run

_PREFIXED = {"V", "A", "W", "J", "s", "m", "C", "F", "H", "Hz", "ohm"}
_WARNING = re.compile(r"\S+ \S+ WARNING (.*)")
_LONGEST = 12  # numbers of a list that are shown


@dataclass(frozen=True)
class Table:
    """A table of texts under a title, folded unless it is open."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    open: bool = False


def shown(value: object, unit: str = "") -> str:
    """Return a value with its unit, 0.0169 A as 16.9 mA."""
    if value is None or (isinstance(value, float) and value != value):
        return "–"
    if isinstance(value, bool | str) or not isinstance(value, int | float):
        return f"{value} {unit}".rstrip()
    if unit in _PREFIXED:
        return EngFormatter(unit="Ω" if unit == "ohm" else unit)(value)
    return f"{value:.6g} {unit}".rstrip()


def warnings_of(run: Run) -> list[str]:
    """Return what a reader must know first: how the run ended, warnings, what left its range."""
    found = [] if run.status == "completed" else [f"The run is not complete: it is {run.status}."]
    found += filter(None, [run.record.get("error", "")])
    if (run.path / "events.csv").exists():
        events = run.events
        found += map(str, events.loc[events["event"] == "warning", "detail"])
    log = run.path / "log.txt"
    lines = log.read_text("utf-8", errors="replace").splitlines() if log.exists() else []
    found += [match[1] for match in map(_WARNING.fullmatch, lines) if match]
    beyond = [name for name, entry in run.summary.items() if entry.get("beyond")]
    if beyond:
        found.append(f"Read beyond the range of a law, see the remarks: {', '.join(beyond)}")
    return list(dict.fromkeys(found))


def warnings_of_points(folder: SweepFolder, runs: Sequence[Run]) -> list[str]:
    """Return which points are not complete and why, and the warnings of those that are."""
    found = [
        f"{point.name} is {point.state}. {point.reason}".strip()
        for point in folder.states()
        if point.state != "completed"
    ]
    return found + [f"{run.path.name}: {words}" for run in runs for words in warnings_of(run)]


def key_quantities(run: Run) -> Table:
    """Return the summary: what has no value says why."""
    rows = [
        [name, shown(entry["value"], entry["unit"]), entry.get("reason", entry.get("beyond", ""))]
        for name, entry in run.summary.items()
    ]
    return Table("Key quantities", ["quantity", "value", "remark"], rows, open=True)


def inputs(config: dict[str, Any]) -> Table:
    """Return every value of the resolved configuration with its status and source."""
    columns = ["key", "value", "status", "source"]
    return Table("Inputs", columns, list(_inputs("", config)), open=True)


def tables(run: Run) -> list[Table]:
    """Return every table that the run wrote."""
    return [_of_frame(f"{name}.csv", run.table(name)) for name in run.tables]


def points(folder: SweepFolder) -> Table:
    """Return the points of a sweep with their key quantities."""
    found = _of_frame("Points", sweep_table(folder).dropna(axis="columns", how="all"))
    return Table(found.title, found.columns, found.rows, open=True)


def origin(run: Run) -> list[Table]:
    """Return where and with what the run was made, and the sources that its numbers name."""
    record, cited = run.record, run.path / "citations.bib"
    plain = {name: value for name, value in record.items() if not isinstance(value, dict | list)}
    plain["overrides"] = " ".join(record.get("overrides", ())) or "–"
    found = [Table("Provenance", ["", ""], [[n, str(v)] for n, v in plain.items()], open=True)]
    found += [
        Table(title, columns, [[n, str(v)] for n, v in record.get(key, {}).items()])
        for title, key, columns in (
            ("Packages", "packages", ["package", "version"]),
            ("Checksums", "sha256", ["file", "SHA-256"]),
        )
    ]
    if cited.exists():
        entries = cited.read_text("utf-8").split("\n\n")
        found.append(Table("Sources", ["BibTeX"], [[entry.strip()] for entry in entries]))
    return found


def _of_frame(title: str, frame: pd.DataFrame) -> Table:
    rows = [[_cell(value) for value in row] for row in frame.itertuples(index=False)]
    return Table(title, list(map(str, frame.columns)), rows)


def _cell(value: object) -> str:
    return shown(value) if value == value else ""


def _inputs(key: str, value: Any) -> Iterator[list[str]]:
    if isinstance(value, dict) and {"value", "status", "source"} <= value.keys():
        yield [key, str(value["value"]), value["status"], value["source"]]
    elif isinstance(value, dict):
        for name, entry in value.items():
            yield from _inputs(f"{key}.{name}" if key else name, entry)
    elif isinstance(value, list) and value and isinstance(value[0], dict):
        for number, entry in enumerate(value[:_LONGEST]):
            yield from _inputs(f"{key}.{number}", entry)
        if len(value) > _LONGEST:
            yield [key, f"… {len(value)} in all", "", ""]
    else:
        yield [key, ", ".join(map(str, value)) if isinstance(value, list) else str(value), "", ""]
