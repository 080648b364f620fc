"""What a page shows, it does: ``run`` executes shell commands, ``file`` writes a file.

Both work in a folder of the page, ``_build/run/PAGE``, which begins empty. A command that fails
ends the build. The option ``silent`` of ``run`` leaves out what is printed; ``needs`` names foreign
programs: where one is missing, the commands are shown and not executed; ``section`` takes the
commands from below that heading of the README.

What a page printed and drew is kept in ``outputs/`` if its commands took long, and is shown until
they change. The environment variable ``DOCS_RUN`` names pages whose commands are to run anew, or
is ``all``.
"""

import hashlib
import json
import os
import re
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

_LONGEST = 600  # [s]
_KEPT = 40.0  # [s] of processors, from which on the output of a page is kept
_BLOCK = re.compile(r"^```\{(?:run|file)\}.*?^```$", re.MULTILINE | re.DOTALL)
_LANGUAGES = {".cir": "text", ".csv": "text", ".py": "python", ".toml": "toml"}
_SECTION = re.compile(r"^:section: (.*)$", re.MULTILINE)
_PICTURE = re.compile(r"_build/run/([^\s)`]+\.(?:png|gif|svg))")


@dataclass
class Page:
    """A page with commands, and what they print: now, or when they ran last."""

    folder: Path
    kept: Path
    digest: str
    shown: list[str] | None
    outputs: list[str] = field(default_factory=list)
    began: float = field(default_factory=lambda: _seconds())

    def output(self, command: str, missing: bool) -> str:
        """Return what a command prints; nothing if a program that it needs is missing."""
        if self.shown is not None:
            text = self.shown.pop(0)
        else:
            text = "" if missing else _output(command, self.folder)
        self.outputs.append(text)
        return text

    def keep(self, pictures: Iterable[Path]) -> None:
        """Keep outputs and pictures if the commands have run and took long."""
        if self.shown is not None or _seconds() - self.began < _KEPT:
            return
        copies = self.kept.with_suffix("")
        shutil.rmtree(copies, ignore_errors=True)
        copies.parent.mkdir(parents=True, exist_ok=True)
        content = {"digest": self.digest, "outputs": self.outputs}
        self.kept.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
        for picture in pictures:
            copy = copies / picture.relative_to(self.folder)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(picture, copy)


def _page(env: BuildEnvironment) -> Page:
    """Return the page that is being read; its first directive makes its folder anew."""
    if "run_commands" in env.temp_data:
        return env.temp_data["run_commands"]
    source, name = Path(env.srcdir), env.docname
    folder, kept = source / "_build" / "run" / name, source / "outputs" / f"{name}.json"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    page = Page(folder, kept, _digest(env), None)
    if kept.is_file() and not _asked_for(name):
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content["digest"] == page.digest:
            page.shown = content["outputs"]
            if kept.with_suffix("").is_dir():
                shutil.copytree(kept.with_suffix(""), folder, dirs_exist_ok=True)
    env.temp_data["run_commands"] = page
    return page


def _digest(env: BuildEnvironment) -> str:
    """Of all commands and files of a page, those that it takes from the README included."""
    text = Path(env.doc2path(env.docname)).read_text(encoding="utf-8")
    parts = _BLOCK.findall(text)
    parts += [_commands_of_readme(env, section) for section in _SECTION.findall(text)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _asked_for(name: str) -> bool:
    return bool({"all", name} & set(os.environ.get("DOCS_RUN", "").split()))


def _seconds() -> float:
    """Processor time of the commands so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class Run(SphinxDirective):
    """Commands, one per line; lines that end with a backslash go on."""

    has_content = True
    option_spec: ClassVar = {
        "silent": directives.flag,
        "needs": str.split,
        "section": directives.unchanged,
    }

    def run(self) -> list[nodes.Node]:
        """Execute the commands and return them with their output."""
        page = _page(self.env)
        missing = [name for name in self.options.get("needs", []) if not shutil.which(name)]
        text = "\n".join(self.content)
        if "section" in self.options:
            text = _commands_of_readme(self.env, self.options["section"])
        shown = []
        for line in text.replace("\\\n", "\0").splitlines():
            command = line.replace("\0", "\\\n")
            output = page.output(command, bool(missing))
            shown.append(f"$ {command}")
            if output and "silent" not in self.options:
                shown.append(output)
        block = nodes.literal_block("\n".join(shown), "\n".join(shown), language="console")
        return [block]


def _commands_of_readme(env: BuildEnvironment, section: str) -> str:
    """First commands below a heading of the README; the page is built anew when it changes."""
    readme = Path(env.srcdir).parent / "README.md"
    env.note_dependency(str(readme))
    _, _, rest = readme.read_text(encoding="utf-8").partition(f"\n## {section}\n")
    _, _, rest = rest.partition("```sh\n")
    commands, end, _ = rest.partition("```\n")
    if not end:
        raise ExtensionError(f"README.md shows no commands below '## {section}'")
    return commands


class File(SphinxDirective):
    """The file that the argument names."""

    has_content = True
    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Write the file and return its text."""
        name, text = self.arguments[0], "\n".join(self.content) + "\n"
        (_page(self.env).folder / name).write_text(text, encoding="utf-8")
        language = _LANGUAGES[Path(name).suffix]
        caption = nodes.paragraph("", "", nodes.literal("", name), nodes.Text(":"))
        return [caption, nodes.literal_block(text, text, language=language)]


def _output(command: str, folder: Path) -> str:
    # The program of this Python, and MPI's own launcher beside it.
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, "COLUMNS": "100"},
        capture_output=True,
        text=True,
        check=False,
        timeout=_LONGEST,
    )
    if done.returncode:
        raise ExtensionError(f"`{command}` ended with {done.returncode}: {done.stderr[-2000:]}")
    return done.stdout.rstrip()


def _keep(app: Sphinx, _: nodes.document) -> None:
    """Keep what a page that was read has printed and drawn."""
    if page := app.env.temp_data.get("run_commands"):
        text = Path(app.env.doc2path(app.env.docname)).read_text(encoding="utf-8")
        runs = Path(app.srcdir) / "_build" / "run"
        pictures = (runs / name for name in _PICTURE.findall(text))
        page.keep(picture for picture in pictures if picture.is_relative_to(page.folder))


def _outdated(_app: Sphinx, env: BuildEnvironment, *_: set[str]) -> list[str]:
    return [name for name in env.found_docs if _asked_for(name)]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("run", Run)
    app.add_directive("file", File)
    app.connect("doctree-read", _keep)
    app.connect("env-get-outdated", _outdated)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
