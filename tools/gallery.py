"""Run what `docs/gallery.toml` lists and write `docs/gallery.md` from the run folders.

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
from pathlib import Path
from typing import Literal

import pint
from pydantic import BaseModel, ConfigDict, Field

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RUNS = ROOT / "runs" / "gallery"


class Entry(BaseModel):
    """Part of the list; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exhibit(Entry):
    """A figure of a run folder, and what it shows."""

    file: str
    caption: str


class Row(Entry):
    """A statement of a paper beside the number of a run.

    ``key`` leads into the JSON file; its parts are separated by ``/``.
    """

    statement: str
    file: str = "summary.json"
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
        entry = json.loads(place.read_text(encoding="utf-8"))
        for part in row.key.split("/"):
            entry = entry[part]
    except (OSError, KeyError):
        sys.exit(f'{place}: has no "{row.key}", which docs/gallery.toml compares with {row.paper}')
    if isinstance(entry, dict):
        value, unit = entry["value"], entry["unit"]
    else:
        bracket = re.search(r"\[(.+)\]", row.key)
        value, unit = entry, bracket[1] if bracket else ""
    converted = pint.get_application_registry().Quantity(value, unit).to(row.unit)
    return f"{converted.magnitude:.4g} {row.unit}".rstrip()


def section(run: Listed) -> str:
    """Return the Markdown of a run; its figures are copied beside the page."""
    text = [f"## {run.title}\n", f"{run.source}\n", "```sh", *run.lines, "```\n"]
    if run.row:
        text += ["| paper says | | we get | status | why |", "|---|---|---|---|---|"]
        text += [
            f"| {row.statement} | {row.paper} {row.unit} | {found(run, row)} | {row.status} "
            f"| {row.why} |"
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
