"""Options that commands share, as types that the command line reads, and their texts as numbers."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from cyclopts import Parameter
from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config.dimensions import Duration
from mitmodels.errors import InputError

# A TOML file, the name of a shipped case, or its content.
Input = Annotated[
    Path | str | Mapping[str, Any],
    Parameter(converter=lambda _, tokens: tokens[0].value, n_tokens=1, accepts_keys=False),
]
Overrides = Annotated[Sequence[str], Parameter(name="--set", negative=(), show_default=False)]
Flag = Annotated[bool, Parameter(negative=())]


def new_path(out: Path | str | None, name: str) -> Path:
    """Return the folder of results: as a user names it, or in ``runs``, with the time."""
    if out is not None:
        return Path(os.path.expanduser(out))  # noqa: PTH111  # no shell does it in --out=~/x
    return Path("runs") / f"{name}-{datetime.now().astimezone():%Y%m%dT%H%M%S}"


def number(option: str, text: str, kind: Any) -> float:
    """Return the value in SI of an option with a unit.

    Parameters
    ----------
    option
        Its name, such as ``--spot``.
    text
        Its value, such as ``5 um``.
    kind
        The dimension, as a section of a TOML file has it.

    Raises
    ------
    InputError
        If it is not of this dimension.
    """
    try:
        return float(TypeAdapter(kind).validate_python(text))
    except ValidationError as error:
        raise InputError(f'{option} "{text}" {error.errors()[0]["msg"]}') from None


def seconds(checkpoint_every: str) -> float:
    """Return the wall time between two checkpoints [s] from its text.

    Raises
    ------
    InputError
        If it is not one.
    """
    return number("--checkpoint-every", checkpoint_every, Duration)
