"""Writes ``reference/keys.md``: every key of the TOML files, from their JSON schema."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sphinx.application import Sphinx

from mitmodels.cases.config.document import read
from mitmodels.cases.config.keys import Key, Table, tables
from mitmodels.cases.config.quantity import NOT_STATED, Quantity
from mitmodels.cases.config.shipped import case_names, cases
from mitmodels.cases.registry import CASES
from mitmodels.cases.schema import configuration, json_schema

# What people run most comes first; the files with the examples, else the first of the case.
_EXAMPLES = {"film_iv": "lsmo_iv", "film_transient": "lsmo_pulse", "cell": "ecm_set"}
_CITATION = re.compile(r"\[([a-z]+\d{4})(,[^]]*)?\]")
_HEAD = """\
# Keys of the TOML files

Generated from the schema
({download}`mitmodels.schema.json <../../cases/config/mitmodels.schema.json>`). A key without a
default must be given, unless its section names a `material` that has it. A value with a
unit is a string, `"100 um"`, in any unit of its dimension, or a table
`{ value = "100 um", source = "...", status = "measured" }`; status is `measured`, `handbook`,
`fitted` or `assumed`. `file`, `geometry.mesh` and a `material` that ends with `.toml` are paths
from the folder of the TOML file. A file that begins with `base = "ecm_set"`, a shipped case, or
`base = "my.toml"`, a file, has only what is different there.
"""


def page() -> str:
    """Return the page as Markdown."""
    schema = json_schema()
    parts = [_HEAD]
    for case, file in _cases(schema):
        shipped = _shipped(file)
        parts += [f"## {case}", f"In the last column the values of `{file}.toml`, else examples."]
        for table in tables(schema, case):
            parts += _section(table, shipped.get(table.name, {}), case)
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(table: Table, values: Any, case: str) -> Iterator[str]:
    """Heading, words and table of a section."""
    kind = "".join(f' with {key} = "{value}"' for key, value in table.kind.items())
    yield f"### [{table.name}]{kind}" if table.name else f"### Keys of {case} outside of sections"
    yield table.words
    if any(values.get(key) != value for key, value in table.kind.items()):
        values = {}  # of another kind
    if table.keys:
        head = ("key", "what it is", "value", "default", "example")
        rows = [_row(key, values.get(key.name)) for key in table.keys]
        yield "\n".join(
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"
            for row in (head, ("---",) * 5, *rows)
        )


def _row(key: Key, value: Any) -> tuple[str, ...]:
    default = key.default or ""
    default = default if default in ("", "none") else f"`{default}`"
    example = _value(value) or (f"`{key.example}`" if key.example else "")
    return f"`{key.name}`", key.words.replace("``", "`"), key.kind, default, example


def _value(value: Any) -> str:
    if isinstance(value, Quantity):
        source = _CITATION.sub(r"{cite:p}`\1`\2", value.source)
        words = value.status if value.source == NOT_STATED else f"{value.status}: {source}"
        return f"`{value.given}` ({words})" if value.source != "default" else ""
    return f"`{value}`" if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _cases(schema: Any) -> Iterator[tuple[str, str]]:
    """Yield every case by its first name, and the shipped file with its examples."""
    found = dict(_EXAMPLES)
    files = {CASES[case]: file for file, case in case_names().items() if file not in CASES}
    for choice in (choice for choice in schema["oneOf"] if "$ref" in choice):
        case = schema["$defs"][choice["$ref"].rpartition("/")[2]]["properties"]["case"]
        name = case.get("const") or case["enum"][0]
        found.setdefault(name, name if name in cases() else files[CASES[name]])
    yield from found.items()


def _shipped(file: str) -> dict[str, Any]:
    """Values of the shipped file: section -> key -> value."""
    path = Path(__file__).parents[2] / "cases" / f"{file}.toml"
    config = configuration(read(path))
    return {name: dict(section) for name, section in config if isinstance(section, BaseModel)}


def _write(app: Sphinx) -> None:
    target = Path(app.srcdir) / "reference" / "keys.md"
    text = page()
    if not target.is_file() or target.read_text(encoding="utf-8") != text:
        target.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> dict[str, bool]:
    """Write the page before the sources are read."""
    app.connect("builder-inited", _write)
    return {"parallel_read_safe": True}
