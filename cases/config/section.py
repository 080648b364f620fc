"""The tables of a TOML file as frozen models, and those that every case has."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mitmodels.cases.config.dimensions import Temperature


class Section(BaseModel):
    """A table of the TOML file: frozen, and refusing keys it does not know.

    The docstring under a key is the sentence that editors, `mitmodels keys` and the pages show.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class Output(Section):
    """What is stored besides the tables."""

    figures: bool = True
    """Whether a run ends with its figures; `mitmodels plot` draws them later, too."""


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
