"""Tables of measured values in CSV files: columns with units, or key figures one a line."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config.quantity import Quantity

_HEADER = re.compile(r".*\[([^\]]+)\]\s*")
_MOST = 200  # rows; of a film's law each is an interval of a formula that is compiled


def with_columns(section: Any, kinds: Mapping[str, Any]) -> Any:
    """Put the columns of the file that a section names into its place.

    Parameters
    ----------
    section
        Parsed, not yet checked.
    kinds
        Names of the columns in the section and the annotated types of their values, in the order
        of the file.

    Raises
    ------
    ValueError
        In one sentence, if the file cannot be read or the section has columns already.
    """
    if not isinstance(section, dict) or not isinstance(section.get("file"), str):
        return section
    if section.keys() & kinds.keys():
        raise ValueError(f"give either file, or {' and '.join(kinds)}")
    columns = read_columns(Path(section["file"]), tuple(kinds.values()))
    return {**section, **dict(zip(kinds, columns, strict=True)), "file": None}


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
    header, *rows = _lines(path)
    units = [match[1] for match in map(_HEADER.fullmatch, header) if match]
    if not len(units) == len(header) == len(kinds):
        raise ValueError(
            f"file = {path}: the first line must name {len(kinds)} columns with their units, as in "
            '"T [K],resistivity [ohm m]"'
        )
    _check_rows(path, rows, len(kinds))
    return [
        tuple(_value(TypeAdapter(kind), f"{row[i].strip()} {unit}", path) for row in rows)
        for i, (kind, unit) in enumerate(zip(kinds, units, strict=True))
    ]


def read_records(path: Path, names: Sequence[str]) -> list[dict[str, str]]:
    """Read a CSV file whose first line has these names, one record a line.

    Raises
    ------
    ValueError
        In one sentence, if the file is not such a table.
    """
    header, *rows = _lines(path)
    if [name.strip() for name in header] != list(names):
        raise ValueError(f'file = {path}: the first line must be "{",".join(names)}"')
    _check_rows(path, rows, len(names))
    return [dict(zip(names, map(str.strip, row), strict=True)) for row in rows]


def _lines(path: Path) -> list[list[str]]:
    """Lines of a CSV file with something on them, the first one being the header."""
    if not path.is_file():
        raise ValueError(f"file = {path} does not exist: name it from the TOML's folder")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"file = {path} cannot be read ({error}): give a CSV file") from None
    return [row for row in csv.reader(lines) if row and not row[0].startswith("#")] or [[]]


def _check_rows(path: Path, rows: Sequence[Sequence[str]], count: int) -> None:
    if len(rows) > _MOST:
        raise ValueError(f"file = {path} has {len(rows)} rows: thin it out to at most {_MOST}")
    for row in rows:
        if len(row) != count:
            raise ValueError(f"file = {path}: {','.join(row)} are not {count} values")


def _value(kind: TypeAdapter[Quantity], text: str, path: Path) -> Quantity:
    try:
        return kind.validate_python({"value": text, "source": path.name, "status": "measured"})
    except ValidationError as error:
        raise ValueError(f'file = {path}: "{text}" {error.errors()[0]["msg"]}') from None
