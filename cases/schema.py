"""JSON schema of the TOML files, from which editors complete, explain and check them."""

from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from mitmodels.cases.api import CASES, configuration
from mitmodels.cases.config.quantity import Quantity

_DIALECT = "https://json-schema.org/draft/2020-12/schema"

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
    models: dict[str, type[BaseModel]] = {name: configuration(name) for name in sorted(CASES)}
    references, definitions = models_json_schema(
        [(model, "validation") for model in dict.fromkeys(models.values())],
        schema_generator=_Generator,
    )
    choices = []
    for name, model in models.items():
        reference = references[model, "validation"]["$ref"]
        entry = definitions["$defs"][reference.rpartition("/")[2]]
        entry["properties"]["case"] = {"const": name, "description": "Which experiment it is."}
        entry["properties"]["sweep"] = {
            "type": "object",
            "description": "Values of some keys, for `mitmodels sweep`.",
        }
        choices.append({"$ref": reference})
    choices.append(_ON_TOP)
    return {
        "$schema": _DIALECT,
        "title": "Input of mitmodels",
        "oneOf": choices,
        **definitions,
    }
