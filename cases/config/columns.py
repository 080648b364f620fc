"""Tables of measured values in CSV files: columns with units, or key figures one a line."""

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

import numpy as np
from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config.messages import shortened
from mitmodels.cases.config.quantity import NUMBER, Quantity
from mitmodels.cases.config.toml_file import read_file

_HEADER = re.compile(r".*\[([^\]]+)\]|[^\[(]*\((.+)\)")
_MOST, _LARGEST = 5000, 50 << 20  # rows of a curve that a configuration keeps; bytes


def with_columns(
    section: Any, kinds: Mapping[str, Any], most: int = _MOST, key: str = "file"
) -> Any:
    """Put the columns of the file that a section names into its place.

    Parameters
    ----------
    section
        Parsed, not yet checked.
    kinds
        Names of the columns in the section and the annotated types of their values, in the order
        of the file.
    most
        Rows.
    key
        Under which the section names the file.

    Raises
    ------
    ValueError
        In one sentence, if the file cannot be read or the section has columns already.
    """
    if not isinstance(section, dict) or not isinstance(section.get(key), str):
        return section
    if section.keys() & kinds.keys():
        raise ValueError(f"give either {key}, or {' and '.join(kinds)}")
    columns = read_columns(Path(section[key]), tuple(kinds.values()), most)
    return {**section, **dict(zip(kinds, columns, strict=True)), key: None}


def read_columns(path: Path, kinds: Sequence[Any], most: int = _MOST) -> list[tuple[Quantity, ...]]:
    """Read the columns of a CSV file as measured quantities with the file as their source.

    The first line names the columns with their units, ``T [K],resistivity [ohm m]`` or
    ``T (K);R (ohm)``; commas, semicolons or tabs are between them, and where it is not commas, a
    number may have a decimal comma. Lines that begin with ``#`` are left out.

    Parameters
    ----------
    path
        The file.
    kinds
        What each column holds: the annotated types of configuration fields.
    most
        Rows.

    Raises
    ------
    ValueError
        In one sentence, if the file cannot be read as such columns.
    """
    header, *rows = _lines(path)
    units = [match[1] or match[2] for match in map(_HEADER.fullmatch, header) if match]
    if not len(units) == len(header) == len(kinds):
        raise ValueError(
            f"file = {path}: the first line must name {len(kinds)} columns with their units, as in "
            '"T [K],resistivity [ohm m]", with commas, semicolons or tabs between them'
        )
    _check_rows(path, rows, len(kinds), most)
    columns = zip(*rows, strict=True) if rows else ((),) * len(kinds)
    return [
        _column(kind, cells, unit, path)
        for kind, unit, cells in zip(kinds, units, columns, strict=True)
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
    _check_rows(path, rows, len(names), _MOST)
    return [dict(zip(names, map(str.strip, row), strict=True)) for row in rows]


def _lines(path: Path) -> list[list[str]]:
    """Cells of the lines of a CSV file with something on them, the first one being the header."""
    try:
        text = read_file(path, _LARGEST).decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise ValueError(f"file = {path} does not exist: name it from the TOML's folder") from None
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise ValueError(f"file = {path} cannot be read ({reason}): give a CSV file") from None
    lines = [line for line in text.splitlines() if line.strip() and line.lstrip()[0] != "#"]
    delimiter = next((d for d in "\t;" if lines and d in lines[0]), ",")
    try:
        rows = [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=delimiter)]
    except csv.Error as error:
        raise ValueError(f"file = {path} cannot be read ({error}): give a CSV file") from None
    if delimiter != ",":
        rows[1:] = [[cell.replace(",", ".") for cell in row] for row in rows[1:]]
    return rows or [[]]


def _check_rows(path: Path, rows: Sequence[Sequence[str]], count: int, most: int) -> None:
    if len(rows) > most:
        raise ValueError(f"file = {path} has {len(rows)} rows: thin it out to at most {most}")
    for row in rows:
        if len(row) != count:
            raise ValueError(f"file = {path}: {shortened(','.join(row))} are not {count} values")


def _column(kind: Any, cells: Sequence[str], unit: str, path: Path) -> tuple[Quantity, ...]:
    """Cells of a column as quantities; the unit is understood once."""
    dimension, source = get_args(kind)[1], path.name
    for cell in cells:
        if not NUMBER.fullmatch(cell):
            _refuse(kind, f"{cell} {unit}", path)
    values = np.array(cells, dtype=float)
    for extreme in {int(values.argmin()), int(values.argmax())} if len(values) else ():
        _refuse(kind, f"{cells[extreme]} {unit}", path)
    slope, zero, si = dimension.scale(unit)
    return tuple(
        Quantity(value, si, f"{cell} {unit}", source, "measured")
        for value, cell in zip(zero + values * slope, cells, strict=True)
    )


def _refuse(kind: Any, text: str, path: Path) -> None:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError as error:
        message = error.errors()[0]["msg"]
        raise ValueError(f'file = {path}: "{shortened(text)}" {message}') from None
