"""The folder of a compact model: texts, tables, what it is of, and how well it does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import save, styled
from mitmodels.compact.table import Table
from mitmodels.solvers.runs.files import create_folder, json_text
from mitmodels.solvers.runs.provenance import commit
from mitmodels.solvers.runs.reading import Run

_WRAPPED = 90


@dataclass(frozen=True)
class Check:
    """A quantity of the model in ngspice beside the same one of the field solution.

    Attributes
    ----------
    name, unit : str
    model, field : float or None
        Values; None where there is none, for the ``reason``.
    error : float or None
        What is compared with the tolerance: mostly the model over the field less one.
    tolerance : float or None
        None for what is reported only.
    reason : str
        Why there is no value.
    """

    name: str
    unit: str
    model: float | None
    field: float | None
    error: float | None
    tolerance: float | None
    reason: str = ""

    @classmethod
    def ratio(
        cls, name: str, unit: str, model: float | None, field: float | None, tolerance: float | None
    ) -> "Check":
        """Return the check of a ratio; one that only one of both has fails."""
        if model is None or field is None:
            who = " and ".join(w for w, v in (("model", model), ("field", field)) if v is None)
            return cls(name, unit, model, field, None, tolerance, f"the {who} has none")
        return cls(name, unit, model, field, model / field - 1, tolerance)

    @property
    def holds(self) -> bool | None:
        """Whether it is within the tolerance; None without one."""
        if self.tolerance is None:
            return None
        return self.error is not None and abs(self.error) <= self.tolerance

    @property
    def row(self) -> dict[str, Any]:
        """All that it says, by name."""
        return {
            "name": self.name,
            "unit": self.unit,
            "model": self.model,
            "field": self.field,
            "error": self.error,
            "tolerance": self.tolerance,
            "holds": self.holds,
            "reason": self.reason,
        }

    @property
    def words(self) -> str:
        """One line."""
        if self.error is None:
            return f"{self.name}: {self.reason}"
        of = "" if self.tolerance is None else f" (of {self.tolerance:.3g})"
        return f"{self.name}: {self.error:+.2g}{of}"


@dataclass(frozen=True, eq=False)
class Verification:
    """Checks of a model and figures of them, by name."""

    checks: Sequence[Check] = ()
    figures: Mapping[str, Figure] = field(default_factory=dict)


class Exported(Protocol):
    """A compact model of a device that can be written and verified."""

    @property
    def device(self) -> str:
        """Name of the subcircuit and the module: ``film`` or ``cell``."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Tables by the name of their file."""

    @property
    def limits(self) -> Sequence[str]:
        """What the model does not know, a sentence each."""

    @property
    def ranges(self) -> Mapping[str, tuple[float, float]]:
        """Within what the tables were made, by quantity and unit."""

    def texts(self, header: str) -> Mapping[str, str]:
        """Files of the model and its benches by name, each with the header as comment."""

    def verify(self, runs: Sequence[Run]) -> Verification:
        """Compare the model in ngspice with the field solution, and with further runs."""


def write_model(out: Path, exported: Exported, run: Run, found: Verification) -> list[Path]:
    """Write a model into a new folder, all of it or nothing, and return its files.

    Raises
    ------
    InputError
        If the folder exists.
    RunError
        If it cannot be written.
    """
    checks = found.checks
    texts = {
        **exported.texts(_header(exported, run, checks)),
        **{f"{name}.csv": _csv(table) for name, table in exported.tables.items()},
        "model.json": json_text(_record(exported, run, checks)),
    }
    if checks:
        texts["errors.csv"] = _errors(checks)
    create_folder(out, (), texts)
    with styled():
        drawn = [save(figure, out / f"{name}.png") for name, figure in found.figures.items()]
    return [*(out / name for name in texts), *drawn]


def _source(run: Run) -> dict[str, str]:
    """What says which run a model is of."""
    return {
        "run": run.path.resolve().name,
        "case": str(run.config["case"]),
        "sha256 of config.resolved.toml": str(run.record["sha256"]["config.resolved.toml"]),
        "commit of mitmodels": commit() or "unknown",
    }


def _header(exported: Exported, run: Run, checks: Sequence[Check]) -> str:
    """Lines that begin every file of a model."""
    lines = [f"Compact model of a {exported.device}, made by mitmodels export."]
    lines += [f"{name}: {value}" for name, value in _source(run).items()]
    lines += [f"{name}: {low:.6g} to {high:.6g}" for name, (low, high) in exported.ranges.items()]
    lines += ["", "Limits:", *(f"- {sentence}" for sentence in exported.limits), ""]
    if checks:
        lines += ["Errors against the field solution (errors.csv):", *(c.words for c in checks)]
    else:
        lines += ["Errors: not measured; mitmodels export --verify does."]
    return "\n".join(part for line in lines for part in _parts(line))


def _parts(line: str) -> list[str]:
    """Lines of ordinary length."""
    import textwrap

    return textwrap.wrap(line, _WRAPPED, subsequent_indent="  ") or [""]


def _record(exported: Exported, run: Run, checks: Sequence[Check]) -> dict[str, Any]:
    return {
        "device": exported.device,
        **_source(run),
        "ranges": exported.ranges,
        "limits": list(exported.limits),
        "errors": [
            {key: value for key, value in check.row.items() if key != "reason" or value}
            for check in checks
        ],
    }


def _csv(table: Table) -> str:
    text = StringIO()
    columns = np.column_stack([table.x, table.values])
    header = ",".join((table.x_name, *table.names))
    np.savetxt(text, columns, "%.12g", ",", header=header, comments="")
    return text.getvalue()


def _errors(checks: Sequence[Check]) -> str:
    import pandas as pd  # only here: it takes longer than the rest

    table = pd.DataFrame([check.row for check in checks]).rename(columns={"name": "quantity"})
    return str(table.to_csv(index=False, lineterminator="\n"))
