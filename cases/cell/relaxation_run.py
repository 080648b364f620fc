"""Files of the relaxation of a SET or of a compliance study: tables, outlines, figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.cell.compliance_study import studies
from mitmodels.cases.cell.figures import relaxation as figures
from mitmodels.cases.cell.relaxation import History, scaling
from mitmodels.cases.cell.relaxation_model import follow
from mitmodels.cases.console.options import Overrides
from mitmodels.cases.figures.style import save, styled
from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new, create_folder, write_results
from mitmodels.solvers.runs.reading import Run, load


def relax(
    source: Path | str, /, out: Path | str | None = None, *, overrides: Overrides = ()
) -> list[Path]:
    """Let the filament of a SET relax at zero bias, by its surface energy.

    Parameters
    ----------
    source
        Run folder of a metallization cell, or folder of a compliance study.
    out
        Folder for tables and figures, which must not exist. Default: relaxation/ in the source.
    overrides
        Value that replaces one of the runs, such as filament.surface_energy or heat.ambient.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If there is no filament or no surface energy, or the folder exists.
    RunError
        If a filament cannot be followed; nothing is written then.
    """
    folder = Path(source)
    target = Path(out or folder / "relaxation")
    check_new(target)
    if is_sweep(folder):
        return _of_study(SweepFolder.open(folder), target, overrides)
    return _of_run(load(folder), target, overrides)


def _of_run(run: Run, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax the last outline of a SET and write table, outlines, results and figures."""
    history = follow(run, overrides)
    create_folder(out)
    with styled():
        return [
            _write_table(out / "relaxation.csv", history.table),
            _write_outlines(out / "outlines.npz", history),
            write_results(out / "findings.json", history.findings()),
            save(figures.outlines(history), out / "outlines.png"),
            save(figures.gap([history]), out / "gap.png"),
        ]


def _of_study(folder: SweepFolder, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax what the SETs of a compliance study left, with lifetimes over the radius."""
    study = studies(folder).get("full")
    if study is None or len(study.runs) < 2:
        raise InputError(
            f"{folder.path}: is not a compliance study with two complete SETs: sweep "
            "circuit.compliance as in ecm_compliance.toml, or give one run"
        )
    histories = [follow(run, overrides) for run in study.runs]
    rows = [{f"{k} [{u}]": v for k, (v, u) in h.findings().items()} for h in histories]
    create_folder(out)
    with styled():
        return [
            _write_table(out / "lifetimes.csv", pd.DataFrame(rows)),
            write_results(out / "findings.json", scaling(histories)),
            save(figures.lifetimes(histories), out / "lifetimes.png"),
            save(figures.gap(histories), out / "gap.png"),
            save(figures.outlines(histories[-1]), out / "outlines.png"),
        ]


def _write_table(path: Path, table: pd.DataFrame) -> Path:
    table.to_csv(path, index=False, lineterminator="\n")
    return path


def _write_outlines(path: Path, history: History) -> Path:
    np.savez_compressed(
        path,
        t=history.table["t [s]"].to_numpy(),
        nodes=np.array([len(points) for points in history.outlines]),
        points=np.concatenate(history.outlines) * 1e-9,
    )
    return path
