"""Gallery of results: runs what `docs/gallery.toml` lists and writes `docs/gallery.md`.

Runs that are complete are used as they are: delete a folder below `runs/gallery` to redo it.
"""

import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from string import Formatter
from typing import Literal

import pint
from pydantic import BaseModel, ConfigDict, Field

from mitmodels.solvers.runs.reading import load

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RUNS = ROOT / "runs" / "gallery"
PAPERS = {
    name: import_module(f"mitmodels.cases.papers.{name}")
    for name in ("salev2021", "chen2024", "buttberg2025")
}


class Entry(BaseModel):
    """Part of the list; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exhibit(Entry):
    """A figure of a run folder, and what it shows."""

    file: str
    caption: str


class Row(Entry):
    """A statement of a paper beside the number of a run.

    ``key`` leads into the JSON file, its parts separated by ``/``, or into the ``results`` of a
    module of `mitmodels.cases.papers`. ``paper`` has names of such modules' numbers in braces.
    """

    statement: str
    file: str = "summary.json"
    results: Literal["salev2021", "buttberg2025"] | None = None
    key: str
    paper: str
    unit: str
    status: Literal["fitted", "predicted", "not reproduced"]
    why: str


class Listed(Entry):
    """A run, by the commands that make it."""

    name: str
    title: str
    source: str
    commands: tuple[str, ...]
    figure: tuple[Exhibit, ...] = ()
    row: tuple[Row, ...] = ()

    @property
    def folder(self) -> Path:
        """Where the first command puts its results."""
        return RUNS / self.name

    @property
    def lines(self) -> list[str]:
        """The commands as a user types them."""
        folder = self.folder.relative_to(ROOT)
        return [f"mitmodels {command.format(folder=folder)}" for command in self.commands]


class Gallery(Entry):
    """All of ``docs/gallery.toml``."""

    run: tuple[Listed, ...] = Field(min_length=1)


def make(run: Listed) -> None:
    """Run the commands, unless all of them have."""
    done = run.folder.with_suffix(".done")
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(run.lines):
        return
    if run.folder.exists():
        sys.exit(f"{run.folder}: is not the complete run of these commands; delete it")
    program = Path(sys.executable).with_name("mitmodels")
    for line in run.lines:
        print(line, flush=True)
        subprocess.run([program, *shlex.split(line)[1:]], cwd=ROOT, check=True)
    done.write_text("\n".join(run.lines), encoding="utf-8")


def found(run: Listed, row: Row) -> str:
    """Return the number of a run in the unit of the row.

    Raises
    ------
    SystemExit
        If the run has no such number.
    """
    place = run.folder / row.file
    try:
        if row.results:
            value, unit = PAPERS[row.results].results(load(run.folder))[row.key]
        else:
            value, unit = _entry(place, row.key)
    except (OSError, KeyError):
        sys.exit(f'{place}: has no "{row.key}", which docs/gallery.toml compares with {row.paper}')
    return f"{_converted(value, unit, row.unit)} {row.unit}".rstrip()


def _entry(path: Path, key: str) -> tuple[float, str]:
    """Return a value of a JSON file and its unit, which the key has in brackets if no other."""
    entry = json.loads(path.read_text(encoding="utf-8"))
    for part in key.split("/"):
        entry = entry[part]
    if isinstance(entry, dict):
        return entry["value"], entry["unit"]
    bracket = re.search(r"\[(.+)\]", key)
    return entry, bracket[1] if bracket else ""


def _converted(value: float, unit: str, wanted: str) -> str:
    quantity = pint.get_application_registry().Quantity(float(value), unit).to(wanted)
    return f"{quantity.magnitude:.4g}"


def quoted(row: Row) -> str:
    """Return what the paper says, its numbers in the unit of the row."""
    text, unit = "", ""
    for words, name, *_ in Formatter().parse(row.paper):
        text += words
        if name:
            number, _ = Formatter().get_field(name, (), PAPERS)
            text, unit = text + _converted(number, number.unit, row.unit), row.unit
    return f"{text} {unit}".rstrip()


def section(run: Listed) -> str:
    """Return the Markdown of a run; its figures are copied beside the page."""
    text = [f"## {run.title}\n", f"{run.source}\n", "```sh", *run.lines, "```\n"]
    if run.row:
        text += ["| paper says | | we get | status | why |", "|---|---|---|---|---|"]
        text += [
            f"| {row.statement} | {quoted(row)} | {found(run, row)} | {row.status} | {row.why} |"
            for row in run.row
        ]
        text.append("")
    for figure in run.figure:
        copy = DOCS / "gallery" / f"{run.name}-{Path(figure.file).name}"
        shutil.copyfile(run.folder / figure.file, copy)
        text.append(f"![{figure.caption}](gallery/{copy.name})\n\n{figure.caption}\n")
    return "\n".join(text)


def main(names: Sequence[str]) -> None:
    """Make the page, or only the runs that are named."""
    listed = tomllib.loads((DOCS / "gallery.toml").read_text(encoding="utf-8"))
    runs = Gallery.model_validate(listed).run
    for run in runs:
        if not names or run.name in names:
            make(run)
    if not names:
        (DOCS / "gallery").mkdir(exist_ok=True)
        sections = [section(run) for run in runs]
        head = "# Gallery\n\nMade by `make gallery` from the commands shown.\n"
        (DOCS / "gallery.md").write_text("\n".join([head, *sections]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
