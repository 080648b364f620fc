"""Columns of a CSV file whose header names their units."""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cases.quantity import Quantity

_HEADER = re.compile(r".*\[([^\]]+)\]\s*")
_MOST = 200  # rows; each is an interval of a formula that is compiled


def read_columns(path: Path, kinds: Sequence[Any]) -> list[tuple[Quantity, ...]]:
    """Read the columns of a CSV file as measured quantities with the file as their source.

    The first line names the columns with their units, ``T [K],resistivity [ohm m]``; lines that
    begin with ``#`` are left out.

    Parameters
    ----------
    path
        The file.
    kinds
        What each column holds: the annotated types of configuration fields.

    Raises
    ------
    ValueError
        In one sentence, if the file cannot be read as such columns.
    """
    if not path.is_file():
        raise ValueError(f"file = {path} does not exist: name it from the TOML's folder")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"file = {path} cannot be read ({error}): give a CSV file") from None
    table = [row for row in csv.reader(lines) if row and not row[0].startswith("#")]
    header, rows = (table[0], table[1:]) if table else ([], [])
    units = [match[1] for match in map(_HEADER.fullmatch, header) if match]
    if not len(units) == len(header) == len(kinds):
        raise ValueError(
            f"file = {path}: the first line must name {len(kinds)} columns with their units, as in "
            '"T [K],resistivity [ohm m]"'
        )
    if len(rows) > _MOST:
        raise ValueError(f"file = {path} has {len(rows)} rows: thin it out to at most {_MOST}")
    for row in rows:
        if len(row) != len(kinds):
            raise ValueError(f"file = {path}: {','.join(row)} are not {len(kinds)} values")
    return [
        tuple(_value(TypeAdapter(kind), f"{row[i].strip()} {unit}", path) for row in rows)
        for i, (kind, unit) in enumerate(zip(kinds, units, strict=True))
    ]


def _value(kind: TypeAdapter[Quantity], text: str, path: Path) -> Quantity:
    try:
        return kind.validate_python({"value": text, "source": path.name, "status": "measured"})
    except ValidationError as error:
        raise ValueError(f'file = {path}: "{text}" {error.errors()[0]["msg"]}') from None
