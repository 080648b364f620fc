"""Tables and figure of the benchmark problems, from their files: docs/benchmark."""

import json
import sys
from pathlib import Path

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


LEAST = 1e-9  # error over tolerance that is drawn


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
            result = mine.get(q.quantity)
            error = problem.error(result) if result else None
            shown.append("none" if error is None else f"{result.value:.8g} ({error:.0e})")
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
            "Values, and their relative distances from the reference.\n",
            table(heads, rows),
        ]
    )


def overview(problems: list[Problem]) -> str:
    """Largest error over tolerance, CPU time and lines per code and problem."""
    names = list(dict.fromkeys(code for problem in problems for code in codes(problem)))
    rows = []
    for code in names:
        row = [code]
        for problem in problems:
            worst = largest(problem, code)
            cost = next((r for r in problem.results if r.code == code), None)
            shown = "" if cost is None else f"{cost.seconds:.2g} s, {cost.lines}"
            row.append(shown if worst is None else f"**{worst:.1g}**, {shown}")
        rows.append(row)
    heads = ["", *(str(i + 1) for i in range(len(problems)))]
    return table(heads, rows)


def largest(problem: Problem, code: str) -> float | None:
    """Largest error of a code over its tolerance."""
    tolerance = {q.quantity: q.tolerance for q in problem.report}
    errors = [(problem.error(r), tolerance[r.quantity]) for r in problem.results if r.code == code]
    return max((e / t for e, t in errors if e is not None), default=None)


def draw(problems: list[Problem]) -> Figure:
    """Errors over tolerances: of all quantities, and the largest ones over the CPU time."""
    names = list(dict.fromkeys(code for problem in problems for code in codes(problem)))
    figure, (above, below) = subplots(2, 1, figsize=(7, 6.4), layout="constrained")
    quantities = [
        (problem, q.quantity, q.tolerance) for problem in problems for q in problem.report
    ]
    for number, code in enumerate(names):
        look = {"marker": "os^vD"[number % 5], "label": code, "linestyle": "none", "markersize": 5}
        found = []
        for at, (problem, quantity, tolerance) in enumerate(quantities):
            results = [r for r in problem.results if (r.code, r.quantity) == (code, quantity)]
            errors = [e for e in map(problem.error, results) if e is not None]
            found += [(at + 0.15 * (number - 2), max(e / tolerance, LEAST)) for e in errors]
        above.plot(*zip(*found, strict=True), **look)
        found = []
        for place, problem in enumerate(problems, start=1):
            worst = largest(problem, code)
            if worst is not None:
                seconds = next(r.seconds for r in problem.results if r.code == code)
                found.append((seconds, max(worst, LEAST)))
                below.annotate(
                    str(place), found[-1], (4, 2), textcoords="offset points", fontsize=7
                )
        below.plot(*zip(*found, strict=True), **look)
    start = 0
    for place, problem in enumerate(problems, start=1):
        middle = start + (len(problem.report) - 1) / 2
        above.text(middle, 1.01, str(place), transform=above.get_xaxis_transform(), ha="center")
        start += len(problem.report)
        above.axvline(start - 0.5, color="0.8", linewidth=0.8)
    above.set_xticks(range(len(quantities)), [q for _, q, _ in quantities], rotation=90)
    above.legend(ncols=len(names), loc="upper center", bbox_to_anchor=(0.5, 1.22), frameon=False)
    below.set_xscale("log")
    below.set_xlabel("CPU time (s)")
    for axes in (above, below):
        axes.axhline(1.0, color="black", linewidth=0.8)
        axes.set_yscale("log")
    above.set_ylabel("error / tolerance")
    below.set_ylabel("largest error / tolerance")
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
