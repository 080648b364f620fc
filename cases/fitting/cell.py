"""Fit of a metallization cell to measured resistances of its low state over the compliance.

Every evaluation runs one SET per compliance, as many at a time as the file says. What the
parameters are after the fit, how sure they are and which of them the data cannot tell apart is in
``fit.json``; all SETs are kept in ``evaluations``.
"""

from collections.abc import Mapping
from pathlib import Path

from mitmodels.cases.config.document import resolved
from mitmodels.cases.console.progress import Progress
from mitmodels.cases.fitting.cell_config import Config, Prepared, prepare
from mitmodels.cases.fitting.cell_model import Sets
from mitmodels.cases.fitting.report import fitted
from mitmodels.cases.fitting.search import MOST_STEPS, Accuracy, Evaluation, Model
from mitmodels.cases.registry import Case
from mitmodels.errors import RunError
from mitmodels.solvers.runs.files import replace
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.reading import Run

# The resistance jumps a little with the nodes that a SET happens to add: differences over less, and
# the last steps of a finer search, would be made of these jumps.
_ACCURACY = Accuracy(0.05, {"ftol": 1e-2, "xtol": 1e-2, "gtol": 1e-3})

RESISTANCES = {
    "I_CC": "A",
    "measured": "ohm",
    "start": "ohm",
    "fit": "ohm",
    "distance_start": "",
    "distance_fit": "",
}


def check(prepared: Prepared) -> Mapping[str, str]:
    """Say what would be fitted."""
    count = len(prepared.config.measured.currents)
    fitted_keys = [interval.key for interval in prepared.intervals if interval.vary]
    kept = [interval.key for interval in prepared.intervals if not interval.vary]
    return {
        "data": f"{count} resistances, relative error {float(prepared.config.measured.error):g}",
        "fitted": ", ".join(fitted_keys),
        "kept": ", ".join(kept) or "nothing",
        "each step": f"{count * (1 + len(fitted_keys))} SETs, {prepared.config.jobs} at a time",
    }


def run(prepared: Prepared, folder: RunFolder, progress: Progress) -> None:
    """Fit, and write parameters, resistances and the fitted cell into the run folder.

    Raises
    ------
    RunError
        If a SET with the start values fails.
    """
    units = {interval.key: interval.unit for interval in prepared.intervals}
    table = folder.table("evaluations", {**units, "chi_square": "", "fault": ""})
    with progress.stage("fit", total=MOST_STEPS) as stage:
        sets = Sets(prepared.config, folder.path / "evaluations", stage)
        model = Model(prepared.intervals, sets, table, stage, _ACCURACY)
        fault = model.look(model.start).fault
        if fault:
            raise RunError(f"a SET fails with the start values: {fault}")
        report = fitted(model)
        report.write(folder)
    replace(folder.path / "fitted.toml", resolved(sets.cell(report.values)))
    _write_resistances(prepared, model.look(model.start), model.look(report.best), folder)


def _write_resistances(
    prepared: Prepared, start: Evaluation, best: Evaluation, folder: RunFolder
) -> None:
    """Write data, start and fit side by side."""
    measured, table = prepared.config.measured, folder.table("resistances", RESISTANCES)
    columns = (
        map(float, measured.currents),
        map(float, measured.resistances),
        start.solutions,
        best.solutions,
        start.residuals.tolist(),
        best.residuals.tolist(),
    )
    for row in zip(*columns, strict=True):
        table.append(dict(zip(RESISTANCES, row, strict=True)))


def plot(run: Run) -> list[Path]:
    """Draw a run; imports the figures only then."""
    from mitmodels.cases.fitting.cell_figures import plot

    return plot(run)


CASE = Case(Config, prepare, check, run, plot, is_fit=True)
