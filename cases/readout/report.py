"""One page that holds a run or a sweep: curves, maps, tables, every number and its origin."""

import json
from dataclasses import replace
from html import escape
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Any

from mitmodels.cases.readout.report_curves import curves
from mitmodels.cases.readout.report_tables import (
    Table,
    inputs,
    key_quantities,
    origin,
    points,
    tables,
    warnings_of,
    warnings_of_points,
)
from mitmodels.cases.registry import drawing
from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep
from mitmodels.solvers.runs.files import check_new_file
from mitmodels.solvers.runs.files import replace as write
from mitmodels.solvers.runs.reading import Run, load

_LONG = 32  # characters
_ROWS = 2000  # of a table; the file in the folder has all


def report(folder: Path | str, /, *, out: Path | str | None = None) -> Path:
    """Write one HTML page of a run or a sweep that works offline: curves, maps, numbers.

    Parameters
    ----------
    folder
        Run folder, or folder of a sweep.
    out
        Page to write, which must not exist. Default: report.html in the folder.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If the folder is neither, a file in it is damaged, or the page exists.
    RunError
        If the page cannot be written.
    """
    found = SweepFolder.open(Path(folder)) if is_sweep(folder) else load(folder)
    path = Path(out) if out is not None else found.path / "report.html"
    check_new_file(path)
    with drawing(found.path, "a table"):
        content = _run(found) if isinstance(found, Run) else _sweep(found)
    write(path, content)
    return path


def _run(run: Run) -> str:
    run.check_intact()
    found = [key_quantities(run), inputs(run.config), *tables(run), *origin(run)]
    state = f"case {run.config['case']}, {run.status}"
    return _page(run.path, state, warnings_of(run), found, curves([run]))


def _sweep(folder: SweepFolder) -> str:
    runs = [
        load(folder.path / point.name) for point in folder.states() if point.state == "completed"
    ]
    first = [
        replace(table, title=f"{table.title} of {run.path.name}")
        for run in runs[:1]
        for table in (inputs(run.config), *origin(run))
    ]
    found = [points(folder), *first]
    state = f"sweep of {', '.join(key for axis in folder.record['axes'] for key in axis['keys'])}"
    state += f", {len(runs)} of {len(folder.names)} points completed"
    return _page(folder.path, state, warnings_of_points(folder, runs), found, curves(runs))


def _page(
    path: Path, state: str, warnings: list[str], found: list[Table], drawn: dict[str, Any]
) -> str:
    """Fill the page in."""
    source = files("mitmodels.cases.readout").joinpath("page")
    # "</" would end the script, wherever it stands.
    data = json.dumps(drawn, separators=(",", ":"), allow_nan=False).replace("</", "<\\/")
    return Template(source.joinpath("page.html").read_text("utf-8")).substitute(
        title=escape(path.resolve().name),
        state=escape(state),
        warnings="".join(f"<li>{escape(sentence)}</li>" for sentence in warnings),
        warned="" if warnings else "hidden",
        tables="".join(map(_html, found)),
        style=source.joinpath("page.css").read_text("utf-8"),
        script=source.joinpath("page.js").read_text("utf-8"),
        data=data,
    )


def _cell(text: str) -> str:
    """Return a cell; a long text is broken into lines, a number never."""
    wide = ' class="long"' if len(text) > _LONG else ""
    return f"<td{wide}>{escape(text)}</td>"


def _html(table: Table) -> str:
    """Return a table that folds, open if it is one that everybody reads."""
    head = "".join(f"<th>{escape(name)}</th>" for name in table.columns)
    shown = table.rows[:_ROWS]
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in shown)
    left = len(table.rows) - len(shown)
    more = f"<p>{left} more rows are in the file.</p>" if left else ""
    return (
        f"<details{' open' if table.open else ''}><summary>{escape(table.title)}</summary>"
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'
        f"</div>{more}</details>\n"
    )
