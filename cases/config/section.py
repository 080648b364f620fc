"""The tables of a TOML file as frozen models, and those that every case has."""

from typing import Any, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mitmodels.cases.config.dimensions import Position, Temperature


class Section(BaseModel):
    """A table of the TOML file: frozen, and refusing keys it does not know.

    The docstring under a key is the sentence that editors, `mitmodels keys` and the pages show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @model_validator(mode="before")
    @classmethod
    def _truth_is_no_number(cls, data: Any) -> Any:
        for name, value in data.items() if isinstance(data, dict) else ():
            kind = cls.model_fields[name].annotation if name in cls.model_fields else None
            if isinstance(value, bool) and {int, float} & {kind, *get_args(kind)}:
                raise ValueError(f"{name} = {str(value).lower()} is not a number: write one")
        return data


class Output(Section):
    """What is stored besides the tables."""

    figures: bool = True
    """Whether a run ends with its figures; `mitmodels plot` draws them later, too."""


class RecordedOutput(Output):
    """What is stored besides the tables, and further columns of ``iv.csv``."""

    probes: dict[str, tuple[Position, Position]] = Field(
        default_factory=dict, examples=[{"tip": ["3 um", "0 um"]}]
    )
    """Places by name whose temperature is a column ``T_NAME [K]`` of ``iv.csv``: x and y of a film,
    from its middle; radius and height of a cell, from the axis and the counter electrode."""
    derived: dict[str, str] = Field(default_factory=dict, examples=[{"P_film": "V_film * I"}])
    """Expressions by name of columns of ``iv.csv``, each a column more, with the unit that follows
    from theirs: names, numbers, quantities as `'1 mA'`, `+ - * / **`, sqrt, abs, exp, log, log10,
    min and max."""


class Ambient(Section):
    """Temperature far away."""

    temperature: Temperature
    """Temperature T_0 far away, where all heat goes, and of the device before the protocol."""


class CaseConfig(Section):
    """What the TOML file of every case has; each narrows ``case`` to its own names."""

    case: str
    """Which experiment it is."""
    output: Output = Field(default_factory=Output)

    @classmethod
    def completed(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Return parsed data in which every section has what it takes from others."""
        return data
