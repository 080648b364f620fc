"""What a page shows, it does: ``run`` executes shell commands, ``file`` writes a file.

Both work in a folder of the page, ``_build/run/PAGE``, which begins empty. A command that fails
ends the build. The option ``silent`` of ``run`` leaves out what is printed; ``needs`` names foreign
programs: where one is missing, the commands are shown and not executed; ``section`` takes the
commands from below that heading of the README.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.util.docutils import SphinxDirective

_LONGEST = 600  # seconds


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
        folder = _folder(self)
        missing = [name for name in self.options.get("needs", []) if not shutil.which(name)]
        text = "\n".join(self.content)
        if "section" in self.options:
            text = _commands_of_readme(self, self.options["section"])
        shown = []
        for line in text.replace("\\\n", "\0").splitlines():
            command = line.replace("\0", "\\\n")
            output = "" if missing else _output(command, folder)
            shown.append(f"$ {command}")
            if output and "silent" not in self.options:
                shown.append(output)
        block = nodes.literal_block("\n".join(shown), "\n".join(shown), language="console")
        return [block]


def _commands_of_readme(directive: SphinxDirective, section: str) -> str:
    """First commands below a heading of the README; the page is built anew when it changes."""
    readme = Path(directive.env.srcdir).parent / "README.md"
    directive.env.note_dependency(str(readme))
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
        (_folder(self) / name).write_text(text, encoding="utf-8")
        language = {".toml": "toml", ".csv": "text", ".py": "python"}[Path(name).suffix]
        caption = nodes.paragraph("", "", nodes.literal("", name), nodes.Text(":"))
        return [caption, nodes.literal_block(text, text, language=language)]


def _folder(directive: SphinxDirective) -> Path:
    """Folder of the page, made anew by its first directive."""
    env = directive.env
    folder = Path(env.srcdir) / "_build" / "run" / env.docname
    if "run_commands" not in env.temp_data:
        env.temp_data["run_commands"] = True
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    return folder


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


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directives."""
    app.add_directive("run", Run)
    app.add_directive("file", File)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
