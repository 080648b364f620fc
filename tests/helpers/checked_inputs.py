"""Gives inputs to ``mitmodels check`` in this process and says which of them do not end well."""

import contextlib
import faulthandler
import io
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import meshio
import pytest
import tomli_w
from mutations import Input, Mesh

from mitmodels import cases
from mitmodels.cases import api
from mitmodels.cases.cli import main

_LONGEST = 600  # characters of a sentence
_COARSE = {"size": "5 um", "edge_size": "4 um", "cells_across": 3}
_TINY = {"size": "10 um", "edge_size": "5 um", "cells_across": 3}
_MESHES = ("binary.msh", "binary.vtu", "sets.inp", "text.msh", "text.vtu")
_GIVEN = {"input.toml", *_MESHES}
_COARSENED = {"100 um"}  # length of the channels for which that is a mesh


@dataclass
class Tally:
    """What became of some inputs.

    Attributes
    ----------
    counts : Counter
        ``inputs``, ``meshes`` among them, ``parsed`` as TOML, ``passed`` the check.
    failed : list of (str, Input)
        What was wrong with the end, and the input.
    """

    counts: Counter[str] = field(default_factory=Counter)
    failed: list[tuple[str, Input]] = field(default_factory=list)


def shipped() -> list[dict[str, Any]]:
    """Content of every TOML file that comes along, the larger channels with a coarse mesh."""
    found = []
    for file in sorted(Path(cases.__file__).parent.glob("*.toml")):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        length = data.get("geometry", {}).get("length", {})
        if "mesh" in data and length.get("value") in _COARSENED:
            data["mesh"] |= _COARSE
        found.append(data)
    return found


def meshed(folder: Path) -> list[Input]:
    """Return a film on meshes of several formats, which are made in a folder."""
    file = Path(cases.__file__).with_name("lsmo_iv.toml")
    binary_msh, binary_vtu, sets, text_msh, text_vtu = (folder / name for name in _MESHES)
    for path in (binary_msh, binary_vtu, sets):
        api.mesh(file, path, overrides=[f"mesh.{key}={value}" for key, value in _TINY.items()])
    meshio.read(binary_msh).write(text_msh, file_format="gmsh22", binary=False)
    meshio.read(binary_vtu).write(text_vtu, binary=False)
    found = []
    for path in (folder / name for name in _MESHES):
        data = tomllib.loads(file.read_text(encoding="utf-8"))
        data["geometry"]["mesh"] = path.name
        found.append(Input(tomli_w.dumps(data).encode(), (), Mesh(path.name, path.read_bytes())))
    return found


def check(item: Input) -> tuple[int | str | None, str, str]:
    """Return exit code, output and errors of ``mitmodels check`` for an input in this folder."""
    Path("input.toml").write_bytes(item.text)
    if item.mesh:
        Path(item.mesh.name).write_bytes(item.mesh.content)
    overrides = [word for text in item.overrides for word in ("--set", text)]
    out, err = io.StringIO(), io.StringIO()
    code: int | str | None = 0
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patch.setattr(sys, "argv", ["mitmodels", "check", "input.toml", *overrides])
        try:
            main()
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


def fault(code: int | str | None, out: str, err: str) -> str:
    """Say what is wrong with the end of a check: nothing if it is well or one sentence."""
    if {path.name for path in Path().iterdir()} - _GIVEN:
        return "a file was written"
    if code == 0:
        return "" if out and not err else "no report"
    sentence = err.removesuffix("\n")
    if code != 2 or out or not sentence.startswith("mitmodels: "):
        return f"exit code {code}"
    if "\n" in sentence or not sentence.isprintable():
        return "more than one line, or what cannot be printed"
    return f"{len(sentence)} characters" if len(sentence) > _LONGEST else ""


def check_all(inputs: Iterable[Input], seconds: float) -> Tally:
    """Check inputs one after the other in this folder; one that takes too long ends the process."""
    tally = Tally()
    for item in inputs:
        faulthandler.dump_traceback_later(seconds, exit=True, file=sys.__stderr__)
        try:
            code, out, err = check(item)
        except BaseException as error:  # it would have been a traceback
            wrong = f"raised {error!r}"
        else:
            wrong = fault(code, out, err)
            tally.counts["passed"] += code == 0
        finally:
            faulthandler.cancel_dump_traceback_later()
        tally.counts["inputs"] += 1
        tally.counts["meshes"] += item.mesh is not None
        tally.counts["parsed"] += item.parses
        if wrong:
            tally.failed.append((wrong, item))
    return tally
