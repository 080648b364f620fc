"""Spikes of the devices of a chip, their phases, and how far they agree."""

import numpy as np
import pandas as pd

from mitmodels.chip.phases import order_parameter, phases, spike_times
from mitmodels.solvers.runs.files import Entry
from mitmodels.solvers.runs.folder import RunFolder
from mitmodels.solvers.runs.parallel import on_root

_SPIKES = 3  # at least, for a period and its change
_TIMES = 400  # of the table of phases
SPIKES = {"device": "", "number": "", "t": "s", "period": "s"}


def write_phases(folder: RunFolder) -> dict[str, Entry]:
    """Write spikes and phases of all devices; return what of them is in the summary.

    A spike is where the current of a device rises through the middle between its extremes.
    """
    names = sorted(path.name for path in (folder.path / "devices").iterdir())
    names = folder.comm.bcast(names)
    found = on_root(folder.comm, lambda: {name: _spikes(folder, name) for name in names})
    table = folder.table("spikes", SPIKES)
    for name, times in found.items():
        for number, t in enumerate(times):
            period = float(t - times[number - 1]) if number else None
            table.append({"device": name, "number": number, "t": float(t), "period": period})
    oscillating = {name: times for name, times in found.items() if len(times) >= _SPIKES}
    summary: dict[str, Entry] = {
        "oscillating": (len(oscillating), ""),
        "spikes": (min(map(len, found.values())), ""),
    }
    why = f"fewer than two devices have {_SPIKES} spikes"
    late = {name: float(np.diff(times)[-1]) for name, times in oscillating.items()}
    periods = np.array(list(late.values()))
    summary["period"] = _or_none(periods.mean() if len(periods) else None, "s", why)
    spread = np.ptp(periods) / periods.mean() if len(periods) > 1 else None
    summary["period_spread"] = _or_none(spread, "", why)
    index = None
    begin = max((times[0] for times in oscillating.values()), default=0.0)
    end = min((times[-1] for times in oscillating.values()), default=0.0)
    if len(oscillating) > 1 and end > begin:
        index = _write_order(folder, oscillating, np.linspace(begin, end, _TIMES))
    summary["synchronisation"] = _or_none(index, "", why)
    return summary


def _spikes(folder: RunFolder, name: str) -> np.ndarray:
    iv = pd.read_csv(folder.path / "devices" / name / "iv.csv")
    return spike_times(iv["t [s]"].to_numpy(), iv["I [A]"].to_numpy())


def _or_none(value: float | None, unit: str, why: str) -> Entry:
    return (None, unit, why) if value is None else (float(value), unit)


def _write_order(folder: RunFolder, spikes: dict[str, np.ndarray], t: np.ndarray) -> float:
    """Write phases and order parameter; return its mean over the second half of the time."""
    phase = phases(list(spikes.values()), t)
    order = order_parameter(phase)
    table = folder.table("phases", {"t": "s", **dict.fromkeys(spikes, "rad"), "order": ""})
    for number, time in enumerate(t):
        row = dict(zip(spikes, map(float, phase[:, number] % (2 * np.pi)), strict=True))
        table.append({"t": float(time), **row, "order": float(order[number])})
    return float(order[len(t) // 2 :].mean())
