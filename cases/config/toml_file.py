"""TOML files as text and data, the place of a key in the text, and the text of other data."""

import errno
import logging
import re
import stat
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath
from typing import Any

import tomli_w
import tomlkit
from tomlkit.items import AoT, Table

from mitmodels.errors import InputError

_LOG = logging.getLogger(__name__)
# Of a file that a person writes there are no more bytes and lines, and no more parts of a key.
_LARGEST, _LINES, _PARTS = 4 << 20, 20_000, 50
_SEARCHED = 200_000  # characters; of a longer text no place of a key is looked for
_DOTTED = re.compile(r"""(?<![\w-])(?:["']?[\w-]++["']?[ \t]*\.[ \t]*){50,}""")


def read_file(path: Path, most: int) -> bytes:
    """Return the content of a regular file of at most so many bytes.

    Raises
    ------
    OSError
        If it cannot be read, is larger, or is special: a pipe that nobody writes into and a device
        have no end.
    """
    status = path.stat()
    if not (stat.S_ISREG(status.st_mode) or stat.S_ISDIR(status.st_mode)):
        raise OSError(errno.EINVAL, "it is a pipe or a device, not a regular file")
    if status.st_size > most:
        raise OSError(errno.EFBIG, f"it has more than {most >> 20} MiB")
    return path.read_bytes()


def check_key(key: str, origin: str) -> None:
    """Refuse a dotted key with very many parts.

    Raises
    ------
    InputError
        If it is one; ``origin`` says where it was given.
    """
    if key.count(".") >= _PARTS:
        raise InputError(f"{origin}: has a key of more than {_PARTS} parts: name one of a section")


def _small(path: Path, text: str) -> str:
    """Return a text, refusing what takes long to read and is no configuration."""
    if text.count("\n") > _LINES:
        raise InputError(f"{path}: has more than {_LINES} lines: give measured values as CSV files")
    for match in _DOTTED.finditer(text):
        check_key(match[0], str(path))
    return text


def read_toml(path: Path) -> tuple[str, dict[str, Any]]:
    """Return text and content of a TOML file.

    Raises
    ------
    InputError
        If the file is missing, unreadable or not TOML.
    """
    try:
        text = read_file(path, _LARGEST).decode("utf-8-sig")
        return text, tomllib.loads(_small(path, text))
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file: give the path of a TOML file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}): give a TOML file") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: is not a text in UTF-8: save it as UTF-8") from None
    except RecursionError:
        raise InputError(f"{path}: is nested too deeply: write plain tables and lists") from None
    except InputError:
        raise
    except ValueError as error:
        raise InputError(f"{path}: is not valid TOML: {error}; correct it there") from None


def place(text: str, location: Sequence[int | str]) -> tuple[int, int] | None:
    """Return line and column, from 1, of the deepest key of a location that a TOML text has.

    tomlkit keeps every character, so the text begins to change where a value is changed.
    """
    try:
        document = tomlkit.parse(text if len(text) <= _SEARCHED else "")
        node: Any = document
        parent: Any = None
        key: int | str | None = None
        for part in location:
            if has(node, part):
                parent, node, key = node, node[part], part
        if isinstance(node, AoT):
            node = node[0]
        if isinstance(node, Table):
            node.comment("here")
        elif parent is not None:
            parent[key] = float("inf")
        changed = document.as_string()
    except Exception:  # whatever tomlkit cannot do: the sentence goes without a place
        return None
    at = next((i for i, (a, b) in enumerate(zip(text, changed, strict=False)) if a != b), None)
    if at is None:
        return None
    begin = text.rfind("\n", 0, at) + 1
    named = text.rfind(str(key), begin, at) if isinstance(key, str) else at
    column = begin if isinstance(node, Table) or named < 0 else named
    return text.count("\n", 0, at) + 1, column - begin + 1


def rewritten(text: str, data: Mapping[str, Any]) -> str:
    """Return the TOML text of data, with the comments and the order of another text.

    Parameters
    ----------
    text
        A TOML text that has much in common with the data.
    data
        What the text that is returned reads back to.
    """
    if not text:
        return tomli_w.dumps(data)
    if tomllib.loads(text) == data:
        return text
    try:
        document = tomlkit.parse(text)
        _update(document, data)
        changed = document.as_string()
        if tomllib.loads(changed) == data:
            return changed
    except Exception:
        _LOG.debug("tomlkit cannot rewrite a file: it goes without comments", exc_info=True)
    return tomli_w.dumps(data)


def _update(node: Any, data: Any) -> None:
    if isinstance(data, dict):
        for key in [key for key in node if key not in data]:
            del node[key]
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        old = node[key] if has(node, key) else None
        if _alike(old, value):
            _update(old, value)
        elif isinstance(value, dict):
            node[key] = tomlkit.inline_table() if "value" in value else {}
            _update(node[key], value)
        elif old != value:
            node[key] = value


def _alike(old: Any, value: Any) -> bool:
    """Whether both are tables, or lists of as many items."""
    if isinstance(value, list):
        return isinstance(old, list) and len(old) == len(value)
    return isinstance(value, dict) and isinstance(old, dict)


def plain(value: Any, key: str = "mapping:") -> Any:
    """Return a copy of data of Python as TOML has it, paths as texts.

    Raises
    ------
    InputError
        If TOML has no such value; the sentence names the key.
    """
    if isinstance(value, Mapping):
        first = " " if key.endswith(":") else "."
        return {str(name): plain(item, f"{key}{first}{name}") for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item, f"{key}.{i}") for i, item in enumerate(value)]
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, bool | int | float | str):
        return value
    raise InputError(
        f"{key} = {value!r} is not a value of TOML: give a text, a number, true or false, a list "
        "or a table"
    )


def has(node: Any, part: int | str) -> bool:
    """Whether a table has a key, or a list an item."""
    if isinstance(node, dict):
        return part in node
    return isinstance(node, list) and isinstance(part, int) and part < len(node)
