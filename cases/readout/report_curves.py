"""Curves and maps of a report, as the script of its page reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.colors import to_hex

from mitmodels.cases.figures.stored_states import Stored, stored_states
from mitmodels.cases.figures.style import get_cmap
from mitmodels.cases.readout.raster import Raster, as_levels, as_path, rasterize
from mitmodels.solvers.runs.reading import Run

FIELD = "temperature [K]"

# What keeps a page below a few megabytes, however large the sweep.
_ROWS = 6000
_MAPS = 200
_PIXELS = 3_000_000
_PIXELS_OF_ONE = 40_000

_EXACT = 1e-6  # a state within this fraction of a table's range is that of the row

# Columns of the axes that a page begins with: the first pair that the table has.
_AXES = (("V_source [V]", "I [A]"), ("drive", "I [A]"), ("V [V]", "I [A]"), ("V [1]", "I [1]"))


@dataclass(frozen=True)
class _Drawn:
    """One run: its table, which rows are kept, and its stored states with their rows."""

    run: Run
    table: pd.DataFrame
    kept: npt.NDArray[np.int64]
    states: Sequence[tuple[int, Stored]]
    maps: Sequence[Raster]


def curves(runs: Sequence[Run]) -> dict[str, Any]:
    """Return the curves of runs with their maps; the temperatures of all have one scale."""
    drawn = [found for run in runs if (found := _drawn(run, len(runs)))]
    values = [image.values for one in drawn for image in one.maps]
    low = min((float(np.nanmin(field)) for field in values), default=0.0)
    high = max([low + 1.0, *(float(np.nanmax(field)) for field in values)])
    return {
        "field": FIELD,
        "low": low,
        "high": high,
        "colours": [to_hex(colour) for colour in get_cmap("inferno")(np.linspace(0, 1, 255))],
        "curves": [_content(one, low, high) for one in drawn],
    }


def _drawn(run: Run, of: int) -> _Drawn | None:
    """Read what a run of several shows; None if it has no table."""
    names = sorted(run.tables, key=lambda name: name != "iv")
    if not names:
        return None
    table = _beside(run.table(names[0]))
    states = sorted(((_row(table, one.row), one) for one in stored_states(run)), key=_first)
    most = max(_MAPS // of, 1)
    if len(states) > most:
        states = [states[i] for i in _evenly(len(states), most)]
    pixels = min(_PIXELS // (of * max(len(states), 1)), _PIXELS_OF_ONE)
    maps = [rasterize(one.read(), FIELD, pixels) for _, one in states]
    rows = [*_evenly(len(table), max(_ROWS // of, 50)), *map(_first, states)]
    return _Drawn(run, table, np.unique(np.array(rows, dtype=int)), states, maps)


def _beside(table: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of several devices with one column for each, held where others step."""
    if "device" not in table:
        return table
    beside = table.pivot_table(index="t [s]", columns="device", sort=False).sort_index().ffill()
    names = [": ".join(reversed(pair)) for pair in beside.columns]  # quantity and device
    return beside.set_axis(names, axis="columns").reset_index()


def _first(pair: tuple[int, Stored]) -> int:
    return pair[0]


def _evenly(count: int, most: int) -> list[int]:
    """Return at most so many of the numbers below a count, the first and the last among them."""
    return [round(i) for i in np.linspace(0, count - 1, min(count, most))]


def _row(table: pd.DataFrame, state: "pd.Series[float]") -> int:
    """Return the row of a table that is nearest to a stored state."""
    return int(np.argmin(_distance(table, state)))


def _distance(table: pd.DataFrame, state: "pd.Series[float]") -> npt.NDArray[np.float64]:
    """Return how far each row is from a stored state, in time or in I-V, as a fraction of all."""
    pairs = (["t [s]"], ["V_source [V]", "I [A]"], ["drive", "I [A]"])
    names = next(those for those in pairs if {*those} <= {*table})
    span = [float(np.ptp(table[name])) or 1.0 for name in names]
    far = [(table[name] - state[name]) / size for name, size in zip(names, span, strict=True)]
    return np.linalg.norm(np.array(far, dtype=float), axis=0)


def _content(one: _Drawn, low: float, high: float) -> dict[str, Any]:
    kept = one.table.iloc[one.kept]
    numbers = [name for name in kept if pd.api.types.is_numeric_dtype(kept[name])]
    x, y = next((pair for pair in _AXES if {*pair} <= {*numbers}), (numbers * 2)[:2])
    at = {int(row): i for i, row in enumerate(one.kept)}
    lines: dict[str, int] = {}
    length = max((image.box[1] - image.box[0] for image in one.maps), default=1.0)
    scale, unit = (1e6, "µm") if length > 1e-6 else (1e9, "nm")
    states = [
        {
            "row": at[row],
            "title": stored.title,
            "exact": bool(_distance(one.table, stored.row)[row] < _EXACT),
            "map": as_levels(image, low, high),
            "size": list(image.values.shape[::-1]),
            "box": [float(f"{end * scale:.6g}") for end in image.box],
            "edges": lines.setdefault(as_path(image.edges, scale), len(lines)),
        }
        for (row, stored), image in zip(one.states, one.maps, strict=True)
    ]
    return {
        "name": one.run.path.name,
        "columns": numbers,
        "data": [_numbers(kept[name]) for name in numbers],
        "x": x,
        "y": y,
        "unit": unit,
        "states": states,
        "edges": list(lines),
        "outlines": _outlines(one, scale),
    }


def _numbers(column: "pd.Series[Any]") -> list[float | None]:
    values = column.astype(float)
    return [float(f"{value:.7g}") if np.isfinite(value) else None for value in values]


def _outlines(one: _Drawn, scale: float) -> list[str]:
    """Return the outline of a filament for every row that is kept, none of a film."""
    path = one.run.path / "outlines.npz"
    if not path.exists():
        return []
    with np.load(one.run.intact(path.name)) as file:
        found = np.split(file["points"], np.cumsum(file["nodes"])[:-1])
    return [as_path(found[row][None], scale) if row < len(found) else "" for row in one.kept]
