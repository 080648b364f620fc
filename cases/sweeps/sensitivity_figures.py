"""Tornado chart of a sweep that changes one parameter at a time."""

from collections.abc import Hashable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch
from matplotlib.ticker import EngFormatter

from mitmodels.cases.figures.style import COLOURS, label_plainly, save, styled, subplots
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.cases.sweeps.sensitivity import Response, is_one_at_a_time, write

_COLUMNS = 2
_PREFIXED = {"m", "V", "A", "s", "ohm", "W", "Hz"}
# Label, colour and place beside the line of the parameter.
_ENDS = (("lower value", "branch", 0.19), ("higher or other value", "up", -0.19))
_BAR = 0.36  # height


def plot(folder: SweepFolder, responses: Sequence[Response]) -> list[Path]:
    """Draw how much each parameter changes each response and write it to ``sensitivity.csv``.

    Returns
    -------
    list of Path
        The file, in ``figures``; none if the sweep does more than one change at a time, or its
        first point, the file itself, has no result.
    """
    if not is_one_at_a_time(folder):
        return []
    found = write(folder, responses)
    shown = [r for r in responses if np.isfinite(_of(found, r)["base_result"].iloc[0])]
    if not shown:
        return []
    with styled():
        return [save(tornado(found, shown), folder.figures / "tornado.png")]


def tornado(found: pd.DataFrame, responses: Sequence[Response]) -> Figure:
    """One panel for each response, the parameter that changes it most on top.

    Bars go from the result of the file itself to that of each other value of a parameter, which is
    written at their end.
    """
    count = found["parameter"].nunique()
    lines = -(-len(responses) // _COLUMNS)
    figure, panels = subplots(
        lines,
        _COLUMNS,
        figsize=(4.6 * _COLUMNS, lines * (0.8 + 0.34 * count)),
        layout="constrained",
        squeeze=False,
    )
    for response, axes in zip(responses, panels.flat, strict=False):
        _panel(axes, _of(found, response), response)
    patches = [Patch(color=COLOURS[colour], label=label) for label, colour, _ in _ENDS]
    for axes in panels.flat[len(responses) :]:  # the panel that is left has the legend
        axes.set_axis_off()
        axes.legend(handles=patches, loc="center")
    if not len(responses) % _COLUMNS:
        figure.legend(handles=patches, loc="outside upper center", ncols=len(_ENDS))
    return figure


def _of(found: pd.DataFrame, response: Response) -> pd.DataFrame:
    return found[found["result"] == response.name]


def _panel(axes: Axes, rows: pd.DataFrame, response: Response) -> None:
    base = response.drawn(rows["base_result"].iloc[0])
    if response.logarithmic:
        axes.set_xscale("log")
    order = sorted(rows.groupby("parameter"), key=lambda pair: _size(pair[1], response))
    for place, (_, group) in enumerate(order):
        for row in group.to_dict("records"):
            end, text = response.drawn(row["changed_result"]), shown(row["value"], row["unit"])
            if not np.isfinite(end):
                end, text = base, f"{text}: no result"
            _, colour, shift = _ENDS[0 if _is_lower(row) else 1]
            axes.barh(place + shift, end - base, _BAR, left=base, color=COLOURS[colour])
            _write(axes, end, place + shift, text, outward=end >= base)
    axes.axvline(base, color=COLOURS["faint"], lw=1.0)
    axes.set_yticks(range(len(order)), [_label(name, group) for name, group in order])
    axes.set_xlabel(response.label)
    axes.set_title(f"base: {base:.4g}", loc="right", fontsize="medium")
    axes.margins(x=0.5)
    if response.logarithmic:
        label_plainly(axes.xaxis)


def _write(axes: Axes, x: float, y: float, text: str, outward: bool) -> None:
    side, shift = ("left", 3) if outward else ("right", -3)
    axes.annotate(
        text, (x, y), (shift, 0), textcoords="offset points", ha=side, va="center", fontsize=8
    )


def _is_lower(row: Mapping[Hashable, Any]) -> bool:
    numbers = isinstance(row["value"], float) and isinstance(row["base"], float)
    return numbers and bool(row["value"] < row["base"])


def _size(group: pd.DataFrame, response: Response) -> float:
    """How far a parameter moves a response, from the smallest result to the largest."""
    results = [group["base_result"].iloc[0], *group["changed_result"].dropna()]
    low, high = min(results), max(results)
    return float(np.log(high / low)) if response.logarithmic else high - low


def _label(name: object, group: pd.DataFrame) -> str:
    words = ", ".join(reversed(str(name).replace("_", " ").split(".")))
    return f"{words}\n{shown(group['base'].iloc[0], group['unit'].iloc[0])}"


def shown(value: Any, unit: str) -> str:
    """Write a value in SI with its unit, as a person would."""
    if value is None or value != value:  # the file gives none
        return "not given"
    if unit in _PREFIXED:
        return EngFormatter(unit="Ω" if unit == "ohm" else unit)(value)
    return f"{value:g} {unit}".rstrip() if isinstance(value, float) else str(value)
