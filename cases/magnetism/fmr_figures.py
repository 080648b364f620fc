"""Figures of ferromagnetic resonance under bias, as Figs. 2 and 3 of Chen et al. 2024."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from mitmodels.cases.figures.style import COLOURS, LABELLED, get_cmap, say_paper, subplots
from mitmodels.cases.magnetism.fmr import BiasPoint, Measurement, ZeroBias, mirrored
from mitmodels.cases.papers.chen2024 import AMBIENT, BIAS, TEMPERATURES, V_SWITCH
from mitmodels.magnetism.kittel import linewidth, resonance_field

_MILLI = 1e3


def zero_bias_signals(measurement: Measurement, calibration: ZeroBias) -> Figure:
    """Signals of the unbiased film at several frequencies, each of unit height (Fig. 2a)."""
    figure, axes = subplots(figsize=LABELLED)
    sweep = measurement.sweep * _MILLI
    for i, (f, signal) in enumerate(zip(calibration.frequencies, calibration.signals, strict=True)):
        colour = get_cmap("viridis")(0.85 * i / max(calibration.frequencies.size - 1, 1))
        axes.plot(sweep, signal / np.abs(signal).max() + 2.2 * i, color=colour)
        axes.text(sweep[-1], 2.2 * i + 0.15, f"{f * 1e-9:g} GHz", ha="right")
    axes.set(xlabel="field (mT)", ylabel="signal (scaled, shifted)", yticks=[])
    axes.margins(x=0)
    return figure


def widths(measurement: Measurement, calibration: ZeroBias) -> Figure:
    """Half width against frequency with its linear fit (Fig. 2c)."""
    figure, axes = subplots(figsize=LABELLED)
    fit, f = calibration.linewidth, np.linspace(1e6, 9e9, 50)
    law = linewidth(f, fit.damping, fit.inhomogeneous, measurement.ferromagnet.g)
    text = f"α = {fit.damping:.4f}, ΔH₀ = {fit.inhomogeneous * _MILLI:.2f} mT"
    axes.plot(f * 1e-9, law * _MILLI, color=COLOURS["branch"], label=text)
    axes.plot(calibration.frequencies * 1e-9, calibration.widths * _MILLI, "o", color=COLOURS["up"])
    axes.set(xlabel="frequency (GHz)", ylabel="half width (mT)", xlim=(0, 9), ylim=(0, None))
    axes.legend(loc="upper left")
    return figure


def kittel(measurement: Measurement, calibration: ZeroBias) -> Figure:
    """Frequency against resonance field with the Kittel fit; inset M_eff(T) (Fig. 2d)."""
    figure, axes = subplots(figsize=LABELLED)
    fit, film = calibration.kittel, measurement.ferromagnet
    f = np.linspace(3.3e9, 9e9, 100)
    law = resonance_field(f, fit.M_eff, fit.H_a, film.g)
    text = f"M = {fit.M_eff:.3f} T, $H_a$ = {fit.H_a * _MILLI:.2f} mT"
    axes.plot(law * _MILLI, f * 1e-9, color=COLOURS["branch"], label=text)
    axes.plot(calibration.fields * _MILLI, calibration.frequencies * 1e-9, "o", color=COLOURS["up"])
    axes.set(xlabel="resonance field (mT)", ylabel="frequency (GHz)", xlim=(0, None))
    axes.legend(loc="upper left")
    inset = axes.inset_axes((0.58, 0.14, 0.38, 0.38))
    T = np.linspace(0, 1.05 * film.magnetisation.curie_temperature, 200)
    inset.plot(T, film.magnetisation(T), color=COLOURS["branch"])
    inset.set(xlabel="T (K)", ylabel="$M_{eff}$ (T)", xlim=(0, T[-1]), ylim=(0, None))
    return figure


def bias_signals(measurement: Measurement, points: Sequence[BiasPoint], quoted: bool) -> Figure:
    """Signals against bias of both signs, each of unit height and shifted by the bias (Fig. 3a)."""
    figure, axes = subplots(figsize=(4.6, 7.0))
    both = mirrored(points)
    for point in both:
        colour = get_cmap("viridis")(0.85 * abs(point.voltage) / both[-1].voltage)
        line = 0.8 * point.signal / np.abs(point.signal).max() + point.voltage
        axes.plot(measurement.sweep * _MILLI, line, color=colour, lw=1.0)
    axes.set(xlabel="field (mT)", ylabel="bias (V), signals of unit height", xlim=(15, 90))
    if quoted:
        critical = V_SWITCH[int(AMBIENT)]
        for sign in (-1, 1):
            axes.axhline(sign * critical, color=COLOURS["paper"], ls=":", lw=0.9)
        frame = axes.get_yaxis_transform()
        say_paper(axes, 0.99, critical, "measured $V_c$", frame, ha="right", va="bottom")
    return figure


def lines(measurement: Measurement, points: Sequence[BiasPoint], quoted: bool) -> Figure:
    """Fields of the lines against bias, with the temperatures the paper infers (Fig. 3b)."""
    figure, axes = subplots(figsize=(5.6, 4.2))
    both, film, f = mirrored(points), measurement.ferromagnet, measurement.frequency
    for angle, marker, label in (
        (0, "s", "coupled, M ∥ current"),
        (2, "^", "coupled, M ⊥ current"),
    ):
        found = [(p.voltage, x * _MILLI) for p in both for x in p.coupled[angle]]
        axes.plot(
            *np.transpose(found), marker, mfc="none", color=COLOURS["faint"], ms=4, label=label
        )
    fitted = [(p.voltage, line.field * _MILLI) for p in both for line in p.lines.lines]
    axes.plot(*np.transpose(fitted), "o", color=COLOURS["branch"], ms=5, label="local, fitted")
    local = [(p.voltage, x * _MILLI) for p in both for x in p.maxima]
    axes.plot(*np.transpose(local), "_", color=COLOURS["up"], ms=9, label="local, maxima")
    for name, T in TEMPERATURES.items() if quoted else ():
        B = float(film.resonance_field(f, T)) * _MILLI
        said = "as the paper reads its lines" if name == "L1" else None
        axes.plot([-BIAS, BIAS], [B, B], "*", color=COLOURS["paper"], ms=9, label=said)
        shift = -1.0 if name == "L3" else 0.6
        axes.text(15.8, B + shift, f"{name}, {T:g} K", color=COLOURS["paper"], va="center")
    axes.set(xlabel="bias (V)", ylabel="resonance field (mT)", xlim=(-16, 22), ylim=(25, 66))
    axes.legend(loc="upper center", ncols=2, fontsize="small")
    return figure


def field_against_temperature(
    measurement: Measurement, points: Sequence[BiasPoint], quoted: bool
) -> Figure:
    """Resonance field of the uniform film against temperature with the lines (Fig. 3c)."""
    figure, axes = subplots(figsize=LABELLED)
    film, f = measurement.ferromagnet, measurement.frequency
    T = np.linspace(60, 0.93 * film.magnetisation.curie_temperature, 300)
    axes.plot(T, film.resonance_field(f, T) * _MILLI, color=COLOURS["branch"], label="uniform film")
    heard = [point for point in points if not point.silent] or points
    at = min(points, key=lambda point: abs(point.voltage - BIAS)) if quoted else heard[-1]
    for line, inferred in zip(at.lines.lines, at.inferred, strict=True):
        axes.plot(inferred, line.field * _MILLI, "o", color=COLOURS["up"])
    axes.plot([], [], "o", color=COLOURS["up"], label=f"line at {at.voltage:g} V, simulated")
    axes.axvspan(*at.true_range, color=COLOURS["faint"], alpha=0.25, lw=0)
    axes.text(
        float(np.mean(at.true_range)),
        0.5,
        "film at that bias",
        ha="center",
        transform=axes.get_xaxis_transform(),
        color=COLOURS["faint"],
    )
    for name, read in TEMPERATURES.items() if quoted else ():
        B = float(film.resonance_field(f, read)) * _MILLI
        said = f"read by the paper at {BIAS:g} V" if name == "L1" else None
        axes.plot(read, B, "*", color=COLOURS["paper"], ms=9, label=said)
        axes.annotate(name, (read, B), (4, -10), textcoords="offset points")
    axes.set(xlabel="temperature (K)", ylabel="resonance field (mT)")
    axes.legend(loc="upper left")
    return figure
