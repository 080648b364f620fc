"""Fit of the metallization cell to its paper, and what each parameter does.

``python tools/ecm_paper_fit.py sensitivity`` runs the SET with each parameter of `PARAMETERS` 5 %
lower and higher and writes the table into docs/theory/ecm.md; ``python tools/ecm_paper_fit.py fit``
varies the fitted ones and prints where the least-squares sum of the paper's fitted `STATEMENTS` is
smallest. Runs are kept in ``runs/ecm_paper_fit`` and not repeated.
"""

import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mitmodels.cases import api
from mitmodels.cases.cell.growth import Config
from mitmodels.cases.config.document import load_config, resolved
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.papers.buttberg2025 import STATEMENTS, Statement, compared
from mitmodels.errors import RunError
from mitmodels.solvers.runs.reading import load

ROOT = Path(__file__).resolve().parent.parent
TOML = ROOT / "cases" / "ecm_set.toml"
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
OTHERS = (
    "void.ratio",
    "barrier.void",
    "void.width",
    "geometry.radius",
    "tunnel.prefactor",
)
PARAMETERS = FITTED + OTHERS
Array = npt.NDArray[np.float64]
Results = Mapping[str, float]
Table = Mapping[str, tuple[Results, Results]]

_STEP = 0.05
_NOT_REACHED = 5.0  # tolerances
_QUIET = ("output.figures=false", "output.fields_at.I=[]")
_MARKS = "<!-- sensitivity -->", "<!-- end of sensitivity -->"


def evaluate(factors: Mapping[str, float], folder: Path) -> Results:
    """Run the shipped SET with some parameters multiplied; return its results.

    A run that is in the folder already is read, one that fails gives what it has.

    Raises
    ------
    RunError
        If a run in the folder was interrupted.
    """
    config = load_config(TOML, [], Config)
    overrides = [
        f"{name}={float(_value(config, name) * factor)!r} {_value(config, name).unit}".rstrip()
        for name, factor in sorted(factors.items())
        if factor != 1
    ]
    text = resolved(load_config(TOML, (*overrides, *_QUIET), Config))
    path = folder / sha256(text.encode()).hexdigest()[:12]
    if not path.exists():
        try:
            api.run(TOML, path, overrides=(*overrides, *_QUIET))
        except RunError as error:
            print(f"{path}: {error}", file=sys.stderr)
    run = load(path)
    if run.record["status"] not in ("completed", "failed"):
        raise RunError(f"{path}: the run did not end; delete the folder to repeat it")
    return compared(run)


def _value(config: Config, name: str) -> Quantity:
    section, key = name.split(".")
    value: Quantity = getattr(getattr(config, section), key)
    return value


def sensitivity(names: Sequence[str], folder: Path) -> Table:
    """Results with each parameter 5 % lower and 5 % higher."""
    return {
        name: (evaluate({name: 1 - _STEP}, folder), evaluate({name: 1 + _STEP}, folder))
        for name in names
    }


def report(base: Results, table: Table) -> str:
    """Write the sensitivities as two tables and name what decides each prediction."""
    lines = ["| result | | paper | shipped set | decided by (beyond the tolerance at ±5 %) |"]
    lines.append("|---|---|---|---|---|")
    for s in STATEMENTS:
        names = [f"`{name}`" for name in table if _decides(s, base, table[name])]
        kind = "fitted" if s.fitted else "prediction"
        unit = f" [{s.unit}]" if s.unit else ""
        row = f"{s.name}{unit} | {kind} | {s.text} | {base[s.name]:.4g} | {', '.join(names) or '-'}"
        lines.append(f"| {row} |")
    lines += ["", "Change of the result when the parameter is 5 % lower / 5 % higher:", ""]
    heads = (f"{s.name} [{s.unit}]" if s.unit else s.name for s in STATEMENTS)
    lines.append(f"| parameter | {' | '.join(heads)} |")
    lines.append("|---" * (len(STATEMENTS) + 1) + "|")
    for name, pair in table.items():
        kind = "fitted" if name in FITTED else "not fitted"
        cells = [
            " / ".join(_change(end[s.name] - base[s.name], s) for end in pair) for s in STATEMENTS
        ]
        lines.append(f"| `{name}` ({kind}) | {' | '.join(cells)} |")
    return "\n".join(lines)


def _decides(s: Statement, base: Results, pair: tuple[Results, Results]) -> bool:
    """Whether a change of 5 % moves a result by more than its tolerance or across its bound."""
    if s.relation in ("=", "none"):
        return any(not abs(end[s.name] - base[s.name]) <= s.tolerance for end in pair)
    return any(not s.residual(end[s.name]) <= s.residual(base[s.name]) for end in pair)


def _change(difference: float, s: Statement) -> str:
    if not np.isfinite(difference):
        return "not reached"
    rounded = float(f"{difference:.2g}")
    return f"{rounded:+g}" if abs(rounded) > 1e-3 * s.tolerance else "0"


def fit(folder: Path, steps: int) -> str:
    """Fit the parameters of `FITTED` to the fitted statements, from the shipped set.

    There are fewer statements than parameters, so of all Gauss-Newton steps the shortest is taken.
    Their slopes stay those of the shipped set, for each evaluation is a whole SET.
    """
    statements = [s for s in STATEMENTS if s.fitted]

    def residuals(found: Results) -> Array:
        distances = np.array([s.residual(found[s.name]) for s in statements])
        return np.where(np.isfinite(distances), distances, _NOT_REACHED)

    table = sensitivity(FITTED, folder)
    slopes = [(residuals(high) - residuals(low)) / (2 * _STEP) for low, high in table.values()]
    factors, tried = np.ones(len(FITTED)), []
    for _ in range(steps + 1):
        off = residuals(evaluate(dict(zip(FITTED, factors, strict=True)), folder))
        tried.append((float(off @ off), factors))
        factors = factors - np.linalg.lstsq(np.column_stack(slopes), off, rcond=0.01)[0]
    least, best = min(tried, key=lambda pair: pair[0])
    lines = [f"sum of squares: {tried[0][0]:.4f} with the shipped set, {least:.4f} at the end"]
    lines += [f"{name}: x {factor:.4f}" for name, factor in zip(FITTED, best, strict=True)]
    return "\n".join(lines)


def main(arguments: list[str]) -> None:
    """Run one of the two commands."""
    if arguments[:1] == ["fit"]:
        print(fit(RUNS, int(arguments[1]) if len(arguments) > 1 else 4))
    elif arguments == ["sensitivity"]:
        text = report(evaluate({}, RUNS), sensitivity(PARAMETERS, RUNS))
        before, begin, rest = PAGE.read_text(encoding="utf-8").partition(_MARKS[0])
        _, end, after = rest.partition(_MARKS[1])
        PAGE.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", encoding="utf-8")
    else:
        print("give one of: sensitivity, fit [STEPS]", file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main(sys.argv[1:])
