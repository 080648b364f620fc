"""Figures of several devices in time: voltages and currents, phase plane, phases, map."""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.chip.figures.chip_map import draw_maps
from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, save, shades, styled, subplots
from mitmodels.solvers.runs.reading import Run

_MOST_LABELS = 12


def plot(run: Run) -> list[Path]:
    """Draw all devices in time, their phases and the map; return the files, in ``figures``."""
    folder = run.path / "figures"
    with styled():
        files = [
            save(_in_time(run), folder / "in_time.png"),
            save(_phase_plane(run), folder / "phase_plane.png"),
        ]
        if (run.path / "phases.csv").exists():
            files.append(save(_phases(run), folder / "phases.png"))
        return files + draw_maps(run)


def _names(run: Run) -> list[str]:
    return [device["name"] for device in run.config["device"]]


def _in_time(run: Run) -> Figure:
    """Voltage and current of every device, one below the other."""
    names = _names(run)
    figure, (upper, lower) = subplots(
        2, 1, figsize=(8.0, 2 + 0.5 * len(names)), sharex=True, layout="constrained"
    )
    shown = (
        (upper, "V_device [V]", 1.0, "voltage", "V"),
        (lower, "I [A]", 1e3, "current", "mA"),
    )
    for axes, column, scale, quantity, unit in shown:
        curves = [run.table(f"devices/{name}/iv") for name in names]
        apart = max(float(np.ptp(curve[column])) for curve in curves) * scale * 1.1
        colours = shades("viridis", len(names))
        for number, (curve, colour) in enumerate(zip(curves, colours, strict=True)):
            line = curve[column] * scale + apart * number
            axes.plot(curve["t [s]"] * 1e6, line, color=colour, lw=0.9)
        axes.set_yticks(np.arange(len(names)) * apart, names)  # where each is zero
        axes.set(ylabel=f"{quantity}, {apart:.3g} {unit} from one to the next")
    lower.set(xlabel="time (µs)")
    return figure


def _phase_plane(run: Run) -> Figure:
    """Largest temperature against the voltage of every device."""
    figure, axes = subplots(figsize=LABELLED)
    names = _names(run)
    for name, colour in zip(names, shades("viridis", len(names)), strict=True):
        curve = run.table(f"devices/{name}/iv")
        label = name if len(names) <= _MOST_LABELS else None
        axes.plot(curve["V_device [V]"], curve["T_max [K]"], color=colour, lw=0.7, label=label)
    axes.set(xlabel="voltage of the device (V)", ylabel="largest temperature (K)")
    axes.legend(**BESIDE)
    return figure


def _phases(run: Run) -> Figure:
    """Phases against that of the first device, and the order parameter."""
    table = run.table("phases")
    names = [column for column in table.columns if column.endswith("[rad]")]
    figure, (upper, lower) = subplots(2, 1, figsize=(6.4, 5.2), sharex=True, layout="constrained")
    t = table["t [s]"] * 1e6
    for name, colour in zip(names, shades("viridis", len(names)), strict=True):
        apart = np.angle(np.exp(1j * (table[name] - table[names[0]]))) / np.pi
        upper.plot(t, apart, ".", ms=2, color=colour, label=name.partition(" ")[0])
    upper.set(ylabel="phase against the first (π)", ylim=(-1.05, 1.05))
    upper.legend(**BESIDE)
    lower.plot(t, table["order"], color=COLOURS["branch"])
    lower.axhline(1 / np.sqrt(len(names)), color=COLOURS["faint"], ls=":", lw=1.0)
    lower.set(xlabel="time (µs)", ylabel="order parameter", ylim=(0, 1.02))
    return figure
