"""Numbers of Schindler et al. (2009): switching of Cu/SiO2/Pt cells over voltage and thickness."""

from mitmodels.cases.papers.quoted import matches, quoted
from mitmodels.solvers.runs.reading import Run

NAME = "Schindler et al. 2009"

THINNEST = quoted(5e-9, "m", "abstract")
THICKEST = quoted(20e-9, "m", "abstract")
THICKNESS = "no significant dependence"  # of the switching rate on it, abstract

DEVICE = {("filament", "molar_mass"): 0.063546}  # of copper


def is_device(run: Run) -> bool:
    """Return whether a run is of the paper's cell, whatever its thickness."""
    return matches(run, DEVICE)
