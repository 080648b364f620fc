"""Gallery of results: runs what `docs/gallery.toml` lists and writes its pages.

`docs/gallery.md` has the thumbnails, `docs/gallery/NAME.md` each run, and
`docs/gallery/statements.md` what the papers say beside what is found.

Runs that are complete are used as they are: delete a folder below `runs/gallery` to redo it.
"""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from mitmodels.cases.papers import statements
from mitmodels.cases.papers.statements import CLOSED_FORM, OUTCOMES, PAPERS, UNCHECKED, Statement

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
RUNS = ROOT / "runs" / "gallery"
HEAD = """---
hide-toc: true
---

# Gallery

Made by `make gallery` from the commands shown on the page of each run. What the papers say beside
what is found: [all statements](gallery/statements.md).
"""
STATEMENTS = """# What the papers say, and what is found

Every statement of the papers that can be checked, with the value that is found. `make verify` runs
the commands of every run of the [gallery](../gallery.md), and `tests/papers/test_statements.py`
fails when a value leaves the tolerance given here: that of the paper's value where both agree, else
that of the value found. A statement is *fitted* if the paper's value went into the model, as input
or by a fit; *predicted, agrees* or *predicted, disagrees* if it did not; *not reproduced* if the
model does not show what the paper describes. A value without a unit that is 1 or 0 answers yes or
no.
"""
GROUPS = {
    "film": "Films: steady states and families",
    "time": "Films in time, circuits and impedance, several devices",
    "cell": "Metallization cells",
    "experiment": "What an experiment sees of them: magnetism, resonance",
    "model": "Point contact, closed form, network",
}


class Entry(BaseModel):
    """Part of the list; an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Exhibit(Entry):
    """A figure of a run folder, and what it shows."""

    file: str
    caption: str


class Listed(Entry):
    """A run, by the commands that make it."""

    name: str
    title: str
    group: Literal[*GROUPS]
    source: str
    commands: tuple[str, ...]
    figure: tuple[Exhibit, ...] = ()

    def lines(self, runs: Path) -> list[str]:
        """The commands as a user types them, for a folder of runs."""
        shown = runs.relative_to(ROOT) if runs.is_relative_to(ROOT) else runs
        places = {"folder": shown / self.name, "runs": shown}
        return [f"mitmodels {command.format(**places)}" for command in self.commands]

    @property
    def needs(self) -> set[str]:
        """Names of runs that the commands read."""
        return set(re.findall(r"\{runs\}/(\w+)", " ".join(self.commands)))


class Gallery(Entry):
    """All of ``docs/gallery.toml``."""

    run: tuple[Listed, ...] = Field(min_length=1)


def listed() -> dict[str, Listed]:
    """Return what the gallery shows, by name."""
    content = tomllib.loads((DOCS / "gallery.toml").read_text(encoding="utf-8"))
    return {run.name: run for run in Gallery.model_validate(content).run}


def make(name: str, runs: Path) -> Path:
    """Run the commands of a run and of those that it reads, unless all of them have.

    Returns
    -------
    Path
        Its folder.
    """
    known = listed()
    run, folder = known[name], runs / name
    for other in sorted(run.needs & known.keys()):
        make(other, runs)
    done, lines = folder.with_suffix(".done"), run.lines(runs)
    if done.exists() and done.read_text(encoding="utf-8") == "\n".join(lines):
        return folder
    if folder.exists():
        sys.exit(f"{folder}: is not the complete run of these commands; delete it")
    program = Path(sys.executable).with_name("mitmodels")
    for line in lines:
        print(line, flush=True)
        subprocess.run([program, *shlex.split(line)[1:]], cwd=ROOT, check=True)
    done.write_text("\n".join(lines), encoding="utf-8")
    return folder


def table(paper: str) -> str:
    """Return the Markdown of a paper's statements."""
    lines = statements.statements(paper)
    values: dict[Statement, str] = {}
    for run in dict.fromkeys(line.run for line in lines if line.outcome != UNCHECKED):
        of_run = [line for line in lines if line.run == run]
        if run == CLOSED_FORM or (RUNS / f"{run}.done").exists():
            found = statements.found(of_run, RUNS / run)
            values |= {line: line.shown(value) for line, value in found.items()}
        else:
            values |= dict.fromkeys(of_run, "not run")
    text = [
        f"## {statements.module(paper).NAME}\n",
        "| where | statement | paper | found | tolerance | outcome | run | remark |",
        "|---|---|---|---|---|---|---|---|",
    ]
    text += [
        f"| {line.where} | {line.statement} | {line.quoted} | {value} "
        f"| {line.tolerance} | {line.outcome} | {line.run} | {line.why} |"
        for line, value in ((line, values[line]) for line in lines if line in values)
    ]
    left = [line for line in lines if line.outcome == UNCHECKED]
    text += ["", "Not checked:", ""]
    text += [f"- {line.where}: {line.statement} ({line.why})" for line in left]
    return "\n".join([*text, ""])


def counts() -> str:
    """Return the Markdown of how many statements of each paper have each outcome."""
    text = [f"| | {' | '.join(OUTCOMES)} |", "|---" * (len(OUTCOMES) + 1) + "|"]
    total: Counter[str] = Counter()
    for paper in PAPERS:
        of_paper = Counter(line.outcome for line in statements.statements(paper))
        total += of_paper
        numbers = " | ".join(str(of_paper[outcome]) for outcome in OUTCOMES)
        text.append(f"| {statements.module(paper).NAME} | {numbers} |")
    numbers = " | ".join(str(total[outcome]) for outcome in OUTCOMES)
    return "\n".join([*text, f"| all | {numbers} |", ""])


def page(run: Listed) -> str:
    """Return the Markdown of a run; its figures are copied beside the page."""
    text = [f"# {run.title}\n", f"{run.source}\n", "```sh", *run.lines(RUNS), "```\n"]
    copies = ((figure.caption, copied(run, figure)) for figure in run.figure)
    text += [f"![{said}]({copy.name})\n\n{said}\n" for said, copy in copies if copy]
    return "\n".join(text)


def copied(run: Listed, figure: Exhibit) -> Path | None:
    """Copy a figure beside the pages; return where it is, also that of another day."""
    place = RUNS / run.name / figure.file
    owner = place.resolve().relative_to(RUNS).parts[0]
    copy = DOCS / "gallery" / f"{owner}-{place.name}"
    if place.exists():
        shutil.copyfile(place, copy)
    return copy if copy.exists() else None


def cards(group: str, runs: Iterable[Listed]) -> str:
    """Return the Markdown of a group of runs: a thumbnail for each, that of its first figure."""
    text = [
        f"## {GROUPS[group]}\n",
        "::::{grid} 2 3 4 4",
        ":gutter: 2",
        ":class-container: gallery\n",
    ]
    for run in runs:
        shown = next(filter(None, (copied(run, figure) for figure in run.figure)), None)
        picture = [f":img-top: gallery/{shown.name}", f":img-alt: {run.title}"] if shown else []
        link = [f":link: gallery/{run.name}", ":link-type: doc"]
        text += [":::{grid-item-card}", *picture, *link, run.title, ":::\n"]
    return "\n".join([*text, "::::\n"])


def main(names: Sequence[str]) -> None:
    """Make all runs, or those that are named, and the pages of those that there are."""
    runs = listed()
    for name in names or runs:
        make(name, RUNS)
    folder = DOCS / "gallery"
    folder.mkdir(exist_ok=True)
    groups = [cards(group, (r for r in runs.values() if r.group == group)) for group in GROUPS]
    tree = [
        "```{toctree}",
        ":hidden:\n",
        "gallery/statements",
        *(f"gallery/{n}" for n in runs),
        "```\n",
    ]
    parts = [HEAD, counts(), *groups, "\n".join(tree)]
    (DOCS / "gallery.md").write_text("\n".join(parts), encoding="utf-8")
    parts = [STATEMENTS, counts(), *map(table, PAPERS)]
    (folder / "statements.md").write_text("\n".join(parts), encoding="utf-8")
    for run in runs.values():
        (folder / f"{run.name}.md").write_text(page(run), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
