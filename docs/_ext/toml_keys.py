"""Writes ``reference/keys.md``: every key of the TOML files, from their JSON schema."""

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from sphinx.application import Sphinx

from mitmodels.cases.config.document import load_config
from mitmodels.cases.config.quantity import NOT_STATED, Quantity
from mitmodels.cases.registry import find_case
from mitmodels.cases.schema import json_schema

# Else the case's own name.
_EXAMPLES = {"film_iv": "lsmo_iv", "film_transient": "lsmo_pulse", "cell": "ecm_set"}
_KINDS = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}
_LIMITS = {"minimum": "at least", "maximum": "at most"}
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
    for choice in (choice for choice in schema["oneOf"] if "$ref" in choice):
        model = schema["$defs"][choice["$ref"].rpartition("/")[2]]
        case = model["properties"]["case"]
        case = case.get("const") or case["enum"][0]
        shipped = _shipped(case)
        parts += [f"## {case}", f"Values of `{_EXAMPLES.get(case, case)}.toml` in the last column."]
        rows = []
        for name, entry in model["properties"].items():
            sections = list(_sections(entry, schema["$defs"]))
            if sections:
                for section in sections:
                    parts += _section(name, section, schema["$defs"], shipped)
            else:
                rows.append(_row(name, entry, name in _required(model), schema["$defs"], None))
        parts += [f"### Keys of {case} outside of sections", *_table(rows)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(name: str, section: Any, definitions: Any, shipped: Any) -> Iterator[str]:
    """Heading, words and table of a section, then its own sections."""
    fixed = {
        key: entry["const"] for key, entry in section["properties"].items() if "const" in entry
    }
    kind = "".join(f' with {key} = "{value}"' for key, value in fixed.items())
    yield f"### [{name}]{kind}"
    yield " ".join(section.get("description", "").split())
    required = _required(section)
    values = shipped.get(name, {})
    if any(values.get(key) != value for key, value in fixed.items()):
        values = {}  # of another kind
    rows, inner = [], []
    for key, entry in section["properties"].items():
        below = list(_sections(entry, definitions))
        if below and key != "steps":  # those of a repetition are steps again
            inner += [(f"{name}.{key}", part) for part in below]
        else:
            rows.append(_row(key, entry, key in required, definitions, values.get(key)))
    yield from _table(rows)
    for full, part in inner:
        yield from _section(full, part, definitions, {})


def _required(section: Any) -> Sequence[str]:
    """Keys that must be given, in the second way in which a section may be given if there are."""
    ways = section.get("anyOf", [{}, {}])
    found: Sequence[str] = section.get("required") or ways[1].get("required", [])
    return found


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    if rows:
        head = ("key", "what", "default", "shipped")
        lines = [head, ("---",) * 4, *rows]
        yield "\n".join(
            f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in lines
        )


def _row(key: str, entry: Any, required: bool, definitions: Any, value: Any) -> tuple[str, ...]:
    default = "" if required else "none"
    if entry.get("default") not in (None, []):
        default = f"`{json.dumps(entry['default'])}`"
    return f"`{key}`", _words(entry, definitions), default, _value(value)


def _value(value: Any) -> str:
    if isinstance(value, Quantity):
        source = _CITATION.sub(r"{cite:p}`\1`\2", value.source)
        words = value.status if value.source == NOT_STATED else f"{value.status}: {source}"
        return f"`{value.given}` ({words})" if value.source != "default" else ""
    return f"`{value}`" if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _words(entry: Any, definitions: Any) -> str:
    """Say what a value may be."""
    if "$ref" in entry:
        return _words(definitions[entry["$ref"].rpartition("/")[2]], definitions)
    if "examples" in entry and "description" in entry:
        return f'{entry["description"]}, `"{entry["examples"][0]}"`'
    if "description" in entry:
        return str(entry["description"])
    if "const" in entry or "enum" in entry:
        choices = entry.get("enum", [entry.get("const")])
        return " or ".join(f"`{json.dumps(choice)}`" for choice in choices)
    if "anyOf" in entry:
        words = (_words(one, definitions) for one in entry["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(words))
    if entry.get("type") == "array":
        return "list of " + _words(
            entry.get("items", entry.get("prefixItems", [{}])[0]), definitions
        )
    kind = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}
    limits = [
        f"{word} {entry[k]}"
        for k, word in (("minimum", "at least"), ("maximum", "at most"))
        if k in entry
    ]
    return " ".join([kind.get(entry.get("type", ""), "table"), ", ".join(limits)]).strip()


def _sections(entry: Any, definitions: Any) -> Iterator[Any]:
    """Definitions of sections in an entry, all variants of it."""
    if "$ref" in entry:
        found = definitions[entry["$ref"].rpartition("/")[2]]
        if "properties" in found:
            yield found
        else:
            yield from _sections(found, definitions)
    for one in entry.get("anyOf", []):
        if "properties" not in one:
            yield from _sections(one, definitions)
    if "items" in entry:
        yield from _sections(entry["items"], definitions)


def _shipped(case: str) -> dict[str, Any]:
    """Values of the shipped file: section -> key -> value."""
    file = Path(__file__).parents[2] / "cases" / f"{_EXAMPLES.get(case, case)}.toml"
    config = load_config(file, (), find_case(case, "case").config)
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
