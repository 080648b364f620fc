"""FreeFEM: quadratic elements on triangles; a process of its own that is asked for states."""

import shutil
import subprocess
import weakref
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import SimpleNamespace

import numpy as np

from codes.drivers import Block, Kind, Setup

PROGRAM = shutil.which("FreeFem++")
NAME, VERSION = "FreeFEM", "4.9"


class Expression:
    """Text in FreeFEM's language that is written as one calculates."""

    __array_ufunc__ = None  # so that numbers of NumPy leave it to this class

    def __init__(self, text: object) -> None:
        self.text = str(float(text)) if isinstance(text, int | float) else str(text)

    def __str__(self) -> str:
        return self.text


def _both(sign: str):
    def of(a, b):
        return Expression(f"({Expression(a)} {sign} {Expression(b)})")

    return of, lambda a, b: of(b, a)


for _name, _sign in {"add": "+", "sub": "-", "mul": "*", "truediv": "/", "pow": "^"}.items():
    for _prefix, _method in zip(("", "r"), _both(_sign), strict=True):
        setattr(Expression, f"__{_prefix}{_name}__", _method)
FUNCTIONS = SimpleNamespace(exp=lambda a: Expression(f"exp({a})"))
X, Y, Z, T = (Expression(name) for name in "xyzT")


def numbers(values: np.ndarray) -> str:
    """Return an array."""
    return f"[{', '.join(repr(float(x)) for x in values)}]"


def macro(name: str, text: object) -> str:
    """Return a definition."""
    return f"macro {name} ({text}) //\n"


def end(running: subprocess.Popen, script: Path) -> None:
    """End a process that waits for a line."""
    running.communicate("end\n" if running.poll() is None else None)
    script.unlink()


class Process:
    """FreeFEM with a script behind some definitions."""

    def __init__(self, definitions: str, script: str) -> None:
        with NamedTemporaryFile("w", suffix=".edp", delete=False) as file:
            file.write(f'{definitions}include "{Path(__file__).with_name(script)}"\n')
        words, pipe = [PROGRAM, "-nw", "-v", "0", file.name], subprocess.PIPE
        self.running = subprocess.Popen(words, stdin=pipe, stdout=pipe, text=True)
        weakref.finalize(self, end, self.running, Path(file.name))

    def ask(self, line: str = "") -> list[float]:
        """Return the numbers of its next state."""
        print(line, file=self.running.stdin, flush=True)
        for answer in self.running.stdout:
            if answer.startswith("state"):
                return [float(word) for word in answer.split()[1:]]
        raise RuntimeError(f"no state: {line}")


class Coupled:
    """A process for each guess."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        # Long triangles are worse than rectangles, which other codes have.
        y = np.linspace(setup.y[0], setup.y[-1], 9) if len(setup.y) == 3 else setup.y
        self.lines = [setup.x, y]
        self.begin(lambda x, *_: 0 * x, 1e-3)

    def begin(self, temperature, voltage: float) -> None:
        setup, (x, y) = self.setup, self.lines
        definitions = (
            f"int nx = {len(x) - 1}, ny = {len(y) - 1};\n"
            f"real[int] xs = {numbers(x)}, ys = {numbers(y)};\n"
            f"real V = {voltage}, loss = {setup.loss};\n"
            + macro("law(T)", setup.law(T, FUNCTIONS))
            + macro("slope(T)", setup.slope(T, FUNCTIONS))
            + macro("begin()", temperature(X, Y, FUNCTIONS))
            + macro("fixed()", f"on(2, 4, p = 0{', t = 0' if setup.cooled else ''})")
        )  # fmt: skip
        self.process = Process(definitions, "freefem.edp")

    def middle(self) -> float:
        return self.state[2]

    def solve(self, kind: Kind, value: float) -> tuple[float, float]:
        self.state = self.process.ask(f"{kind} {float(value)!r}")
        return self.state[0], self.state[1]


def heat(block: Block, _: list[tuple[float, float]]) -> tuple[list[float], float]:
    """Temperatures of a block at the centre, a side and a corner of the heated part."""
    definitions = (
        f"real[int] xs = {numbers(block.x)}, zs = {numbers(np.sort(block.z))};\n"
        + macro("far()", block.far(X, Y, Z) if block.far else "0.")
        + f"int[int] held = {'[2, 3, 5]' if block.far else '[5]'};\n"
    )
    *places, mean = Process(definitions, "freefem_block.edp").ask()
    return places, mean
