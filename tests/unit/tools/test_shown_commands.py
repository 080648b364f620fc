"""Every command that a page shows is one that the program takes."""

import re
import shlex
from pathlib import Path

import pytest

from mitmodels.cases.cli import app

ROOT = Path(__file__).parents[3]
_PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "containers/README.md")),
    *(page for page in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in page.parts),
]
_BLOCK = re.compile(r"^```(?:sh|\{run\})\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_END = {"|", "||", "&&", ";", ">", "2>", "2>&1", "2>>"}  # of a command, in the shell


def commands(text: str) -> list[list[str]]:
    """Words after each ``mitmodels`` of a text of the shell, which is no image of a container."""
    found = []
    for line in text.replace("\\\n", " ").splitlines():
        if "mitmodels " not in line or line.startswith((":", "#")):
            continue
        words = shlex.split(line, comments=True)
        for start in (i for i, word in enumerate(words) if word == "mitmodels"):
            rest = words[start + 1 :]
            end = next((i for i, word in enumerate(rest) if word in _END), len(rest))
            if not rest[0].startswith("-n"):
                found.append(rest[:end])
    return found


def shown() -> list[tuple[str, list[str]]]:
    """Page and words of all commands."""
    listed = []
    for page in _PAGES:
        text = page.read_text(encoding="utf-8")
        listed += [
            (page.name, words) for block in _BLOCK.findall(text) for words in commands(block)
        ]
    return listed


def test_the_program_takes_every_command_that_is_shown():
    listed = shown()
    assert len(listed) > 100
    for page, words in listed:
        try:
            app.parse_args(words, print_error=False, exit_on_error=False)
        except Exception as error:
            pytest.fail(f"{page}: mitmodels {' '.join(words)}: {error}")


def test_a_command_that_it_does_not_take_is_found():
    (words,) = commands("mpirun -n 2 mitmodels run my.toml --outt runs/x 2> log.txt  # once\n")
    assert words == ["run", "my.toml", "--outt", "runs/x"]
    with pytest.raises(Exception, match="outt"):
        app.parse_args(words, print_error=False, exit_on_error=False)
