"""Figures of a sweep of a metallization cell, by what is swept and what was found."""

from pathlib import Path

from mitmodels.cases.cell.figures import compliance, kinetics, reset
from mitmodels.cases.sweeps import sensitivity_figures
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.sensitivity import Response

RESPONSES = (
    Response("t_compliance", "log10 of the time of SET (s)", logarithmic=True),
    Response("T_max", "largest temperature (K)"),
    Response("R_LRS", "log10 of the resistance of the low state (kΩ)", 1e-3, logarithmic=True),
    Response("gap_final", "gap at the end (nm)", 1e9),
    Response("tip_radius", "radius of the tip (nm)", 1e9),
)


def plot(folder: SweepFolder) -> list[Path]:
    """Draw sensitivities, RESET over resistance, a compliance study or the kinetics of growth.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the sweep is none of these.
    """
    if files := sensitivity_figures.plot(folder, RESPONSES):
        return files
    drawn = (reset.plot, compliance.plot, kinetics.plot)
    return next((files for draw in drawn if (files := draw(folder))), [])
