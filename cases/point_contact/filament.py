"""Point contact of a filament: conductance in quanta and the onset of quantised contact.

A table of gap and tip radius against time is read as a metallic neck of that radius. While oxide
separates tip and electrode, by more than one atom, the current tunnels through the oxide's barrier
and Simmons' law applies; the neck is then what it would be, not what conducts. From one atom down
the picture is a metal contact with the subbands of `mitmodels.point_contact.qpc.MultiChannel`.
"""

from dataclasses import dataclass, fields
from io import BytesIO
from pathlib import Path

import numpy as np
import pandas as pd

from mitmodels.cases.cell.tunnel import Tunnel
from mitmodels.cases.config.materials import from_record
from mitmodels.cases.config.toml_file import read_file
from mitmodels.checks import FloatArray, not_negative, positive
from mitmodels.constants import CONDUCTANCE_QUANTUM
from mitmodels.errors import InputError
from mitmodels.point_contact.qpc import MultiChannel
from mitmodels.solvers.runs.files import check_new_file, write_table

COPPER_BAND_DEPTH = 7.0  # [eV] Fermi energy, free-electron value
COPPER_ATOM = 0.256e-9  # [m] distance of nearest neighbours; with a gap below it there is contact
_LARGEST = 200 << 20  # bytes of a table

CONTACT, TUNNELLING = "contact (Landauer)", "tunnelling (Simmons)"


@dataclass(frozen=True, eq=False)
class ContactHistory:
    """Neck of a filament against time, shape (n,).

    Parameters
    ----------
    t, gap, radius : s, m, m
    conductance : of all subbands, in quanta 2 e^2/h
    open_channels : subbands whose bottom lies below the Fermi level
    sharvin : their number in a wide contact, (k R / 2)^2
    simmons : conductance of a tip of that radius behind the gap, in quanta; infinite without a gap
    cell : conductance of the cell that the table is of, in quanta; NaN where it has no current
    regime : which law describes the current
    """

    t: FloatArray
    gap: FloatArray
    radius: FloatArray
    conductance: FloatArray
    open_channels: FloatArray
    sharvin: FloatArray
    simmons: FloatArray
    cell: FloatArray
    regime: tuple[str, ...]

    @property
    def onset(self) -> float | None:
        """Time of the first contact with an open subband [s]."""
        quantised = (np.array(self.regime) == CONTACT) & (self.open_channels > 0)
        return float(self.t[quantised][0]) if quantised.any() else None


def qpc(source: Path | str, /, out: Path | str | None = None) -> str:
    """Read a filament's gap and tip radius against time as a quantum point contact.

    A figure of the same name shows it beside the laws of Simmons and Sharvin.

    Parameters
    ----------
    source
        Run folder of a filament, or a CSV file with the columns t [s], gap [m], tip_radius [m].
    out
        CSV file to write, which must not exist. Default: qpc.csv beside the input.

    Returns
    -------
    str
        Where which law holds, and the files.

    Raises
    ------
    InputError
        If the table cannot be read or an output exists.
    """
    from mitmodels.cases.point_contact.filament_figures import draw

    table = Path(source) / "iv.csv" if Path(source).is_dir() else Path(source)
    target = Path(out or table.with_name("qpc.csv"))
    figure = target.with_suffix(".png")
    for path in (target, figure):
        check_new_file(path)
    filament = read_filament(table)
    try:
        history = contact_history(*filament)
    except ValueError as error:
        raise InputError(f"{table}: {error}; correct the table") from None
    write_history(history, target)
    draw(history, figure)
    return f"{report(history)}\nwrote {target}\nwrote {figure}"


def contact_history(
    t: FloatArray, gap: FloatArray, radius: FloatArray, cell: FloatArray | None = None
) -> ContactHistory:
    """Read gap [m] and tip radius [m] against time [s] as a neck as long as it is wide.

    Parameters
    ----------
    t, gap, radius : s, m, m
    cell : conductance of the cell, if known, S

    Raises
    ------
    ValueError
        If a gap is negative or a radius not positive.
    """
    gap, radius = not_negative("gap", gap, "m"), positive("radius", radius, "m")
    necks = [
        MultiChannel(float(R), float(max(g, R)), COPPER_BAND_DEPTH)
        for g, R in zip(gap, radius, strict=True)
    ]
    return ContactHistory(
        t=np.asarray(t, dtype=float),
        gap=gap,
        radius=radius,
        conductance=np.array([float(neck.conductance()) for neck in necks]) / CONDUCTANCE_QUANTUM,
        open_channels=np.array([float(neck.open_channels) for neck in necks]),
        sharvin=np.array([neck.sharvin_count for neck in necks]),
        simmons=_simmons(gap, radius) / CONDUCTANCE_QUANTUM,
        cell=np.full(len(gap), np.nan) if cell is None else cell / CONDUCTANCE_QUANTUM,
        regime=tuple(CONTACT if g <= COPPER_ATOM else TUNNELLING for g in gap),
    )


def _simmons(gap: FloatArray, radius: FloatArray) -> FloatArray:
    """Conductance of a flat tip behind a gap in SiO2 [S]."""
    open_gap = gap > 0
    barrier = from_record(Tunnel, "tunnel", "cu_sio2").barrier()
    per_area = barrier.simmons(np.where(open_gap, gap, 1.0))
    return np.where(open_gap, np.pi * radius**2 * per_area, np.inf)


def read_filament(path: Path | str) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray | None]:
    """Time [s], gap [m] and radius [m] of a CSV table with these columns, in any order.

    Its conductance [S] is the fourth if the table has ``I [A]`` and ``V_cell [V]``, else None.

    Raises
    ------
    InputError
        If the file cannot be read, a column is missing, or a value is no number.
    """
    wanted = ("t [s]", "gap [m]", "tip_radius [m]")
    try:
        table = pd.read_csv(BytesIO(read_file(Path(path), _LARGEST)))
        t, gap, radius = (table[column].to_numpy(dtype=float) for column in wanted)
    except KeyError as missing:
        raise InputError(
            f"{path}: has no column {missing}: give a table with {', '.join(wanted)}"
        ) from None
    except (OSError, ValueError) as error:
        raise InputError(f"{path}: cannot be read as a table ({error}): give a CSV file") from None
    if not {"I [A]", "V_cell [V]"} <= set(table.columns):
        return t, gap, radius, None
    V = table["V_cell [V]"].to_numpy(dtype=float)
    conductance = table["I [A]"].to_numpy(dtype=float) / np.where(V == 0.0, np.nan, V)
    return t, gap, radius, conductance


def report(history: ContactHistory) -> str:
    """Say where which law holds, and when the first subband opens."""
    inside = sum(regime == CONTACT for regime in history.regime)
    onset = "never" if history.onset is None else f"at t = {history.onset:.6g} s"
    return (
        f"{inside} of {len(history.t)} instants have a gap of at most one atom: the neck is a "
        f"point contact and its conductance is that of the open subbands (Landauer), up to "
        f"{history.conductance.max():.3g} quanta 2e^2/h. Wider gaps are tunnelling barriers "
        f"(Simmons); their Landauer value is only a comparison. First open contact: {onset}."
    )


def write_history(history: ContactHistory, path: Path) -> None:
    """Write the history as a CSV table, one line per instant."""
    units = {"t": " [s]", "gap": " [m]", "radius": " [m]"}
    units |= dict.fromkeys(("conductance", "simmons", "cell"), " [2e2/h]")
    columns = {
        item.name + units.get(item.name, ""): getattr(history, item.name)
        for item in fields(history)
    }
    write_table(path, pd.DataFrame(columns))
