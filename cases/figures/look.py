"""Format and width of the figures that are drawn next."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from mitmodels.errors import InputError

Format = Literal["png", "pdf", "svg"]
Column = Literal["single", "double"]

_WIDTH = {
    "single": 86 / 25.4,
    "double": 178 / 25.4,
}  # [inch] of one column of a journal, and of two


@dataclass(frozen=True)
class Look:
    """Format of the files, and columns of a journal that figures are as wide as."""

    format: Format = "png"
    column: Column | None = None

    @property
    def width(self) -> float | None:
        """In inches; None for the width of each figure's own."""
        return _WIDTH[self.column] if self.column else None


_PLAIN = Look()
LOOK: ContextVar[Look] = ContextVar("look", default=_PLAIN)


@contextmanager
def looking(look: Look) -> Iterator[None]:
    """Draw figures with a look."""
    token = LOOK.set(look)
    try:
        yield
    finally:
        LOOK.reset(token)


def check_format(path: Path) -> None:
    """Check that a figure's file ends with a format that figures have.

    Raises
    ------
    InputError
        If it does not.
    """
    if path.suffix not in {".png", ".pdf", ".svg"}:
        raise InputError(f"{path}: is no name of a figure: let it end with .png, .pdf or .svg")
