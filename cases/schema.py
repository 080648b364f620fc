"""JSON schema of the TOML files, from which editors complete, explain and check them.

``python -m mitmodels.cases.schema`` renews the file that is shipped, and that of the conversions
of units that reading the shipped files asks for.
"""

import json
from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from mitmodels.cases.config import shipped
from mitmodels.cases.config.document import read
from mitmodels.cases.config.quantity import Affine, Quantity, conversions
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


class _Generator(GenerateJsonSchema):
    """Pydantic's schemas; the tag of a union may stand in the record of a material."""

    def tagged_union_schema(self, schema: core_schema.TaggedUnionSchema) -> JsonSchemaValue:
        choices = super().tagged_union_schema(schema)
        return {"anyOf": choices["oneOf"]}

    def encode_default(self, dft: Any) -> Any:
        """Return a default as a file has it."""
        if isinstance(dft, Quantity):
            return dft.given if dft.unit else float(dft)
        return super().encode_default(dft)


def json_schema() -> dict[str, Any]:
    """Return the schema of the files of all cases, which differ by the value of ``case``."""
    models = dict.fromkeys(find_case(name, "case").config for name in CASES)
    union: Any = Annotated[reduce(or_, models), Field(discriminator="case")]
    described = TypeAdapter(union).json_schema(schema_generator=_Generator)
    choices, definitions = described["anyOf"], described["$defs"]
    for choice in choices:
        keys = definitions[choice["$ref"].rpartition("/")[2]]["properties"]
        keys["case"]["description"] = "Which experiment it is."
        keys["sweep"] = _SWEEP
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
        document = read(file)
        data = {key: value for key, value in document.data.items() if key != "sweep"}
        replace(document, data=data).validate(find_case(data["case"], "case").config)
    return asked


if __name__ == "__main__":
    config = shipped.CASES / "config"
    text = json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"
    (config / "mitmodels.schema.json").write_text(text, encoding="utf-8")
    rows = ",\n".join(
        json.dumps([*units, "" if slope is None else str(slope), str(zero)])
        for units, (slope, zero) in sorted(asked_conversions().items())
    )
    (config / "conversions.json").write_text(f"[\n{rows}\n]\n", encoding="utf-8")
