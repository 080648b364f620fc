"""Figures of a sweep of a metallization cell, by what is swept: growth kinetics, RESET, others."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.cell.figures import compliance, distributions
from mitmodels.cases.figures.style import (
    COLOURS,
    LABELLED,
    in_seconds,
    save,
    say_paper,
    styled,
    subplots,
)
from mitmodels.cases.papers import buttberg2025, schindler2009
from mitmodels.cases.sweeps import sensitivity_figures
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.sensitivity import Response
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.files import write_results
from mitmodels.solvers.runs.reading import load

RATE, HEIGHT = "protocol.0.rate [V/s]", distributions.HEIGHT
_WAIT = "t_nucleation [s]"
RESPONSES = (
    Response("t_compliance", "time of SET (s)", logarithmic=True),
    Response("T_max", "largest temperature (K)"),
    Response("R_LRS", "resistance of the low state (kΩ)", 1e-3, logarithmic=True),
    Response("gap_final", "gap at the end (nm)", 1e9),
    Response("tip_radius", "radius of the tip (nm)", 1e9),
)
_EVENTS = (("onset", "tip at 0.5 nm", "down", "o"), ("void", "tip at the electrode", "branch", "s"))
_RESISTANCE = "R_before_reset [ohm]"
_RESET = (
    ("V_reset [V]", "largest reverse current", "down", "o"),
    ("V_open [V]", "ten times the resistance", "branch", "s"),
    ("V_dissolved [V]", "filament dissolved", "up", "^"),
)


def plot(folder: SweepFolder) -> list[Path]:
    """Draw sensitivities, distributions, RESET over resistance, a compliance study or kinetics.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the sweep is none of these.
    """
    if files := sensitivity_figures.plot(folder, RESPONSES) or distributions.plot(folder):
        return files
    rows = completed(folder)
    if _RESISTANCE in rows.columns and rows[_RESISTANCE].notna().any():
        with styled():
            return [save(reset(rows, _is_quoted(folder, rows)), folder.figures / "reset.png")]
    if files := compliance.plot(folder):
        return files
    waits = _WAIT in rows.columns and rows[_WAIT].notna().any()
    if waits and HEIGHT in rows.columns:
        return [_waiting(folder, rows.sort_values(HEIGHT))]
    for column, draw in ((RATE, voltages), (HEIGHT, times)):
        if column in rows.columns:
            with styled():
                figure = draw(rows.sort_values(column), _is_quoted(folder, rows))
                return [save(figure, folder.figures / "kinetics.png")]
    return []


def _waiting(folder: SweepFolder, rows: pd.DataFrame) -> Path:
    """Draw what pulses of several heights say of a cell that waits for a nucleus."""
    run = load(folder.path / rows["point"].iloc[0])
    with styled():
        if distributions.OXIDE not in rows.columns:
            return save(distributions.regimes(rows, run), folder.figures / "kinetics.png")
        quoted = schindler2009.is_device(run)
        write_results(folder.path / "thickness.json", distributions.ratios(rows, quoted))
        return save(distributions.thickness(rows, quoted), folder.figures / "thickness.png")


def _is_quoted(folder: SweepFolder, rows: pd.DataFrame) -> bool:
    return buttberg2025.is_device(load(folder.path / rows["point"].iloc[0]))


def reset(rows: pd.DataFrame, quoted: bool) -> Figure:
    """Voltages of RESET over the resistance that SET left behind."""
    figure, axes = subplots(figsize=LABELLED)
    rows = rows.sort_values(_RESISTANCE)
    for column, label, colour, marker in _RESET:
        look: dict[str, Any] = {"color": COLOURS[colour], "label": label}
        axes.semilogx(1e-3 * rows[_RESISTANCE], -rows[column], marker + "-", **look)
    axes.set(xlabel="resistance before RESET (kΩ)", ylabel="reverse source voltage (V)")
    axes.set_ylim(bottom=0.0)  # which leaves room for the legend
    if quoted:
        say_paper(axes, 0.5, 1.02, f"paper: {buttberg2025.RESET}", ha="center")
    axes.legend(fontsize=8, loc="lower right")
    return figure


def decade(x: np.ndarray, y: np.ndarray) -> float:
    """Least-squares change of y per decade of x."""
    return float(np.polyfit(np.log10(x), y, 1)[0])


def voltages(rows: pd.DataFrame, quoted: bool) -> Figure:
    """Voltages of growth over the rate of a ramp."""
    figure, axes = subplots(figsize=LABELLED)
    for name, label, colour, marker in _EVENTS:
        known = rows.dropna(subset=[f"V_{name} [V]"])
        x, y = known[RATE].to_numpy(), known[f"V_{name} [V]"].to_numpy()
        slope = f", {decade(x, y):.2f} V/decade" if len(x) > 1 else ""
        _draw(axes, x, y, known, colour, marker, f"{label}{slope}")
        if quoted:
            rate, t = buttberg2025.RATE, buttberg2025.TIMES[name]
            said = f"paper, {rate:g} V/s" if name == "onset" else None
            look: dict[str, Any] = {"color": COLOURS["paper"], "mfc": "none", "ms": 10}
            axes.plot(rate, rate * t, marker, label=said, **look)
    axes.set(xlabel="rate of the ramp (V/s)", ylabel="source voltage (V)", xscale="log")
    _explain(axes, rows)
    return figure


def times(rows: pd.DataFrame, _quoted: bool) -> Figure:
    """Times of growth over the height of a pulse, of which the paper has none."""
    figure, axes = subplots(figsize=LABELLED)
    for name, label, colour, marker in _EVENTS:
        known = rows.dropna(subset=[f"t_{name} [s]"])
        x, y = known[HEIGHT].to_numpy(), known[f"t_{name} [s]"].to_numpy()
        per_decade = -1e3 / np.polyfit(x, np.log10(y), 1)[0] if len(x) > 1 else np.nan
        slope = f", {per_decade:.0f} mV per decade" if len(x) > 1 else ""
        _draw(axes, x, y, known, colour, marker, f"{label}{slope}")
    warm = rows["thermal_time [s]"].max() if "thermal_time [s]" in rows.columns else np.nan
    if np.isfinite(warm):  # far below all of them: a word, no line that takes half of the axis
        axes.plot([], [], " ", label=f"the cell warms within {in_seconds(float(f'{warm:.2g}'))}")
    axes.set(xlabel="height of the pulse (V)", ylabel="time (s)", yscale="log")
    _explain(axes, rows)
    return figure


def _draw(
    axes: Axes, x: np.ndarray, y: np.ndarray, rows: pd.DataFrame, colour: str, mark: str, label: str
) -> None:
    """Draw a line with full markers where the model holds and open ones elsewhere."""
    valid = (rows["left_the_model"] == "no").to_numpy()
    axes.plot(x, y, "-", color=COLOURS[colour], lw=1.0)
    axes.plot(x[valid], y[valid], mark, color=COLOURS[colour], label=label)
    axes.plot(x[~valid], y[~valid], mark, color=COLOURS[colour], mfc="w")


def _explain(axes: Axes, rows: pd.DataFrame) -> None:
    reasons = sorted({reason for reason in rows["left_the_model"] if reason != "no"})
    title = f"open: beyond the model ({'; '.join(reasons)})" if reasons else None
    axes.legend(title=title, title_fontsize=8, fontsize=8)
