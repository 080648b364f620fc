"""Fit of the metallization cell to its paper, and what each parameter does.

``python tools/ecm_paper_fit.py sensitivity`` runs the SET with each parameter of `PARAMETERS` 5 %
lower and higher and writes the table into docs/theory/ecm.md; ``python tools/ecm_paper_fit.py fit``
varies the fitted ones and prints where the least-squares sum of the paper's fitted `TARGETS` is
smallest. Both begin with the same sweep in ``runs/ecm_paper_fit``, whose runs are not repeated.
"""

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from mitmodels import load, sweep
from mitmodels.cases.cell.sections import Config
from mitmodels.cases.config.document import load_config
from mitmodels.cases.papers.buttberg2025 import TARGETS, Target, compared
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.errors import RunError

ROOT = Path(__file__).resolve().parent.parent
CASE = "ecm_set"
SHIPPED = load_config(CASE, (), Config)
PAGE = ROOT / "docs" / "theory" / "ecm.md"
RUNS = Path("runs") / "ecm_paper_fit"
FITTED = (
    "kinetics.exchange_current_density",
    "kinetics.activation_energy",
    "hopping.activation_energy",
    "barrier.mechanical",
    "barrier.mechanical_length",
    "barrier.void_length",
    "tunnel.mass_ratio",
    "tunnel.filament_share",
)
# Fits of the paper itself, or assumed where it says nothing.
OTHERS = ("void.ratio", "barrier.void", "void.width", "geometry.radius", "tunnel.prefactor")
PARAMETERS = FITTED + OTHERS
Array = npt.NDArray[np.float64]
Results = Mapping[str, float]
Table = Mapping[str, tuple[Results, Results]]

_STEP = 0.05
_NOT_REACHED = 5.0  # tolerances
_QUIET = {"figures": False, "fields_at": {"I": []}}
_MARKS = "<!-- sensitivity -->", "<!-- end of sensitivity -->"


def evaluate(points: Mapping[str, Any], folder: Path) -> list[Results]:
    """Run the points of a ``[sweep]`` of the shipped SET that are not complete; return all results.

    A run that fails gives what it has.
    """
    with suppress(RunError):
        sweep({"base": CASE, "output": _QUIET, "sweep": points}, folder)
    return [compared(load(folder / name)) for name in SweepFolder.open(folder).names]


def scaled(name: str, factor: float) -> str:
    """Return a parameter of the shipped SET times a factor, as a TOML file has it."""
    section, key = name.split(".")
    value = getattr(getattr(SHIPPED, section), key)
    return f"{float(value * factor)!r} {value.unit}".rstrip()


def sensitivity(folder: Path) -> tuple[Results, Table]:
    """Results of the shipped SET, and with each parameter 5 % lower and 5 % higher."""
    ends = {name: [scaled(name, 1 - _STEP), scaled(name, 1 + _STEP)] for name in PARAMETERS}
    base, *others = evaluate({"one_at_a_time": ends}, folder / "sensitivity")
    return base, dict(zip(PARAMETERS, zip(others[::2], others[1::2], strict=True), strict=True))


def report(base: Results, table: Table) -> str:
    """Write the sensitivities as two tables and name what decides each prediction."""
    lines = ["| result | | paper | shipped set | decided by (beyond the tolerance at ±5 %) |"]
    lines.append("|---|---|---|---|---|")
    for s in TARGETS:
        names = [f"`{name}`" for name in table if _decides(s, base, table[name])]
        kind = "fitted" if s.fitted else "prediction"
        unit = f" [{s.unit}]" if s.unit else ""
        row = f"{s.name}{unit} | {kind} | {s.text} | {base[s.name]:.4g} | {', '.join(names) or '-'}"
        lines.append(f"| {row} |")
    lines += ["", "Change of the result when the parameter is 5 % lower / 5 % higher:", ""]
    heads = (f"{s.name} [{s.unit}]" if s.unit else s.name for s in TARGETS)
    lines.append(f"| parameter | {' | '.join(heads)} |")
    lines.append("|---" * (len(TARGETS) + 1) + "|")
    for name, pair in table.items():
        kind = "fitted" if name in FITTED else "not fitted"
        cells = [
            " / ".join(_change(end[s.name] - base[s.name], s) for end in pair) for s in TARGETS
        ]
        lines.append(f"| `{name}` ({kind}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _decides(s: Target, base: Results, pair: tuple[Results, Results]) -> bool:
    """Whether a change of 5 % moves a result by more than its tolerance or across its bound."""
    if s.relation in ("=", "none"):
        return any(not abs(end[s.name] - base[s.name]) <= s.tolerance for end in pair)
    return any(not s.residual(end[s.name]) <= s.residual(base[s.name]) for end in pair)


def _change(difference: float, s: Target) -> str:
    if not np.isfinite(difference):
        return "not reached"
    rounded = float(f"{difference:.2g}")
    return f"{rounded:+g}" if abs(rounded) > 1e-3 * s.tolerance else "0"


def fit(folder: Path, steps: int) -> str:
    """Fit the parameters of `FITTED` to the fitted statements, from the shipped set.

    There are fewer statements than parameters, so of all Gauss-Newton steps the shortest is taken.
    Their slopes stay those of the shipped set, for each evaluation is a whole SET.
    """
    statements = [s for s in TARGETS if s.fitted]

    def residuals(found: Results) -> Array:
        distances = np.array([s.residual(found[s.name]) for s in statements])
        return np.where(np.isfinite(distances), distances, _NOT_REACHED)

    base, table = sensitivity(folder)
    ends = [[residuals(end) for end in table[name]] for name in FITTED]
    slopes = np.column_stack([(high - low) / (2 * _STEP) for low, high in ends])
    factors, off = np.ones(len(FITTED)), residuals(base)
    tried = [(float(off @ off), factors)]
    for step in range(1, steps + 1):
        factors = factors - np.linalg.lstsq(slopes, off, rcond=0.01)[0]
        point = {n: [scaled(n, factor)] for n, factor in zip(FITTED, factors, strict=True)}
        off = residuals(*evaluate({"zip": [point]}, folder / f"step-{step}"))
        tried.append((float(off @ off), factors))
    least, best = min(tried, key=lambda pair: pair[0])
    lines = [f"sum of squares: {tried[0][0]:.4f} with the shipped set, {least:.4f} at the end"]
    lines += [f"{name}: x {factor:.4f}" for name, factor in zip(FITTED, best, strict=True)]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Run one of the two commands."""
    if arguments[:1] == ["fit"]:
        print(fit(RUNS, int(arguments[1]) if len(arguments) > 1 else 4))
    elif arguments == ["sensitivity"]:
        text = report(*sensitivity(RUNS))
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(_MARKS[0])
        _, end, after = rest.partition(_MARKS[1])
        PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
    else:
        print("give one of: sensitivity, fit [STEPS]", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
