"""Magnetic map of a film run, as a scanning Kerr microscope sees its temperature fields.

Source: Salev et al. 2021, Fig. 2 and SI 3; what is assumed is in `docs/theory/magnetic_map.md`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pyvista as pv

from mitmodels.cases.config.dimensions import LengthOrZero, Temperature
from mitmodels.cases.config.document import load_config
from mitmodels.cases.console.options import number
from mitmodels.cases.figures.stored_states import read_fields, upward_sweep
from mitmodels.cases.figures.style import in_amperes, save, styled
from mitmodels.cases.film.steady_config import Config
from mitmodels.cases.magnetism import kerr_figures
from mitmodels.cases.papers import salev2021
from mitmodels.cases.registry import load_run
from mitmodels.errors import InputError
from mitmodels.magnetism.kerr_state import SPACING, FilmGrid, KerrState, findings
from mitmodels.solvers.runs.files import create_folder, write_results, write_table
from mitmodels.solvers.runs.reading import Run

_COLUMNS = (
    "V_source [V]",
    "length above T_c [m]",
    "width at half depth [m]",
    "width below half amplitude [m]",
    "least amplitude",
    "largest amplitude",
    "largest amplitude across",
    "amplitude in the centre",
    "gradient at the wall [K/m]",
)


def moke(
    folder: Path | str,
    /,
    out: Path | str | None = None,
    *,
    spot: str = "5 um",
    equilibrium: str = "",
    under_pads: bool = False,
) -> list[Path]:
    """Draw the magnetic maps of a film run as a scanning Kerr microscope sees them.

    Parameters
    ----------
    folder
        Run folder with fields at several source voltages, of a source of current at currents.
    out
        Folder for tables and figures, which must not exist. Default: moke/ in the run.
    spot
        Full width at half maximum of the laser's intensity; "0 um" for the map itself.
    equilibrium
        Temperatures at which to map the film without bias too: "100 K, 340 K".
    under_pads
        Map the film under the pads too, as light that comes through the substrate sees it.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    InputError
        If the run is of another case, fewer than two source voltages have stored fields, the
        folder exists, the spot is not a length that the map resolves, or a temperature is none.
    """
    run, width = load_run(folder, "film_iv"), number("--spot", spot, LengthOrZero)
    if 0 < width < 2 * SPACING:
        raise InputError(
            f"--spot {spot}: is finer than the map, which has a point every {SPACING * 1e6:g} um: "
            f"give 0 um or at least {2 * SPACING * 1e6:g} um"
        )
    even = [number("--equilibrium", T, Temperature) for T in equilibrium.split(",") if T]
    out = Path(out or run.path / "moke")
    states, nucleated = _states(run, under_pads)
    create_folder(out)
    rows = [
        (s.voltage, s.above, s.width(width), s.dark(width), *s.extremes(width), s.gradient)
        for s in states
    ]
    write_table(out / "widths.csv", pd.DataFrame(rows, columns=_COLUMNS))
    found = write_results(out / "findings.json", findings(states, nucleated, width))
    quoted = salev2021.barrier_widths(run)
    with styled():
        figures = {
            "fig_1a_transitions": kerr_figures.transitions(run),
            "fig_2b_maps": kerr_figures.maps(states, width),
            "fig_2b_widths": kerr_figures.widths(states, nucleated, width, quoted),
            "fig_2c_profiles": kerr_figures.profiles(states, width),
            "spots": kerr_figures.spots(states),
        }
        if even:
            figures["equilibrium"] = kerr_figures.maps([states[0].at(T) for T in even], width)
        files = [save(figure, out / f"{name}.png") for name, figure in figures.items()]
    return [out / "widths.csv", found, *files]


def _states(run: Run, under_pads: bool) -> tuple[list[KerrState], KerrState | None]:
    """States of an upward sweep, and the one behind its jump."""
    ambient = load_config(run.path / "config.resolved.toml", (), Config).ambient.temperature
    rows = run.events.query("event == 'fields'").set_index("detail")[["V_source [V]", "I [A]"]]
    grids: list[FilmGrid] = []  # of the one mesh that all states have

    def state(name: str) -> KerrState:
        V, current = map(float, rows.loc[name])
        label = in_amperes(current) if name.startswith("I=") else f"{V:g} V"
        film = read_fields(run, f"{name}.vtu")
        if not grids:
            triangles = film.cells_dict[pv.CellType.TRIANGLE]
            seen = under_pads | (film.cell_data["region"] == 0)
            grids.append(FilmGrid(np.asarray(film.points)[:, :2], triangles[seen]))
        T = grids[0].sampled(np.asarray(film.point_data["temperature [K]"]))
        return KerrState(label, round(V, 6), float(ambient), T)

    behind = state("nucleated") if "nucleated" in rows.index else None
    return [state(name) for name in upward_sweep(run).values()], behind
