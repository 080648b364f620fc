"""Figures of small signals: Nyquist and Bode plots, critical elements over the source."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import BESIDE, COLOURS, LABELLED, shades, subplots
from mitmodels.solvers.runs.reading import Run

_ELEMENTS = {
    "C_critical [F]": ("f_C [Hz]", "capacitance (F)"),
    "L_critical [H]": ("f_L [Hz]", "inductance (H)"),
}


def nyquist(impedance: pd.DataFrame) -> Figure:
    """Imaginary part against the real part, one curve per state; a dot at the lowest frequency."""
    figure, axes = subplots(figsize=LABELLED)
    for label, colour, rows in _states(impedance):
        real, imaginary = rows["Z_real [ohm]"] / 1e3, rows["Z_imaginary [ohm]"] / 1e3
        axes.plot(real, -imaginary, color=colour, label=label)
        axes.plot(real.iloc[0], -imaginary.iloc[0], "o", color=colour, markersize=4)
    axes.axhline(0, color=COLOURS["faint"], linewidth=0.8)
    axes.axvline(0, color=COLOURS["faint"], linewidth=0.8)
    axes.set(xlabel="Re Z (kΩ)", ylabel="−Im Z (kΩ)")
    axes.legend(title="state", **BESIDE)
    return figure


def bode(impedance: pd.DataFrame) -> Figure:
    """Magnitude and phase of the impedance over the frequency, one curve per state."""
    figure, (upper, lower) = subplots(2, 1, figsize=(6.4, 4.8), sharex=True, layout="constrained")
    for label, colour, rows in _states(impedance):
        Z = rows["Z_real [ohm]"].to_numpy() + 1j * rows["Z_imaginary [ohm]"].to_numpy()
        f = rows["f [Hz]"]
        upper.loglog(f, np.abs(Z), color=colour, label=label)
        phase = np.degrees(np.unwrap(np.angle(Z)))
        lower.semilogx(f, phase - 360 * np.round(phase[-1] / 360), color=colour)
    upper.set(ylabel="|Z| (Ω)")
    lower.set(xlabel="frequency (Hz)", ylabel="phase (°)")
    upper.legend(title="state", **BESIDE)
    return figure


def critical(run: Run, hopf: pd.DataFrame) -> Figure:
    """Critical value and its frequency over the source, with the circuit's value and Hopf points.

    With more than the critical value a state oscillates.
    """
    shown = {value: words for value, words in _ELEMENTS.items() if is_critical(hopf, value)}
    shape = 3.0 + 2.6 * len(shown), 4.8
    figure, columns = subplots(
        2, len(shown), figsize=shape, sharex=True, squeeze=False, layout="constrained"
    )
    events = run.events[run.events["event"] == "Hopf point"]
    folds = run.events.loc[run.events["event"] == "fold", "s"].to_numpy(dtype=float)
    for (upper, lower), (value, (frequency, label)) in zip(columns.T, shown.items(), strict=False):
        for _, rows in hopf.groupby(np.searchsorted(folds, hopf["s"])):
            for axes, column in ((upper, value), (lower, frequency)):
                axes.semilogy(rows["V_source [V]"], rows[column], ".-", color=COLOURS["branch"])
        name = label.partition(" ")[0]
        if size := run.si("circuit", name):
            upper.axhline(size, color=COLOURS["faint"], linestyle=":")
            there = events[events["detail"].str.startswith(name)]["V_source [V]"]
            upper.plot(there, np.full(len(there), size), "o", color=COLOURS["up"])
        upper.set(ylabel=f"critical {label}")
        lower.set(xlabel="source voltage (V)", ylabel="frequency (Hz)")
    return figure


def is_critical(hopf: pd.DataFrame, *values: str) -> bool:
    """Whether a state has a critical value of an element, of any if none is named."""
    return bool(hopf[list(values or _ELEMENTS)].notna().any(axis=None))


def _states(impedance: pd.DataFrame) -> list[tuple[str, object, pd.DataFrame]]:
    """Label, colour and rows of each state."""
    groups = [rows for _, rows in impedance.groupby("state")]
    found = []
    for colour, rows in zip(shades("viridis", len(groups)), groups, strict=True):
        first = rows.iloc[0]
        stable = "" if first["stable"] else ", unstable"
        label = f"{first['V_source [V]']:.4g} V, {first['I [A]'] * 1e3:.3g} mA{stable}"
        found.append((label, colour, rows))
    return found
