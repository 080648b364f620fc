"""Runs as notebooks show them."""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

from mitmodels.errors import InputError

if TYPE_CHECKING:
    from mitmodels.solvers.runs.reading import Run

_MAIN = "iv.png"  # what most cases call the figure that says most


def of_run(run: "Run") -> str:
    """Return path and status, key quantities and the main figure of a run."""
    try:
        title = f"{run.config['case']}, {run.status}. {run.record.get('error', '')}"
        rows = [
            (name, _value(entry), entry.get("reason", entry.get("beyond", "")))
            for name, entry in run.summary.items()
        ]
    except InputError as error:
        return as_html(run.path, str(error), (), ())
    return as_html(run.path, title, ("quantity", "value", "remark"), rows) + _figure(run.path)


def as_html(
    path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> str:
    """Return a folder with a line about it and a table, nothing but texts, as HTML."""

    def line(cells: Sequence[object], tag: str) -> str:
        return f"<tr>{''.join(f'<{tag}>{escape(str(cell))}</{tag}>' for cell in cells)}</tr>"

    body = "".join(line(row, "td") for row in rows)
    table = f"<table>{line(columns, 'th')}{body}</table>" if body else ""
    return f"<p><b>{escape(str(path))}</b>: {escape(title.strip())}</p>{table}"


def _value(entry: Mapping[str, object]) -> str:
    value = entry["value"]
    text = f"{value:.6g}" if isinstance(value, int | float) else str(value or "–")
    return f"{text} {entry['unit']}".rstrip()


def _figure(path: Path) -> str:
    figures = path / "figures"
    found = [figures / _MAIN] if (figures / _MAIN).exists() else sorted(figures.glob("*.png"))
    if not found:
        return ""
    image = b64encode(found[0].read_bytes()).decode()
    return f'<img style="max-width: 32em" src="data:image/png;base64,{image}">'
