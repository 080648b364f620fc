"""Figures S5.2 and S5.3 of Salev et al. 2021: the cubic, its threshold, and what it depends on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.config.document import load_config
from mitmodels.cases.figures.style import COLOURS, LABELLED, save, styled, subplots
from mitmodels.cases.film.analytic_barrier import Config
from mitmodels.cases.papers import salev2021
from mitmodels.checks import FloatArray
from mitmodels.film.barrier import AnalyticBarrier
from mitmodels.solvers.runs.reading import Run

# Name of the field, label of the axis, unit of the axis in SI, values.
_VARIED = (
    ("resistivity_ratio", r"$\rho_I/\rho_M - 1$", 1.0, np.geomspace(3.0, 1000.0, 120)),
    ("length", "channel length (µm)", 1e-6, np.geomspace(5e-6, 1e-3, 120)),
    ("thickness", "film thickness (nm)", 1e-9, np.geomspace(5e-9, 2e-7, 120)),
)


def plot(run: Run) -> list[Path]:
    """Draw the figures from the run folder; return the files, in ``figures``."""
    barrier = load_config(run.path / "config.resolved.toml", (), Config).barrier()
    folder = run.path / "figures"
    with styled():
        return [
            save(widths(run), folder / "widths.png"),
            save(balance(barrier), folder / "fig_S5.2_balance.png"),
            save(printed(barrier), folder / "fig_S5.2b_system.png"),
            save(dependence(barrier), folder / "fig_S5.3_dependence.png"),
        ]


def widths(run: Run) -> Figure:
    """Both roots of the cubic against the voltage."""
    figure, axes = subplots(figsize=LABELLED)
    V, iv = run.iv["V [V]"], run.iv
    axes.plot(V, iv["wide [m]"] * 1e6, color=COLOURS["branch"], label="stable")
    axes.plot(V, iv["narrow [m]"] * 1e6, "--", color=COLOURS["faint"], label="unstable")
    quoted = salev2021.V_THRESHOLD, salev2021.D_THRESHOLD * 1e6
    axes.plot(*quoted, "o", color=COLOURS["paper"], label="quoted, Eqs 5.7-5.8")
    axes.set(xlabel="voltage (V)", ylabel="barrier width (µm)", xlim=(0, None), ylim=(0, None))
    axes.legend(loc="upper left")
    return figure


def balance(barrier: AnalyticBarrier) -> Figure:
    """Voltage that a barrier of a width needs; its minimum is the threshold (Fig. S5.2)."""
    figure, axes = subplots(figsize=LABELLED)
    d_c, V_th = (float(value) for value in barrier.threshold())
    V = V_th * (1.0 + np.geomspace(1e-6, 1.0, 400))
    roots = barrier.widths(V)
    for root, style, label in ((roots.wide, "-", "stable"), (roots.narrow, "--", "unstable")):
        axes.plot(root / d_c, V, style, color=COLOURS["branch"], label=label)
    axes.plot(1.0, V_th, "o", color=COLOURS["up"], label=f"double root: {d_c * 1e6:.4g} µm")
    d, voltage = (float(value) for value in barrier.threshold_approximate())
    label = f"Eqs 5.7-5.8: {d * 1e6:.4g} µm"
    axes.plot(d / d_c, voltage, "s", color=COLOURS["paper"], label=label)
    axes.set(xlabel="barrier width over $d_c$", ylabel="voltage (V)", xscale="log")
    axes.legend(loc="upper center")
    return figure


def printed(barrier: AnalyticBarrier) -> Figure:
    """Widths by both equations of (5.5), which do not meet (Fig. S5.2b)."""
    figure, axes = subplots(figsize=LABELLED)
    d_c, V_th = (float(value) for value in barrier.threshold())
    V = V_th * np.linspace(0.9, 1.1, 2001)
    first, second = (width * 1e6 for width in barrier.printed_widths(V))
    axes.axvspan(V[0], V[np.isnan(first)].max(), color=COLOURS["faint"], alpha=0.3, lw=0)
    axes.plot(V, first, color=COLOURS["branch"], label="first equation, imaginary where shaded")
    axes.plot(V, second, color=COLOURS["up"], label="second equation")
    axes.plot(V_th, d_c * 1e6, "o", color=COLOURS["down"], label="double root of (5.3)")
    axes.set(xlabel="voltage (V)", ylabel="barrier width (µm)", xlim=(V[0], V[-1]))
    axes.legend(loc="upper left", fontsize="small")
    return figure


def dependence(barrier: AnalyticBarrier) -> Figure:
    """Threshold against ratio, length and thickness, exact and approximate (Fig. S5.3)."""
    figure, rows = subplots(2, 3, figsize=(9.5, 5.0), sharex="col", layout="constrained")
    for column, (name, label, unit, values) in enumerate(_VARIED):
        varied = replace(barrier, **{name: values})
        curves = {"exact": varied.threshold(), "Eqs 5.7-5.8": varied.threshold_approximate()}
        for (text, found), style, colour in zip(
            curves.items(), ("-", "--"), ("branch", "up"), strict=True
        ):
            for axes, quantity, scale in zip(rows[:, column], found, (1e6, 1.0), strict=True):
                curve: FloatArray = quantity * scale
                axes.semilogx(values / unit, curve, style, color=COLOURS[colour], label=text)
        rows[1, column].set(xlabel=label)
    rows[0, 0].set(ylabel="$d_c$ (µm)")
    rows[1, 0].set(ylabel="$V_{th}$ (V)")
    rows[0, 0].legend(loc="lower left")
    return figure
