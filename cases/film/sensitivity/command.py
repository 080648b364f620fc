"""Sensitivity of a run: what a steady film shows, derived by the numbers of its TOML file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from mitmodels.cases.film.figures.sensitivity import draw_bars, draw_map
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.solvers.runs.files import check_new, create_folder, write_table

if TYPE_CHECKING:
    from mitmodels.cases.film.sensitivity.derivatives import Derivatives
    from mitmodels.solvers.runs.vtk_files import Grid

COLUMNS = ("reading", "key", "value", "unit", "derivative", "elasticity")
_KEY_FIGURES = "V_up, V_down, I_up, I_down, I_max, V_at_I_max, V_full, d_nucleated"


def sensitivity(
    folder: Path | str, /, out: Path | str | None = None, *, readings: str = "", maps: str = ""
) -> list[Path]:
    """Derive what a steady film shows by the numbers of its TOML file and locally.

    Parameters
    ----------
    folder
        Run folder of a steady film.
    out
        Folder for table, figures and fields, which must not exist. Default: sensitivity/ in the
        run.
    readings
        Key figures of the summary, and what is seen at a voltage of the source on the way up:
        "V_up, V_full, I at 20 V". Default: the key figures that the run has.
    maps
        Those of which the influence of each place is mapped. Default: the first one.

    Returns
    -------
    list of Path
        The files. What has no derivative, and why, is in left_out.csv.

    Raises
    ------
    InputError
        If the run is not complete or has no steady branch, a reading is not found, or the folder
        exists.
    """
    from mpi4py import MPI

    from mitmodels.cases.film.sensitivity.derivatives import derive, opened
    from mitmodels.cases.film.sensitivity.fields import mapped
    from mitmodels.cases.film.sensitivity.numbers import sorted_numbers
    from mitmodels.solvers.runs.parallel import on_root

    run, comm = load_run(folder, "film_iv"), MPI.COMM_WORLD
    target = Path(out or run.path / "sensitivity")
    on_root(comm, lambda: check_new(target))
    prepared, branch = opened(run, comm)
    known, others = sorted_numbers(prepared.config)
    names = _names(readings or _KEY_FIGURES)
    found = derive(prepared, branch, names, tuple(known.values()))
    if found.missing and (readings or not found.readings):
        name, reason = next(iter(found.missing.items()))
        raise InputError(f"{run.path}: {name} is not found: {reason}")
    shown = {reading.name: reading for reading in found.readings}
    for name in _names(maps):
        if name not in shown:
            raise InputError(f"--maps {name}: is not one of the readings {', '.join(shown)}")
    newton, fields = branch.continuation.newton, {}
    for name in _names(maps) or tuple(shown)[:1]:
        fields[name] = mapped(shown[name], len(found.numbers), newton)

    def write() -> list[Path]:
        create_folder(target)
        files = _write_tables(target, found, others)
        for name, mesh in fields.items():
            if mesh is not None:
                files += _write_map(target, name, mesh)
        return files

    files: list[Path] = on_root(comm, write)
    return files


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _write_tables(folder: Path, found: "Derivatives", others: dict[str, str]) -> list[Path]:
    table = pd.DataFrame(rows(found), columns=COLUMNS)
    reasons = pd.DataFrame((found.missing | others).items(), columns=("name", "reason"))
    return [
        write_table(folder / "sensitivity.csv", table),
        write_table(folder / "left_out.csv", reasons),
        draw_bars(table, folder),
    ]


def rows(found: "Derivatives") -> Iterator[tuple[object, ...]]:
    """Rows of the table, one for each reading and number."""
    slopes = zip(found.readings, found.matrix, found.elasticities, strict=True)
    for reading, by, elasticities in slopes:
        for number, slope, elasticity in zip(found.numbers, by, elasticities, strict=True):
            given = number.key, number.value, number.unit
            yield reading.name, *given, float(slope), float(elasticity)


def _write_map(folder: Path, name: str, grid: "Grid") -> list[Path]:
    from mitmodels.solvers.runs.vtk_files import write_grid

    begin = name.replace(" ", "_")
    path = folder / f"{begin}.vtu"
    write_grid(path, grid, {"reading": name})
    film = grid.triangles[grid.cellwise["region"] == 0]
    maps = [
        (f"{title.replace('elasticity of ', '')}", values)
        for title, values in grid.nodal.items()
        if title.startswith("elasticity")
    ]
    return [path, draw_map(grid.points, film, maps, folder / f"{begin}.png")]
