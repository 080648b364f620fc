"""Files of a run folder: all of a write or nothing, whatever ends the process.

What writes raises a `RunError`, one sentence with the remedy, if the disk does not take it; what
was there before is untouched then.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from uuid import uuid4

from mitmodels.errors import InputError, RunError

if TYPE_CHECKING:
    import pandas as pd

Value = float | int | bool | str | None
# Value and unit, why there is no value if there is none, and which laws it was read beyond.
Entry = tuple[Value, str] | tuple[Value, str, str] | tuple[Value, str, str, str]
# Value and unit by name, None where there is no value.
Results = Mapping[str, tuple[float | None, str]]

_REMEDIES = {
    errno.ENOSPC: "free some space on that disk",
    errno.EDQUOT: "free some of your quota on that disk",
    errno.ENOENT: "the run folder was moved or deleted while the run wrote to it",
}
_PATIENCE = 1.0  # seconds; somebody who only asks whether a folder is worked on lets go at once


def create_folder(
    path: Path, subfolders: Sequence[str] = (), texts: Mapping[str, str | Path] | None = None
) -> None:
    """Make a folder with subfolders and files, texts or copies of others, all of it or nothing.

    Raises
    ------
    InputError
        If the folder exists, or there is no place for one.
    """
    check_new(path)
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    with writing(path):
        try:
            partial.mkdir(parents=True)
            for name in subfolders:
                (partial / name).mkdir(parents=True)
            for name, text in (texts or {}).items():
                if isinstance(text, Path):
                    (partial / name).parent.mkdir(exist_ok=True)
                    shutil.copyfile(text, partial / name)
                else:
                    (partial / name).write_bytes(text.encode())
            partial.rename(path)
        except BaseException as error:
            shutil.rmtree(partial, ignore_errors=True)
            if isinstance(error, OSError) and error.errno == errno.ENOTEMPTY:
                check_new(path)  # somebody was faster
            if isinstance(error, FileNotFoundError):
                raise InputError(f"{path}: cannot be made there: name another with --out") from None
            raise


def check_new(path: Path) -> Path:
    """Return a path, refusing a file or folder that exists.

    Raises
    ------
    InputError
        If it does.
    """
    if os.path.lexists(path):
        raise InputError(f"{path}: exists already: name another with --out")
    return path


def check_new_file(path: Path) -> None:
    """Refuse a file that exists, or whose folder does not.

    Raises
    ------
    InputError
        If it is one of these.
    """
    check_new(path)
    if not path.parent.is_dir():
        raise InputError(f"{path}: its folder does not exist: name another file with --out")


def append(path: Path, line: str) -> None:
    """Append a line to an existing file, all of it or nothing."""
    data = line.encode()
    with writing(path):
        file = os.open(path, os.O_WRONLY | os.O_APPEND)
        try:
            written = os.write(file, data)
            if written < len(data):
                os.ftruncate(file, os.fstat(file).st_size - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)


def json_text(content: Mapping[str, Any]) -> str:
    """Content of a JSON file.

    Raises
    ------
    ValueError
        If a number is infinite or not a number.
    """
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def write_results(path: Path, results: Mapping[str, Entry]) -> Path:
    """Write JSON ``{name: {"value": ..., "unit": ...}}`` and return its path.

    What does not exist has the value null and, where one is given, a ``"reason"``; what was read
    beyond the range of a law says so as ``"beyond"``.

    Raises
    ------
    ValueError
        If a value is infinite or not a number.
    """
    entries = {}
    for name, (value, unit, *said) in results.items():
        reason, beyond = (*said, "", "")[:2]
        remark = {"reason": reason} if value is None else {"beyond": beyond}
        shown = {key: text for key, text in remark.items() if text}
        entries[name] = {"value": value, "unit": unit, **shown}
    replace(path, json_text(entries))
    return path


def write_table(path: Path, table: pd.DataFrame) -> Path:
    """Write a table as CSV in the place of the old one, in one step, and return its path."""
    replace(path, table.to_csv(index=False, lineterminator="\n"))
    return path


def replace(path: Path, content: str | bytes) -> None:
    """Write a file beside the old one, then put it in its place in one step."""
    partial = path.with_name(f".{path.name}.{uuid4().hex}")
    data = content.encode() if isinstance(content, str) else content
    with writing(path):
        try:
            with partial.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            partial.replace(path)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other processes from working on a folder, until this one ends in whatever way.

    What is held is its ``config.toml``, which nobody writes. On a file system without locks
    everybody counts as alone.

    Raises
    ------
    InputError
        If another process works on it.
    """
    with ExitStack() as stack:
        path = folder / "config.toml"
        with writing(path):
            file = stack.enter_context(path.open("r+b"))
        deadline = time.monotonic() + _PATIENCE
        while not _locked(file):
            if time.monotonic() > deadline:
                raise InputError(f"{folder}: another process works on it: wait for its end")
            time.sleep(0.05)
        yield


def is_worked_on(folder: Path) -> bool:
    """Whether a process works on a folder."""
    try:
        with (folder / "config.toml").open("r+b") as file:
            return not _locked(file)
    except OSError:
        return False


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the operating system's errors into sentences."""
    try:
        yield
    except OSError as error:
        number = error.errno or 0
        reason = os.strerror(number) if number else error
        remedy = _REMEDIES.get(number, "choose a folder that you may write to with --out")
        raise RunError(f"{path}: cannot be written ({reason}): {remedy}") from None
