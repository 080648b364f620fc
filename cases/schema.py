"""JSON schema of the TOML files, from which editors complete, explain and check them.

``python -m mitmodels.cases.schema`` renews the file that is shipped, and that of the conversions
of units that reading the shipped files asks for.
"""

import ast
import inspect
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from functools import cache, reduce
from itertools import pairwise
from operator import or_
from typing import Annotated, Any

from pydantic import BaseModel, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from mitmodels.cases.config import shipped
from mitmodels.cases.config.document import Document, read
from mitmodels.cases.config.keys import sections_in
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.quantity import Affine, Quantity, conversions
from mitmodels.cases.config.section import CaseConfig
from mitmodels.cases.registry import CASES, find_case

_SWEEP = {"type": "object", "description": "Values of some keys, for `mitmodels sweep`."}
# Such a file has any part of a case, so editors leave its keys to the program.
_ON_TOP = {
    "type": "object",
    "properties": {
        "base": {
            "type": "string",
            "description": "A shipped case, or a TOML file, of which this one changes something.",
            "examples": ["ecm_set", "my.toml"],
        }
    },
    "required": ["base"],
}


# Whose values are the first examples.
_FIRST = ("lsmo_iv", "lsmo_pulse", "ecm_set")
_LONGEST = 3  # lists and tables of examples
_NOTHING: tuple[object, ...] = (None, [], {})
_KINDS = {
    "integer": "whole number",
    "number": "number",
    "string": "text",
    "boolean": "`true` or `false`",
}
_LIMITS = {"minimum": "at least", "maximum": "at most"}


class Generator(GenerateJsonSchema):
    """Pydantic's schemas; the tag of a union may stand in the record of a material."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002
        """Titles are not names in capitals: they say what kind of a value it is."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Give keys their sentence, and an example: their own, a shipped one, the default, any."""
        described, sentences = super().model_schema(schema), _sentences(schema["cls"])
        for name, entry in described.get("properties", {}).items():
            field = schema["cls"].model_fields[name]
            if name in sentences:
                entry.setdefault("description", sentences[name])
            ours = _shipped_values().get((schema["cls"], name))
            generic = (one["examples"][0] for one in entry.get("anyOf", []) if "examples" in one)
            found = (ours, _example(field.default), next(generic, None))
            examples = [example for example in found if example not in _NOTHING]
            if field.examples is None and examples and not entry.keys() & {"const", "enum"}:
                entry["examples"] = examples[:1]
        return described

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        """Drop the tag."""
        choices = super().tagged_union_schema(schema)
        return {"anyOf": choices["oneOf"]}

    def encode_default(self, dft: Any) -> Any:
        """Return a default as a file has it."""
        if isinstance(dft, Quantity):
            return dft.given if dft.unit else float(dft)
        return super().encode_default(dft)


def _sentences(section: type[BaseModel]) -> dict[str, str]:
    """Docstrings below the keys of a section; pydantic would read them at every start."""
    found = {}
    for kind in reversed(section.__mro__[: section.__mro__.index(BaseModel)]):
        with suppress(OSError):  # a step of a protocol has none
            (body,) = ast.parse(inspect.getsource(kind)).body
            for key, below in pairwise(getattr(body, "body", ())):
                match key, below:
                    case (
                        ast.AnnAssign(target=ast.Name(id=name)),
                        ast.Expr(value=ast.Constant(value=str(words))),
                    ):
                        found[name] = words
    return found


@cache
def _shipped_values() -> dict[tuple[type[BaseModel], str], Any]:
    """Values of the shipped files that may be examples, by section and key."""
    files = sorted(shipped.CASES.glob("*.toml"), key=lambda f: (f.stem not in _FIRST, f.stem))
    found: dict[tuple[type[BaseModel], str], Any] = {}
    for document in map(read, files):
        config = configuration(document)
        for name, section in config:
            given = document.data.get(name)
            if isinstance(section, Material) and isinstance(given, dict) and "material" in given:
                found.setdefault((type(section), "material"), given["material"])
        for section in _sections(config):
            for name, value in section:
                example = _example(value)
                if example not in _NOTHING and getattr(value, "source", "") != "default":
                    found.setdefault((type(section), name), example)
    return found


def _sections(value: Any) -> Iterator[BaseModel]:
    """All sections of a configuration."""
    if isinstance(value, BaseModel):
        yield value
        for _, part in value:
            yield from _sections(part)
    elif isinstance(value, tuple):
        for part in value:
            yield from _sections(part)


def _example(value: Any) -> Any:
    """Return what shows how a value is written, None of zero."""
    return None if isinstance(value, Quantity) and not value else _given(value)


def _given(value: Any) -> Any:
    """Return a value as a file has it, the first items of long ones, None of a section."""
    if isinstance(value, Quantity):
        return value.given if value.unit else float(value)
    if isinstance(value, tuple):
        return [given for part in value[:_LONGEST] if (given := _given(part)) is not None]
    if isinstance(value, dict):
        items = [(key, given) for key, part in value.items() if (given := _given(part))]
        return dict(items[:_LONGEST])
    return value if isinstance(value, str | int) and not isinstance(value, bool) else None


def kind_of(entry: Any, definitions: Any) -> str:
    """Say what the value of a key may be."""
    if "$ref" in entry:
        return kind_of(definitions[entry["$ref"].rpartition("/")[2]], definitions)
    if "title" in entry and "properties" not in entry:
        return str(entry["title"])
    if "const" in entry or "enum" in entry:
        choices = entry.get("enum", [entry.get("const")])
        return " or ".join(f"`{json.dumps(choice)}`" for choice in choices)
    if "anyOf" in entry:
        words = (kind_of(one, definitions) for one in entry["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(words))
    if entry.get("type") == "array":
        items = entry.get("items", entry.get("prefixItems", [{}])[0])
        return "list, each " + kind_of(items, definitions)
    limits = [f"{word} {entry[key]}" for key, word in _LIMITS.items() if key in entry]
    return ", ".join([_KINDS.get(entry.get("type", ""), "table"), *limits])


def json_schema() -> dict[str, Any]:
    """Return the schema of the files of all cases, which differ by the value of ``case``."""
    models = dict.fromkeys(find_case(name, "case").config for name in CASES)
    union: Any = Annotated[reduce(or_, models), Field(discriminator="case")]
    described = TypeAdapter(union).json_schema(schema_generator=Generator)
    choices, definitions = described["anyOf"], described["$defs"]
    for choice in choices:
        keys = definitions[choice["$ref"].rpartition("/")[2]]["properties"]
        keys["sweep"] = dict(_SWEEP)
    for section in definitions.values():
        for entry in section.get("properties", {}).values():
            if not any(sections_in(entry, definitions)) or "steps" in section["properties"]:
                words = " ".join(entry.get("description", "").split())
                entry["description"] = f"{words}\n\n{kind_of(entry, definitions)}"
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Input of mitmodels",
        "oneOf": [*choices, _ON_TOP],
        "$defs": definitions,
    }


def asked_conversions() -> dict[tuple[str, str], Affine]:
    """Return the conversions of units that reading the shipped files asks pint for."""
    asked = conversions()
    asked.clear()
    for file in sorted(shipped.CASES.glob("*.toml")):
        configuration(read(file))
    return asked


def configuration(document: Document) -> CaseConfig:
    """Return the configuration of a document, which may be a sweep."""
    data = {key: value for key, value in document.data.items() if key != "sweep"}
    return replace(document, data=data).validate(find_case(data["case"], "case").config)


if __name__ == "__main__":
    config = shipped.CASES / "config"
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    (config / "mitmodels.schema.json").write_text(text, encoding="utf-8")
    rows = ",\n".join(
        json.dumps([*units, "" if slope is None else str(slope), str(zero)])
        for units, (slope, zero) in sorted(asked_conversions().items())
    )
    (config / "conversions.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
