"""What is read off finished runs: resonance, maps, point contact, relaxation, comparisons."""

from collections.abc import Sequence
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from mitmodels.cases.config.dimensions import LengthOrZero
from mitmodels.errors import InputError
from mitmodels.solvers.runs.reading import load


def fmr(folder: Path | str, out: Path | None = None, pad_weight: float = 0.0) -> list[Path]:
    """Predict the ferromagnetic resonance of a film run, on one rank.

    Returns
    -------
    list of Path
        Tables, findings and figures, in ``out`` or the run's ``fmr``.

    Raises
    ------
    InputError
        If the folder has too few stored fields, ``out`` exists or the weight is no share.
    """
    from mitmodels.cases.magnetism.fmr_run import analyse

    finished = load(folder)
    if not 0 <= pad_weight <= 1:
        raise InputError(f"--pad-weight {pad_weight:g}: is no share; give a number from 0 to 1")
    return analyse(finished, out or finished.path / "fmr", pad_weight)


def moke(folder: Path | str, out: Path | None = None, spot: str = "5 um") -> list[Path]:
    """Draw the Kerr-amplitude maps of a film run as a laser spot sees them, on one rank.

    Returns
    -------
    list of Path
        The table of widths and figures, in ``out`` or the run's ``moke``.

    Raises
    ------
    InputError
        If the folder has too few stored fields, ``out`` exists or the spot is no length.
    """
    from mitmodels.cases.magnetism.kerr import SPACING, analyse

    finished = load(folder)
    try:
        size = float(TypeAdapter(LengthOrZero).validate_python(spot))
    except ValidationError as error:
        raise InputError(f'--spot "{spot}" {error.errors()[0]["msg"]}') from None
    if 0 < size < 2 * SPACING:
        raise InputError(
            f"--spot {spot}: is finer than the map, which has a point every {SPACING * 1e6:g} um: "
            f"give 0 um or at least {2 * SPACING * 1e6:g} um"
        )
    return analyse(finished, out or finished.path / "moke", size)


def qpc(source: Path | str, out: Path | None = None) -> str:
    """Write the conductance of a filament's neck against time, and say when it is a contact.

    A figure of the same name shows it beside the laws of Simmons and Sharvin.

    Raises
    ------
    InputError
        If the table cannot be read or an output exists.
    """
    from mitmodels.cases.point_contact.filament import (
        contact_history,
        read_filament,
        report,
        write_history,
    )
    from mitmodels.cases.point_contact.filament_figures import draw

    table = Path(source) / "iv.csv" if Path(source).is_dir() else Path(source)
    target = out or table.with_name("qpc.csv")
    picture = target.with_suffix(".png")
    for path in (target, picture):
        _check_new(path)
    try:
        history = contact_history(*read_filament(table))
    except ValueError as error:
        raise InputError(f"{table}: {error}; correct the table") from None
    write_history(history, target)
    draw(history, picture)
    return f"{report(history)}\nwrote {target}\nwrote {picture}"


def relax(source: Path | str, out: Path | None = None, overrides: Sequence[str] = ()) -> list[Path]:
    """Follow the filament of a SET, or of a compliance study, at zero bias; on one rank.

    Returns
    -------
    list of Path
        Tables, findings and figures, in ``out`` or ``relaxation`` in the folder.

    Raises
    ------
    InputError
        If there is no filament or no surface energy, or ``out`` exists.
    RunError
        If a filament cannot be followed; nothing is written then.
    """
    from mitmodels.cases.cell import relaxation_run
    from mitmodels.cases.sweeps.folder import SweepFolder, is_sweep

    folder = Path(source)
    target = out or folder / "relaxation"
    _check_new(target)
    if is_sweep(folder):
        return relaxation_run.of_study(SweepFolder.open(folder), target, overrides)
    return relaxation_run.of_run(load(folder), target, overrides)


def mechanisms(barrier: Path | str, filament: Path | str, voltage: Path | str, out: Path) -> Path:
    """Draw a barrier and a filament side by side, on one rank.

    Returns
    -------
    Path
        The picture.

    Raises
    ------
    InputError
        If the runs are not of the kinds that are compared, or ``out`` exists.
    """
    from mitmodels.cases.film.barrier_and_filament import draw

    _check_new(out)
    return draw(load(barrier), load(filament), load(voltage), out)


def compare(folders: Sequence[Path | str], out: Path) -> Path:
    """Draw the I-V curves of several steady film runs into one figure, on one rank.

    Returns
    -------
    Path
        The picture.

    Raises
    ------
    InputError
        If a run is of another case, there are too many, or ``out`` exists.
    """
    from mitmodels.cases.film.iv_comparison import draw

    _check_new(out)
    return draw([load(folder) for folder in folders], out)


def _check_new(path: Path) -> None:
    if path.exists():
        raise InputError(f"{path}: exists already; name another with --out")
