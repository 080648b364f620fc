"""Circuits solved by ngspice, which is a Debian package and no part of this one."""

import re
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mitmodels.checks import FloatArray
from mitmodels.errors import InputError, RunError

MISSING = "ngspice is not installed, which solves the circuits: sudo apt install ngspice"
_PATIENCE = 600.0  # [s] for one circuit


@dataclass(frozen=True, eq=False)
class Waves:
    """What ngspice found: values over time.

    Attributes
    ----------
    names : tuple of str
        As asked for, in lower case; the first is ``time``.
    values : ndarray, shape (points, names)
    """

    names: tuple[str, ...]
    values: FloatArray

    def __getitem__(self, name: str) -> FloatArray:
        """Return one column."""
        return self.values[:, self.names.index(name.lower())]

    @property
    def time(self) -> FloatArray:
        """Time points [s]."""
        return self.values[:, 0]


@dataclass(frozen=True)
class Transient:
    """An analysis in time.

    Attributes
    ----------
    netlist : str
        Elements and subcircuits, without title, analysis and ``.end``.
    stop, step : float
        End and largest time step [s].
    saved : tuple of str
        What is written, ``v(a)`` or ``i(v1)``.
    options : str
        Of ngspice, ``reltol=1e-4``; empty for its defaults.
    """

    netlist: str
    stop: float
    step: float
    saved: tuple[str, ...]
    options: str = ""

    @property
    def text(self) -> str:
        """The whole file but for where the result goes."""
        options = f".options {self.options}\n" if self.options else ""
        return f"* circuit of a compact model\n{self.netlist.rstrip()}\n{options}"


def is_there() -> bool:
    """Whether ngspice can be started."""
    return shutil.which("ngspice") is not None


def solve(circuit: Transient) -> Waves:
    """Run ngspice on a circuit from rest and return what it found.

    Raises
    ------
    InputError
        If there is no ngspice.
    RunError
        If it cannot solve the circuit to its end; the sentence quotes it.
    """
    with tempfile.TemporaryDirectory(prefix="mitmodels-") as name:
        return _solve(circuit, Path(name))


def _solve(circuit: Transient, folder: Path) -> Waves:
    step, stop = f"{circuit.step:.12g}", f"{circuit.stop:.12g}"
    control = (
        ".control\nset filetype=ascii\n"
        f"save {' '.join(circuit.saved)}\n"
        f"tran {step} {stop} 0 {step}\n"
        f"write found.raw {' '.join(circuit.saved)}\n.endc\n.end\n"
    )
    said = run_file(circuit.text + control, folder)
    try:
        waves = read_raw(folder / "found.raw")
    except (OSError, ValueError):
        raise RunError(f"ngspice found nothing: {_complaint(said)}") from None
    if waves.time[-1] < circuit.stop * (1 - 1e-6):
        reached = f"ngspice stops at {waves.time[-1]:.6g} s of {circuit.stop:.6g} s"
        raise RunError(f"{reached}: {_complaint(said)}")
    return waves


def run_file(text: str, folder: Path) -> str:
    """Let ngspice work through a file in a folder and return what it prints.

    Raises
    ------
    InputError
        If there is no ngspice.
    RunError
        If it does not come to an end.
    """
    if not is_there():
        raise InputError(MISSING)
    (folder / "circuit.cir").write_text(text, encoding="utf-8")
    try:
        done = subprocess.run(
            ["ngspice", "-n", "-b", "circuit.cir"],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE,
        )
    except subprocess.TimeoutExpired:
        raise RunError(f"ngspice did not come to an end within {_PATIENCE:g} s") from None
    return done.stdout + done.stderr


def _complaint(said: str) -> str:
    """Return the line of the output that says what went wrong."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    wrong = re.compile("error|too small|singular|failed|aborted|unknown", re.IGNORECASE)
    return next(filter(wrong.search, lines), lines[-1] if lines else "it says nothing")


def read_raw(path: Path) -> Waves:
    """Read the ASCII file of results that ngspice's ``write`` makes.

    Raises
    ------
    ValueError
        If it is not one.
    """
    head, _, body = path.read_text(encoding="utf-8").partition("Values:\n")
    variables: Sequence[str] = head.partition("Variables:\n")[2].split("\n")
    names = tuple(line.split()[1] for line in variables if line.strip())
    numbers = np.array(body.split(), dtype=float)
    if not names or not numbers.size:
        raise ValueError(f"{path} holds no values")
    return Waves(names, numbers.reshape(-1, len(names) + 1)[:, 1:].copy())
