"""Sections of a fit for which a file may stand: measured columns in CSV, a case in TOML."""

from typing import Any, ClassVar, Self, get_args, get_origin

from pydantic import ConfigDict, Field, model_validator

from mitmodels.cases.config.columns import with_columns
from mitmodels.cases.config.dimensions import PositiveRatio
from mitmodels.cases.config.document import read
from mitmodels.cases.config.section import CaseConfig, Section


class Columns(Section):
    """Two measured columns, or their file, with an error."""

    model_config = ConfigDict(
        json_schema_extra=lambda described, model: _or_file(described, set(model._columns()))
    )
    # Read into the columns, and none from then on.
    file: str | None = Field(default=None, examples=["measured.csv"])
    """Path of a CSV file with both columns, in place of them."""
    error: PositiveRatio
    """Standard error of the measurement as a fraction: of each resistance, or of the largest
    values of a curve."""

    @classmethod
    def _columns(cls) -> dict[str, Any]:
        """Names of the columns in the order of the file, and the types of their values."""
        annotations = {name: field.annotation for name, field in cls.model_fields.items()}
        return {n: get_args(a)[0] for n, a in annotations.items() if get_origin(a) is tuple}

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
    """Section with a case, which may stand in a TOML file of its own."""

    model_config = ConfigDict(
        json_schema_extra=lambda described, model: _or_file(described, {model.case_key})
    )
    case_key: ClassVar[str]
    # Both are read into the case, and nothing from then on.
    file: str | None = Field(default=None, examples=["my_case.toml"])
    """Path of the TOML file of the case, in place of the case itself."""
    overrides: tuple[str, ...] = Field(default=(), examples=[["numerics.points=500"]])
    """Changes of that file, `section.key=value`."""

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


def _or_file(described: dict[str, Any], contents: set[str]) -> None:
    """Let the schema of a section ask for some keys or, in their place, a file."""
    others = [key for key in described.pop("required") if key not in contents]
    described["anyOf"] = [{"required": [*others, *keys]} for keys in (sorted(contents), ["file"])]
