"""Figure of RESET voltages over the resistance that SET left behind."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, save, say_paper, styled
from mitmodels.cases.papers.buttberg2025 import RESET, is_device
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.reading import load

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
    quoted = is_device(load(folder.path / rows["point"].iloc[0]))
    with styled():
        figure = _voltages(rows.sort_values(_RESISTANCE), RESET if quoted else "")
        return [save(figure, folder.figures / "reset.png")]


def _voltages(rows: pd.DataFrame, stated: str) -> Figure:
    figure, axes = plt.subplots(figsize=LABELLED)
    for column, label, colour, marker in _VOLTAGES:
        axes.semilogx(
            rows[_RESISTANCE], -rows[column], marker + "-", color=COLOURS[colour], label=label
        )
    axes.set(xlabel="resistance before RESET (ohm)", ylabel="reverse source voltage (V)")
    if stated:
        say_paper(axes, 0.5, 1.02, f"paper: {stated}", ha="center")
    axes.legend(fontsize=8)
    return figure
