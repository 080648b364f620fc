"""Benchmark problems and what codes have found for them, as they are on disk."""

import csv
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path

ROOT = Path(__file__).parent


@dataclass(frozen=True)
class Quantity:
    """What is asked for; ``uncertainty`` and ``tolerance`` are relative."""

    quantity: str
    words: str
    unit: str
    reference: float
    uncertainty: float
    tolerance: float
    methods: str


@dataclass(frozen=True)
class Result:
    """One quantity by one code; None where it cannot, ``remark`` says why."""

    code: str
    version: str
    quantity: str
    value: float | None
    seconds: float
    lines: int
    remark: str


@dataclass(frozen=True)
class Problem:
    """A problem, its reference values and all results."""

    name: str
    title: str
    report: tuple[Quantity, ...]
    results: tuple[Result, ...]

    def error(self, result: Result) -> float | None:
        """Relative distance of a result from the reference."""
        if result.value is None:
            return None
        reference = next(q.reference for q in self.report if q.quantity == result.quantity)
        return abs(result.value / reference - 1)


def load(name: str) -> Problem:
    """Read a problem and its results."""
    folder = ROOT / name
    content = json.loads((folder / "problem.json").read_text())
    report = tuple(Quantity(**each) for each in content["report"])
    files = sorted((folder / "results").glob("*.csv"))
    results = tuple(result for file in files for result in read(file))
    return Problem(name, content["title"], report, results)


def read(file: Path) -> list[Result]:
    """Read the results of a file."""
    with file.open(newline="") as stream:
        return [
            Result(
                row["code"],
                row["version"],
                row["quantity"],
                float(row["value"]) if row["value"] else None,
                float(row["seconds"]),
                int(row["lines"]),
                row["remark"],
            )
            for row in csv.DictReader(stream)
        ]


def write(name: str, file: str, results: list[Result]) -> None:
    """Write the results of a code for a problem."""
    with (ROOT / name / "results" / f"{file}.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, [f.name for f in fields(Result)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(result) for result in results)


NAMES = sorted(file.parent.name for file in ROOT.glob("*/problem.json"))
