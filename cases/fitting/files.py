"""Sections of a fit for which a file may stand: measured columns in CSV, a case in TOML."""

from typing import Any, ClassVar, Self, get_args, get_origin

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import PositiveRatio
from mitmodels.cases.config.document import read
from mitmodels.cases.config.section import CaseConfig, Section


class Columns(Section):
    """Two measured columns, or their file, with the relative ``error`` of the second."""

    file: str | None = None  # read into the columns, and none from then on
    error: PositiveRatio

    @classmethod
    def _columns(cls) -> dict[str, Any]:
        """Names of the columns in the order of the file, and the types of their values."""
        annotations = {name: field.annotation for name, field in cls.model_fields.items()}
        return {n: get_args(a)[0] for n, a in annotations.items() if get_origin(a) is tuple}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Ask for the columns or for their file."""
        return _either(handler.resolve_ref_schema(handler(schema)), set(cls._columns()))

    @model_validator(mode="before")
    @classmethod
    def _read_columns(cls, data: Any) -> Any:
        return with_columns(data, cls._columns())

    @model_validator(mode="after")
    def _are_as_long(self) -> Self:
        first, second = self._columns()
        if len(getattr(self, first)) != len(getattr(self, second)):
            raise ValueError(f"needs as many {first} as {second}")
        return self


class FromCase(Section):
    """Section with a case, which may stand in a TOML file of its own, changed by ``overrides``."""

    case_key: ClassVar[str]
    file: str | None = None  # read into the case, and none from then on
    overrides: tuple[str, ...] = ()  # likewise

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Ask for the case or for its file."""
        return _either(handler.resolve_ref_schema(handler(schema)), {cls.case_key})

    @model_validator(mode="before")
    @classmethod
    def _read_case(cls, data: Any) -> Any:
        if not isinstance(data, dict):
            return data
        data = dict(data)
        file, overrides = data.pop("file", None), checked(data.pop("overrides", []))
        if isinstance(file, str):
            data[cls.case_key] = _case(file, overrides, cls.model_fields[cls.case_key].annotation)
        return data


def checked(overrides: Any) -> list[str]:
    """Return overrides.

    Raises
    ------
    ValueError
        If they are not a list of texts.
    """
    if not isinstance(overrides, list) or not all(isinstance(item, str) for item in overrides):
        raise ValueError('overrides is not a list of texts: write ["section.key=value"]')
    return overrides


def _case(file: str, overrides: list[str], model: Any) -> CaseConfig:
    document = read(file, overrides)
    names = get_args(model.model_fields["case"].annotation)
    if document.data.get("case") not in names:
        raise ValueError(f"file = {file} is not a case {names[-1]}, which is what is fitted")
    found: CaseConfig = document.validate(model)
    return found


def _either(described: dict[str, Any], contents: set[str]) -> dict[str, Any]:
    """Schema of a section that needs some keys or, in their place, a file."""
    others = [key for key in described.pop("required") if key not in contents]
    described["anyOf"] = [{"required": [*others, *keys]} for keys in (sorted(contents), ["file"])]
    return described
