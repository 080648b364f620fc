"""Keys of the TOML files, as their JSON schema has them, for people."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from textwrap import wrap
from typing import Any

from mitmodels.cases.config.document import read
from mitmodels.cases.config.messages import known
from mitmodels.cases.config.shipped import case_names, schema
from mitmodels.errors import InputError


@dataclass(frozen=True)
class Key:
    """A key: what it decides, what its value may be, an example, ``""`` for a choice.

    The default is None if it must be given.
    """

    name: str
    words: str
    kind: str
    default: str | None
    example: str


_WIDTH = 75  # of what stands beside the names


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
        One that `mitmodels cases` lists, a value of the key case, or a TOML file of one.
    section
        Only this section, such as geometry or protocol. Default: all.

    Raises
    ------
    InputError
        If there is no such case or section.
    """
    names, described = case_names(), json.loads(schema())
    name = str(read(case).data.get("case")) if case.endswith(".toml") else case
    _check_order(name, section, names, described)
    found = [*tables(described, names[known(name, names, "case")])]
    sections = {table.name.partition(".")[0] for table in found if table.name}
    if section:
        known(section, sections, f"{case}: section")
        found = [table for table in found if f"{table.name}.".startswith(f"{section}.")]
    return "\n\n".join(map(_text, found))


def _check_order(name: str, section: str, names: Mapping[str, str], described: Any) -> None:
    """Refuse a section in the place of the case."""
    models = (model.get("properties", {}) for model in described["$defs"].values())
    if name not in names and any({name, "case"} <= model.keys() for model in models):
        case = section if section in names else "CASE"
        raise InputError(f"{name}: is a section: the case comes first, keys {case} {name}")


def _text(table: Table) -> str:
    kind = "".join(f' with {key} = "{value}"' for key, value in table.kind.items())
    head = f"[{table.name}]{kind}" if table.name else "outside of sections"
    lines = [f"{head}: {table.words}" if table.words else head]
    for key in table.keys:
        default = "must be given" if key.default is None else f"default {key.default}"
        example = "" if key.example in ("", key.default) else f"; as in {key.example}"
        wrapped = wrap(key.words, _WIDTH) + wrap(f"{key.kind}; {default}{example}", _WIDTH)
        names = (key.name, *[""] * (len(wrapped) - 1))
        lines += [f"  {name:24} {line}" for name, line in zip(names, wrapped, strict=True)]
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
        in_order = sorted(model["properties"].items(), key=lambda item: item[0] == "output")
        for name, entry in in_order:
            sections = list(sections_in(entry, definitions))
            for section in sections:
                yield from _tables(name, section, definitions)
            if not sections:
                rows.append(_key(name, entry, name in _required(model)))
        yield Table("", {}, "", tuple(rows))


def _tables(name: str, section: Any, definitions: Any) -> Iterator[Table]:
    entries, required = section["properties"], _required(section)
    if "case" in entries:
        cases = entries["case"].get("enum", [entries["case"].get("const")])
        yield Table(name, {}, f"All keys of a case {cases[0]}.", ())
        return
    kind = {key: entry["const"] for key, entry in entries.items() if "const" in entry}
    rows, inner = [], []
    for key, entry in entries.items():
        below = list(sections_in(entry, definitions))
        if below and key != "steps":  # those of a repetition are steps again
            inner += [(f"{name}.{key}", part) for part in below]
        else:
            rows.append(_key(key, entry, key in required))
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


def _key(name: str, entry: Any, required: bool) -> Key:
    default = None if required else "none"
    if entry.get("default") not in (None, [], {}):
        default = json.dumps(entry["default"], ensure_ascii=False)
    words, _, kind = entry["description"].partition("\n\n")
    example = next(iter(entry.get("examples", [])), None)
    shown = "" if example is None else json.dumps(example, ensure_ascii=False)
    return Key(name, _line(words), kind, default, shown)


def sections_in(entry: Any, definitions: Any) -> Iterator[Any]:
    """Definitions of sections in an entry, all variants of it."""
    if "$ref" in entry:
        found = definitions[entry["$ref"].rpartition("/")[2]]
        if "properties" in found:
            yield found
        else:
            yield from sections_in(found, definitions)
    for one in entry.get("anyOf", []):
        if "properties" not in one:
            yield from sections_in(one, definitions)
    if "items" in entry:
        yield from sections_in(entry["items"], definitions)
