"""Figures of a sweep of a metallization cell, by what is swept and what was found."""

from pathlib import Path

from cases import ecm_compliance_figures, ecm_kinetics_figures, ecm_reset_figures
from cases.sweep_folder import SweepFolder


def plot(folder: SweepFolder) -> list[Path]:
    """Draw RESET over resistance, a compliance study or the kinetics of growth.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the sweep is none of these.
    """
    drawn = (ecm_reset_figures.plot, ecm_compliance_figures.plot, ecm_kinetics_figures.plot)
    return next((files for draw in drawn if (files := draw(folder))), [])
