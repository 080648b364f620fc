"""What the relaxation of a SET or of a compliance study leaves on disk: tables, figures."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.cell.compliance_study import studies
from mitmodels.cases.cell.figures import relaxation as figures
from mitmodels.cases.cell.relaxation import History, follow, scaling
from mitmodels.cases.figures.style import save, styled
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import create_folder, write_results
from mitmodels.solvers.runs.reading import Run


def of_run(run: Run, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax the last outline of a SET and write table, outlines, findings and figures.

    Parameters
    ----------
    run
        Of a metallization cell.
    out
        Folder for the files; it is made.
    overrides
        Of the run's configuration, such as ``filament.surface_energy=1 J/m2``.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If the run has no filament or no surface energy, or the folder exists.
    RunError
        If the outline cannot be followed; nothing is written then.
    """
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


def of_study(folder: SweepFolder, out: Path, overrides: Sequence[str]) -> list[Path]:
    """Relax what the SETs of a compliance study left; as `of_run`, with lifetimes over the radius.

    Raises
    ------
    InputError
        If the sweep is no compliance study of at least two SETs, or as in `of_run`.
    RunError
        As in `of_run`.
    """
    study = studies(folder).get("full")
    if study is None or len(study.runs) < 2:
        raise InputError(
            f"{folder.path}: is no compliance study with two complete SETs: sweep "
            "compliance.current as in ecm_compliance.toml, or give one run"
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
