"""Keys of the TOML files, as their JSON schema has them, for people."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mitmodels.cases.config.messages import known
from mitmodels.cases.config.shipped import case_names, schema

_KINDS = {"integer": "whole number", "string": "text", "boolean": "`true` or `false`"}
_LIMITS = {"minimum": "at least", "maximum": "at most"}


@dataclass(frozen=True)
class Key:
    """A key: what its value may be, and its default, None if it must be given."""

    name: str
    what: str
    default: str | None


@dataclass(frozen=True)
class Table:
    """A section, ``""`` for the file itself: what it is of, and its keys.

    ``kind`` are the keys that tell it from other kinds of the section, with their values.
    """

    name: str
    kind: dict[str, str]
    words: str
    keys: tuple[Key, ...]


def keys(case: str, section: str = "", /) -> str:
    """Print the keys of a case's TOML file with unit, default and meaning.

    Parameters
    ----------
    case
        One that `mitmodels cases` lists, or a value of the key case.
    section
        Only this section, such as geometry or protocol. Default: all.

    Raises
    ------
    InputError
        If there is no such case or section.
    """
    names = case_names()
    found = [*tables(json.loads(schema()), names[known(case, names, "case")])]
    sections = {table.name.partition(".")[0] for table in found if table.name}
    if section:
        known(section, sections, f"{case}: section")
        found = [table for table in found if f"{table.name}.".startswith(f"{section}.")]
    return "\n\n".join(map(_text, found))


def _text(table: Table) -> str:
    kind = "".join(f' with {key} = "{value}"' for key, value in table.kind.items())
    head = f"[{table.name}]{kind}" if table.name else "outside of sections"
    lines = [f"{head}: {table.words}" if table.words else head]
    for key in table.keys:
        default = "must be given" if key.default is None else f"default {key.default}"
        lines.append(f"  {key.name:24} {key.what}; {default}")
    return "\n".join(lines)


def tables(described: Any, case: str) -> Iterator[Table]:
    """Yield the sections of a case from the JSON schema, then the keys outside of them."""
    definitions = described["$defs"]
    for choice in (choice for choice in described["oneOf"] if "$ref" in choice):
        model = definitions[choice["$ref"].rpartition("/")[2]]
        named = model["properties"]["case"]
        if case not in named.get("enum", [named.get("const")]):
            continue
        rows = []
        for name, entry in model["properties"].items():
            sections = list(_sections(entry, definitions))
            for section in sections:
                yield from _tables(name, section, definitions)
            if not sections:
                rows.append(_key(name, entry, name in _required(model), definitions))
        yield Table("", {}, "", tuple(rows))


def _tables(name: str, section: Any, definitions: Any) -> Iterator[Table]:
    entries, required = section["properties"], _required(section)
    kind = {key: entry["const"] for key, entry in entries.items() if "const" in entry}
    rows, inner = [], []
    for key, entry in entries.items():
        below = list(_sections(entry, definitions))
        if below and key != "steps":  # those of a repetition are steps again
            inner += [(f"{name}.{key}", part) for part in below]
        else:
            rows.append(_key(key, entry, key in required, definitions))
    yield Table(name, kind, _line(section.get("description", "")), tuple(rows))
    for full, part in inner:
        yield from _tables(full, part, definitions)


def _line(text: str) -> str:
    return " ".join(text.split())


def _required(section: Any) -> Sequence[str]:
    """Keys that must be given, in the second way in which a section may be given if there are."""
    ways = section.get("anyOf", [{}, {}])
    found: Sequence[str] = section.get("required") or ways[1].get("required", [])
    return found


def _key(name: str, entry: Any, required: bool, definitions: Any) -> Key:
    default = None if required else "none"
    if entry.get("default") not in (None, []):
        default = json.dumps(entry["default"])
    return Key(name, _words(entry, definitions), default)


def _words(entry: Any, definitions: Any) -> str:
    if "$ref" in entry:
        return _words(definitions[entry["$ref"].rpartition("/")[2]], definitions)
    if "examples" in entry and "description" in entry:
        example = json.dumps(entry["examples"][0], ensure_ascii=False)
        return f"{_line(entry['description']).rstrip('.')}, `{example}`"
    if "description" in entry:
        return _line(entry["description"]).rstrip(".")
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
    limits = [f"{word} {entry[key]}" for key, word in _LIMITS.items() if key in entry]
    return " ".join([_KINDS.get(entry.get("type", ""), "table"), ", ".join(limits)]).strip()


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
