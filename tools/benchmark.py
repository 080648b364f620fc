"""Tables and figure of the benchmark problems, from their files: docs/benchmark."""

import json
import sys
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import subplots

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests" / "benchmark_problems"))

from problems import NAMES, Problem, load  # noqa: E402

PAGES = ROOT / "docs" / "benchmark"
ORDER = (
    "self_heating_square",
    "sheet_film",
    "heated_square",
    "filament",
    "constriction",
    "planar_cell",
    "film_on_half_space",
    "hemisphere",
    "oscillator",
)


def table(columns: list[str], rows: list[list[str]]) -> str:
    """Lines of Markdown."""
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def codes(problem: Problem) -> list[str]:
    """Codes with results."""
    return list(dict.fromkeys(result.code for result in problem.results))


def page(problem: Problem) -> str:
    """Parameters, references and results of a problem."""
    content = json.loads(
        (ROOT / "tests/benchmark_problems" / problem.name / "problem.json").read_text()
    )
    given = [
        [f"`{p['symbol']}`", p["words"], f"{p['value']:g} {p['unit']}".strip()]
        for p in content["parameters"]
    ]
    asked = [
        [
            f"`{q.quantity}`",
            q.words,
            f"{q.reference:.10g} {q.unit}".strip(),
            f"{q.uncertainty:.0e}",
            f"{q.tolerance:.0e}",
        ]
        for q in problem.report
    ]
    rows = []
    for code in codes(problem):
        mine = {r.quantity: r for r in problem.results if r.code == code}
        first = next(iter(mine.values()))
        shown = []
        for q in problem.report:
            error = problem.error(mine[q.quantity]) if q.quantity in mine else None
            shown.append("none" if error is None else f"{error:.0e}")
        remark = "; ".join(dict.fromkeys(r.remark for r in mine.values() if r.remark))
        name = f"{code} {first.version}"
        rows.append([name, *shown, f"{first.seconds:g}", str(first.lines), remark])
    heads = ["code", *(f"`{q.quantity}`" for q in problem.report), "CPU [s]", "lines", "remark"]
    return "\n".join(
        [
            "## Numbers\n",
            table(["", "parameter", "value"], given),
            table(["", "asked", "reference", "uncertainty", "tolerance"], asked),
            "Uncertainty and tolerance are relative. The file: "
            f"`tests/benchmark_problems/{problem.name}/problem.json`.\n",
            "## Results\n",
            "Relative distances from the reference.\n",
            table(heads, rows),
        ]
    )


def overview(problems: list[Problem]) -> str:
    """Largest error over tolerance per code and problem."""
    names = list(dict.fromkeys(code for problem in problems for code in codes(problem)))
    rows = []
    for code in names:
        row = [code]
        for problem in problems:
            worst = largest(problem, code)
            row.append("" if worst is None else f"{worst:.1g}")
        rows.append(row)
    heads = ["largest error over its tolerance", *(str(i + 1) for i in range(len(problems)))]
    return table(heads, rows)


def largest(problem: Problem, code: str) -> float | None:
    """Largest error of a code over its tolerance."""
    tolerance = {q.quantity: q.tolerance for q in problem.report}
    errors = [(problem.error(r), tolerance[r.quantity]) for r in problem.results if r.code == code]
    return max((e / t for e, t in errors if e is not None), default=None)


def draw(problems: list[Problem]) -> Figure:
    """Errors of all quantities over their tolerances, a colour for each code."""
    names = list(dict.fromkeys(code for problem in problems for code in codes(problem)))
    labels = [q.quantity for problem in problems for q in problem.report]
    figure, axes = subplots(figsize=(7, 3.2), layout="constrained")
    for number, code in enumerate(names):
        x, y, start = [], [], 0
        for problem in problems:
            places = {q.quantity: start + i for i, q in enumerate(problem.report)}
            tolerance = {q.quantity: q.tolerance for q in problem.report}
            start += len(places)
            for result in problem.results:
                error = problem.error(result)
                if result.code == code and error is not None:
                    x.append(places[result.quantity] + 0.2 * (number - 1))
                    y.append(max(error / tolerance[result.quantity], 1e-9))
        axes.plot(x, y, "os^vD"[number % 5], label=code, markersize=5)
    edges = np.cumsum([len(problem.report) for problem in problems])[:-1]
    for edge in edges:
        axes.axvline(edge - 0.5, color="0.8", linewidth=0.8)
    axes.axhline(1.0, color="black", linewidth=0.8)
    axes.set_yscale("log")
    axes.set_xticks(range(len(labels)), labels, rotation=60, ha="right")
    axes.set_ylabel("error / tolerance")
    axes.legend(ncols=len(names), loc="upper center", bbox_to_anchor=(0.5, 1.15), frameon=False)
    return figure


def pages() -> dict[str, str]:
    """Text of every generated file."""
    problems = [load(name) for name in ORDER]
    assert sorted(ORDER) == NAMES
    return {"overview": overview(problems)} | {p.name: page(p) for p in problems}


if __name__ == "__main__":
    for name, text in pages().items():
        (PAGES / "tables" / f"{name}.md").write_text(text)
    draw([load(name) for name in ORDER]).savefig(PAGES / "errors.png", dpi=150)
