"""The tables of a TOML file as frozen models."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of the TOML file: frozen, and refusing keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)
