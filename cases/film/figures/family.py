"""Figure of all I-V curves of a sweep, and of the results of each."""

from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from mitmodels.cases.figures.curves import smooth
from mitmodels.cases.figures.style import (
    COLOURS,
    dark,
    mark_paper,
    save,
    say_paper,
    scale_bar,
    styled,
    subplots,
)
from mitmodels.cases.film.figures.steady import draw_jumps, segments
from mitmodels.cases.papers import chen2024, salev2021
from mitmodels.cases.papers.quoted import matches
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.table import completed
from mitmodels.solvers.runs.reading import Run, load

# Columns of the table with label, marker and colour, and panels of them with axis and scale.
_VOLTAGES = (
    ("V_full [V]", "barrier fills the device", "s", "faint"),
    ("V_up [V]", "upper fold", "^", "up"),
    ("V_down [V]", "lower fold", "v", "down"),
    ("V_at_I_max [V]", "maximum of the current", "o", "branch"),
)
_POWERS = (("P_switch [W]", "", "o", "branch"),)
_CURRENTS = (("I_max [A]", "maximum", "^", "up"), ("I_hold [A]", "minimum beyond it", "v", "down"))
_THRESHOLDS = (
    ("I_up [A]", "jump of the up sweep", "^", "up"),
    ("I_down [A]", "jump of the down sweep", "v", "down"),
)
_RESISTANCES = (("R_switched [ohm]", "", "o", "branch"),)
_POWER_PANEL = ("power at the maximum of the current (mW)", _POWERS, 1e3)
_PANELS = {
    "V": (("source voltage (V)", _VOLTAGES, 1.0), _POWER_PANEL, ("current (mA)", _CURRENTS, 1e3)),
    "A": (
        ("resistance after the jump (kΩ)", _RESISTANCES, 1e-3),
        _POWER_PANEL,
        ("current (mA)", _THRESHOLDS, 1e3),
    ),
}
_QUOTED: dict[str, Any] = {
    "color": COLOURS["paper"],
    "markerfacecolor": "none",
    "markersize": 9,
    "linestyle": "none",
}


def plot(folder: SweepFolder) -> list[Path]:
    """Draw all completed points of a sweep of one key with numbers.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if more than one key is swept or its values are not numbers.
    """
    keys = [key for axis in folder.record["axes"] for key in axis["keys"]]
    values = [point["values"][keys[0]]["value"] for point in folder.record["points"]]
    if len(keys) > 1 or not all(isinstance(value, int | float) for value in values):
        return []
    rows = completed(folder)
    column = next(name for name in rows.columns if name.partition(" [")[0] == keys[0])
    rows = rows.sort_values(column)
    runs = [load(folder.path / name) for name in rows["point"]]
    with styled():
        return [save(_family(runs, rows, column), folder.figures / "family.png")]


def _family(runs: list[Run], rows: pd.DataFrame, column: str) -> Figure:
    name, _, unit = column.removesuffix("]").partition(" [")
    label = f"{name.replace('_', ' ').replace('.', ' ')} ({unit})"
    figure, panels = subplots(2, 2, figsize=(10.4, 7.6), layout="constrained")
    curves, first, powers, currents = panels.flat
    _draw_curves(curves, runs, rows[column], label)
    drive = _drive(runs[0])
    for axes, (quantity, shown, scale) in zip(
        (first, powers, currents), _PANELS[drive], strict=True
    ):
        _draw_columns(axes, rows, column, shown, scale)
        axes.set(xlabel=label, ylabel=quantity, ylim=(0, None))
    if name == "ambient.temperature" and matches(runs[0], salev2021.DEVICE):
        _mark_quoted(first, powers, currents, drive)
    elif name == "ambient.temperature" and drive == "V" and matches(runs[0], chen2024.DEVICE):
        T, V = zip(*chen2024.V_SWITCH.items(), strict=True)
        first.plot(T, V, "^", label=chen2024.NAME, **_QUOTED)
    for axes in (first, powers, currents):
        axes.set_visible(bool(axes.lines))
        if axes is not powers and axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best", fontsize="small")
    return figure


def _drive(run: Run) -> str:
    return str(run.config["protocol"][0]["to"]["value"]).split()[1]


def _draw_curves(axes: Axes, runs: list[Run], values: "pd.Series[float]", label: str) -> None:
    norm, colours = Normalize(values.min(), values.max()), dark("plasma")
    for run, value in zip(runs, values, strict=True):
        pieces = segments(run.iv)
        for i, (stable, piece) in enumerate(pieces):
            ends = {"maximum of I"} if i == 0 else set()
            ends |= {"minimum of I"} if i == len(pieces) - 1 else set()
            x, y = _with_extrema(piece, run.events, ends).to_numpy().T
            style = "-" if stable else ":"
            axes.plot(*smooth(x, y * 1e3), style, color=colours(norm(value)), linewidth=1.2)
        if _drive(run) == "A":
            for direction in ("up", "down"):
                draw_jumps(axes, run, direction, colours(norm(value)), "--")
    scale_bar(axes, norm, colours, label)
    axes.set(xlabel="source voltage (V)", ylabel="current (mA)", xlim=(0, None), ylim=(0, None))
    axes.set_title("dotted: unstable", loc="left", fontsize="small")


def _with_extrema(piece: pd.DataFrame, events: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    """V_source and I of a piece of the branch, with extrema that lie between its points."""
    columns = ["V_source [V]", "I [A]"]
    extrema = events.loc[events["event"].isin(names), columns]
    if extrema.empty:
        return piece[columns]
    return pd.concat([piece[columns], extrema]).sort_values(columns[0])


def _draw_columns(
    axes: Axes,
    rows: pd.DataFrame,
    column: str,
    shown: tuple[tuple[str, str, str, str], ...],
    scale: float,
) -> None:
    for name, label, marker, colour in shown:
        if name in rows.columns and rows[name].notna().any():
            x, y = rows[column], rows[name] * scale
            axes.plot(x, y, marker + "-", color=COLOURS[colour], label=label, markersize=4)


def _mark_quoted(first: Axes, powers: Axes, currents: Axes, drive: str) -> None:
    """Add the values and statements of the paper on this device at all temperatures."""
    if drive == "V":
        for voltage, marker in ((salev2021.V_NUCLEATION, "^"), (salev2021.V_FULL, "s")):
            label = f"{voltage:g} V (paper)"
            first.plot(salev2021.AMBIENT, voltage, marker, label=label, **_QUOTED)
        _say_above(first, salev2021.SWITCHING_VOLTAGE)
    else:
        R = salev2021.R_SWITCHED * 1e-3
        first.axhline(R, color=COLOURS["paper"], linestyle="--", label=f"{R:g} kΩ (paper)")
        first.set_ylim(0, 1.3 * R)
    T_c = salev2021.CURIE_TEMPERATURE
    _say_above(powers, salev2021.SWITCHING_POWER)
    _say_above(currents, f"{salev2021.NONLINEARITY} {T_c:g} K")
    for axes in (first, powers, currents):
        mark_paper(axes, T_c, "")


def _say_above(axes: Axes, said: str) -> None:
    """Write a statement of the paper above the axes, where no curve is."""
    say_paper(axes, 1.0, 1.02, " ".join(f"paper: {said}".split()), ha="right")
