"""Damage done to folders of runs and sweeps, and what the commands say of it."""

import contextlib
import faulthandler
import io
import json
import random
import shutil
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

import mitmodels
from mitmodels.cases.cli import main

FILM = {
    "base": "lsmo_iv",
    "mesh": {"size": "5 um", "edge_size": "4 um", "cells_across": 3},
    "protocol": [{"step": "ramp", "to": "16 V"}, {"step": "ramp", "to": "0 V"}],
    "output": {"fields_at": {"V_source": ["5 V", "9 V"]}, "figures": False},
}
CELL = {
    "base": "ecm_set",
    "protocol": [
        {"step": "ramp", "to": "0.4 V", "rate": "1 V/s"},
        {"step": "ramp", "to": "0.35 V", "rate": "1 V/s"},
    ],
    "output": {"fields_at": {"t": ["0.1 s", "0.3 s"], "I": []}, "figures": False},
}
COMMANDS = {
    "film": ("plot", "plot --fields", "report", "resume", "compare", "fmr", "moke"),
    "stopped film": ("resume", "plot", "plot --fields", "resume"),
    "cell": ("plot", "plot --fields", "report", "relax", "qpc", "resume"),
    "sweep": ("status", "collect", "plot", "report", "status", "resume"),
}
_OUT = (
    "compare",
    "fmr",
    "moke",
    "relax",
    "qpc",
    "report",
)  # commands that write where `--out` says


def specimens(folder: Path) -> dict[str, Path]:
    """Make small folders of every kind."""
    found = {name: folder / name.replace(" ", "_") for name in COMMANDS}
    mitmodels.run(FILM, found["film"])
    mitmodels.run(CELL, found["cell"])
    axis = {"ambient": {"temperature": ["100 K", "120 K", "140 K"]}}
    swept = FILM | {"output": {"figures": False, "fields_at": {"V_source": []}}, "sweep": axis}
    mitmodels.sweep(swept, found["sweep"])
    stop(shutil.copytree(found["film"], found["stopped film"]))
    return found


def stop(run: Path) -> None:
    """Make a run one that was interrupted after its last checkpoint."""
    record = json.loads((run / "run.json").read_text())
    begun = {name: record["sha256"][name] for name in ("config.toml", "config.resolved.toml")}
    (run / "run.json").write_text(json.dumps(record | {"status": "interrupted", "sha256": begun}))
    (run / "summary.json").unlink()


def damage(folder: Path, draw: random.Random) -> Path:
    """Damage one file of a folder, a read one rather than another; return it."""
    files = sorted(file for file in folder.rglob("*") if file.is_file() and file.stat().st_size)
    named = [file for file in files if file.suffix in (".json", ".toml", ".csv")]
    file = draw.choice(named if draw.random() < 0.7 else files)
    kind = draw.choice((_cut, _emptied, _listed, _binary, _gone, _folder, _swapped, _edited))
    kind(file, files, draw)
    return file


def _cut(file: Path, _: object, draw: random.Random) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: draw.randrange(len(data))])


def _emptied(file: Path, *_: object) -> None:
    file.write_bytes(b"")


def _listed(file: Path, _: object, draw: random.Random) -> None:
    file.write_text(draw.choice(("[1, 2, 3]\n", "null", "{}", "3\n", '"a"', "[]\n", "a,b\n1\n")))


def _binary(file: Path, _: object, draw: random.Random) -> None:
    file.write_bytes(draw.randbytes(draw.randrange(1, 3000)))


def _gone(file: Path, *_: object) -> None:
    file.unlink()


def _folder(file: Path, *_: object) -> None:
    file.unlink()
    file.mkdir()


def _swapped(file: Path, files: list[Path], draw: random.Random) -> None:
    file.write_bytes(draw.choice(files).read_bytes())


def _edited(file: Path, _: object, draw: random.Random) -> None:
    """Change some bytes, or a value of a JSON file."""
    data = bytearray(file.read_bytes())
    if file.suffix == ".json":
        content = json.loads(data)
        key = draw.choice(sorted(content))
        content[key] = draw.choice((None, [], {}, 3, "x", [content[key]], {"x": content[key]}))
        if draw.random() < 0.3:
            del content[key]
        file.write_text(json.dumps(content))
        return
    for _i in range(draw.choice((1, 3, 30))):
        data[draw.randrange(len(data))] = draw.randrange(256)
    file.write_bytes(bytes(data))


def words(command: str, folder: Path, sound: Path, out: Path) -> list[str]:
    """Return a command line on a folder; ``sound`` is a run that is not damaged."""
    verb, *options = command.split()
    read = folder / "iv.csv" if verb == "qpc" else folder
    others = [str(sound)] if verb == "compare" else []
    return [verb, str(read), *others, *options, *(["--out", str(out)] if verb in _OUT else [])]


def command_line(*arguments: str) -> tuple[int | str | None, str]:
    """Return exit code and errors of a command line in this process."""
    code: int | str | None = 0
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["mitmodels", *arguments])
        try:
            main()
        except SystemExit as end:
            code = end.code
    return code, err.getvalue()


def fault(code: int | str | None, err: str, named: str) -> str:
    """Say what is wrong with the end of a command: nothing if it is well or one sentence."""
    last = err.removesuffix("\n").rpartition("\n")[2]
    if "Traceback" in err or code not in (0, 1, 2):
        return f"exit code {code}"
    if code and not (last.startswith("mitmodels: ") and named in last and last.isprintable()):
        return f"no sentence that names {named}"
    return ""


def tried(folders: dict[str, Path], place: Path, seed: int, seconds: float) -> Iterator[str]:
    """Damage copies of folders for ever, and say of each how a command on it ended badly."""
    draw = random.Random(seed)
    for number in count():
        kind = draw.choice(sorted(folders))
        copy, out = place / "damaged", place / f"out{number}"
        shutil.copytree(folders[kind], copy)
        files = [damage(copy, draw) for _ in range(draw.choice((1, 1, 1, 2)))]
        command = draw.choice(COMMANDS[kind])
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
        try:
            code, err = command_line(*words(command, copy, folders["film"], out))
            wrong = fault(code, err, copy.name)
        finally:
            faulthandler.cancel_dump_traceback_later()
        damaged = ", ".join(str(file.relative_to(copy)) for file in files)
        yield f"{wrong}: {command} of a {kind}, {damaged}: {err[-1500:]}" if wrong else ""
        shutil.rmtree(copy)
