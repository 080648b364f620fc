"""RESET over the resistance that SET left behind."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed

_RESISTANCE = "R_before_reset [ohm]"
_VOLTAGES = (
    ("V_reset [V]", "largest reverse current", "down", "o"),
    ("V_open [V]", "ten times the resistance", "branch", "s"),
    ("V_dissolved [V]", "filament dissolved", "up", "^"),
)


def plot(folder: SweepFolder) -> list[Path]:
    """Draw the voltages of RESET of all points of a sweep.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if no point has a RESET.
    """
    rows = completed(folder)
    if _RESISTANCE not in rows.columns or rows[_RESISTANCE].isna().all():
        return []
    with styled():
        return [save(_voltages(rows.sort_values(_RESISTANCE)), folder.figures / "reset.png")]


def _voltages(rows: pd.DataFrame) -> Figure:
    figure, axes = plt.subplots(figsize=LABELLED)
    for column, label, colour, marker in _VOLTAGES:
        axes.semilogx(
            rows[_RESISTANCE], -rows[column], marker + "-", color=COLOURS[colour], label=label
        )
    axes.set(xlabel="resistance before RESET (ohm)", ylabel="reverse source voltage (V)")
    axes.set_title("paper: lower resistance, longer RESET", color=COLOURS["paper"], fontsize=9)
    axes.legend(fontsize=8)
    return figure
