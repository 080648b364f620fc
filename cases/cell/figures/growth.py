"""Figures of a run of a cell: SET with gap, outlines and temperature, and RESET if it has one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mitmodels.cases.cell.figures import distributions, maps
from mitmodels.cases.cell.figures.history import WARM, history, steps
from mitmodels.cases.cell.outlines import Array, mirrored, read_outlines
from mitmodels.cases.cell.summary import first_reverse
from mitmodels.cases.figures.oscillation import oscillation
from mitmodels.cases.figures.reads import reads
from mitmodels.cases.figures.style import (
    BESIDE,
    COLOURS,
    LABELLED,
    get_cmap,
    in_amperes,
    in_seconds,
    label_plainly,
    mark_paper,
    save,
    say_paper,
    styled,
    subplots,
)
from mitmodels.cases.papers import buttberg2025
from mitmodels.solvers.runs.reading import Run

_SLICES = 38  # outlines beside each other on the axis of time
_GROWN = 0.3  # [nm] growth that can be seen
_TALL = 1.0  # [nm] growth that fills a figure
_RUNGS = 6  # outlines on the way to the largest height
_LADDER = (1e-9, 1e-7, 1e-6, 1e-5, 1e-4, 9e-4)  # [A]
_VISIBLE = 1e-12  # [A]
_HEATING = 1e-9  # [A]
_SHOWN = 7  # outlines of a RESET between the first and the last


def plot(run: Run) -> list[Path]:
    """Draw the figures from the run folder; return the files, in ``figures``."""
    folder, outlines = run.path / "figures", read_outlines(run)
    with styled():
        files = [
            save(figure, folder / f"{name}.png")
            for name, figure in _figures(run, outlines)
            if figure is not None
        ]
        if animation := maps.growth(run, folder / "growth.gif"):
            files.append(animation)
    return files


def _figures(run: Run, outlines: list[Array]) -> Iterator[tuple[str, Figure | None]]:
    """Yield the figures that suit the protocol, None for one without data."""
    iv, kinds = run.iv, steps(run)
    if "ramp" in kinds:
        yield "iv", current(run)
        yield "temperature", temperature(run)
    if kinds != {"ramp"}:
        yield "history", history(run)
    yield "reads", reads(run)
    yield from oscillation(run)
    yield "gap", gap(run)
    yield "outlines", shapes(iv, outlines)
    yield "elephant", elephant(run, outlines)
    if "ramp" in kinds and (iv["V_source [V]"] < 0).any():
        yield "loop", loop(iv)
    yield "dissolution", dissolution(iv, outlines)
    yield "cycles", distributions.series(run)
    yield "map", maps.temperature_maps(run)


def current(run: Run) -> Figure | None:
    """I-V curve, logarithmic and linear; in the paper's cell with its three regimes."""
    if not (run.iv["I [A]"] > _VISIBLE).any():
        return None
    figure, (log, linear) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    voltage, amperes = run.iv["V_source [V]"], run.iv["I [A]"]
    log.semilogy(voltage, amperes.where(amperes > _VISIBLE), color=COLOURS["branch"])
    linear.plot(voltage, amperes, color=COLOURS["branch"])
    if buttberg2025.is_device(run):
        _shade_regimes(log, run.iv[: int(amperes.to_numpy().argmax()) + 1])
    # At 1 V/s the quoted time is a voltage.
    if (quoted := buttberg2025.times(run).get("compliance", np.inf)) <= voltage.max():
        for axes in (log, linear):
            said = f" paper: {in_amperes(buttberg2025.COMPLIANCE)}"
            mark_paper(axes, quoted, said, at=0.3, ha="left")
    log.set(xlabel="source voltage (V)", ylabel="current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current")
    linear.yaxis.set_major_formatter(in_amperes)
    return figure


def _shade_regimes(axes: Axes, up: pd.DataFrame) -> None:
    """Shade the paper's regimes and write the slope of the current in each."""
    regimes = buttberg2025.REGIMES.items()
    for (name, ends), shade in zip(regimes, ("up", "down", "paper"), strict=True):
        if up["I [A]"].max() < ends[0]:
            return
        axes.axhspan(*ends, color=COLOURS[shade], alpha=0.12, lw=0)
        slope = buttberg2025.decades_per_volt(up, *ends)
        said = f"{name}: {slope:.0f} decades/V" if slope == slope else name
        middle = np.sqrt(np.prod(ends))
        axes.text(0.98, middle, said, ha="right", transform=axes.get_yaxis_transform())


def gap(run: Run) -> Figure:
    """Smallest gap against time, and its last part in an inset."""
    figure, axes = subplots(figsize=LABELLED)
    t, g = run.iv["t [s]"], run.iv["gap [m]"] * 1e9
    axes.plot(t, g, color=COLOURS["branch"])
    axes.set(xlabel="time (s)", ylabel="smallest gap (nm)", ylim=(0, None))
    quoted = buttberg2025.times(run)
    if quoted and quoted["void"] <= t.max():
        mark_paper(axes, quoted["void"], "paper: void", at=0.8, ha="left")
    closed = g < 1.0
    if closed.any() and steps(run) == {"ramp"}:
        inset = axes.inset_axes((0.12, 0.16, 0.48, 0.5))
        inset.plot(t[closed], g[closed], color=COLOURS["branch"])
        inset.set(ylim=(0, 0.6))
        if quoted:
            low, high = buttberg2025.GAP_LEAST * 1e9, buttberg2025.GAP_MOST * 1e9
            inset.axhspan(low, high, color=COLOURS["paper"], alpha=0.12, lw=0)
            said = f"paper: {low:g} to {high:g} nm at the end"
            say_paper(inset, 0.97, 0.9, said, ha="right", fontsize=7)
    return figure


def shapes(iv: pd.DataFrame, outlines: list[Array]) -> Figure | None:
    """Outlines at a ladder of currents, or of heights without such currents, and at the end."""
    amperes, tips = iv["I [A]"].to_numpy(), iv["tip_height [m]"].to_numpy() * 1e9
    if np.ptp(tips) < _GROWN:
        return None
    rows = {
        in_amperes(level): int(np.argmax(level <= amperes))
        for level in _LADDER
        if level <= amperes.max()
    }
    if len(rows) < 2:
        reached = [int(np.argmax(tips >= h)) for h in np.linspace(tips[0], tips.max(), _RUNGS)]
        rows = {in_seconds(float(f"{iv['t [s]'].iloc[row]:.3g}")): row for row in reached}
    figure = maps.outline_figure({label: outlines[row] for label, row in rows.items()})
    axes = figure.axes[0]
    axes.plot(*mirrored(outlines[-1]).T, color=COLOURS["faint"], ls="--", label="end")
    axes.legend(fontsize=8, **BESIDE)
    return figure


def elephant(run: Run, outlines: list[Array]) -> Figure | None:
    """Height and largest radius against the logarithm of time, and the outlines themselves.

    From shortly before the tip is visible; None if it hardly grows, or of several pulses.
    """
    V, sizes = run.iv["V_source [V]"], np.array([outline.max(axis=0) for outline in outlines])
    pulses = int(np.count_nonzero(np.diff((V.max() / 2 < V).astype(int)) > 0))
    visible = np.flatnonzero(sizes[:, 1] > sizes[0, 1] + _GROWN)
    if np.ptp(sizes[:, 1]) < _TALL or (pulses > 1 and steps(run) != {"ramp"}):
        return None
    figure, axes = subplots(figsize=LABELLED)
    time = run.iv["t [s]"].to_numpy()
    t = np.log10(np.maximum(time, np.finfo(float).tiny))
    begin, end = t[max(visible[0], 1)], t[-1]
    begin -= max(0.2 * (end - begin), 0.01)
    apart = (end - begin) / _SLICES
    for column, colour, label in ((1, "branch", "height"), (0, "up", "largest radius")):
        axes.plot(time[1:], sizes[1:, column], color=COLOURS[colour], lw=1.0, label=label)
    widest = np.ceil(2 * sizes[:, 0].max()) / 2
    slices = np.unique(np.searchsorted(t, np.arange(begin, end, apart)))
    for i in slices:
        r, z = mirrored(outlines[i]).T
        shade = get_cmap("magma")(0.85 * (t[i] - begin) / (end - begin))
        axes.plot(10 ** (t[i] + apart / 2 * r / widest), z, lw=0.6, color=shade)
    for name, quoted in buttberg2025.times(run).items():
        if begin <= np.log10(quoted) <= end:
            mark_paper(axes, quoted, f"paper: {name}", at=0.68)  # above the filament
    axes.set(xlabel="time (s)", ylabel="height, largest radius (nm)", xscale="log")
    axes.set(xlim=(10**begin, 10 ** (end + apart)), ylim=(0, 1.5 * sizes[:, 1].max()))
    label_plainly(axes.xaxis)
    axes.legend(title=f"outlines: up to {2 * widest:g} nm wide", **BESIDE)
    return figure


def temperature(run: Run) -> Figure | None:
    """Largest temperature against current, on the way up and from the compliance on."""
    visible = run.iv[run.iv["I [A]"] > _HEATING]
    if len(visible) < 2 or np.ptp(visible["T_max [K]"]) < WARM:
        return None
    figure, axes = subplots(figsize=LABELLED)
    axes.semilogx(visible["I [A]"], visible["T_max [K]"], color=COLOURS["branch"])
    last = visible.iloc[-1]
    axes.annotate("end", (last["I [A]"], last["T_max [K]"]), (8, 0), textcoords="offset points")
    if buttberg2025.is_device(run):
        _mark_temperatures(axes, visible["I [A]"].max(), run.si("heat", "ambient"))
    axes.set(xlabel="current (A)", ylabel="largest temperature (K)")
    return figure


def _mark_temperatures(axes: Axes, largest: float, ambient: float) -> None:
    quoted = (
        (buttberg2025.I_HOT, buttberg2025.T_HOT),
        (buttberg2025.COMPLIANCE, buttberg2025.T_MAX),
    )
    reached = [point for point in quoted if point[0] <= 1.01 * largest]
    if reached:
        axes.plot(
            *zip(*reached, strict=True), "D", mfc="none", color=COLOURS["paper"], label="paper"
        )
        axes.legend(loc="upper left")
    begin, rise = buttberg2025.I_WARM, buttberg2025.RISE_WARM
    if begin <= largest:
        level = ambient + rise
        axes.hlines(level, begin, buttberg2025.COMPLIANCE, COLOURS["paper"], ":", linewidth=1.0)
        said = f"paper: rise of at least\n{rise:g} K from {in_amperes(begin)}"
        say_paper(axes, begin / 2, level, said, axes.transData, ha="right", va="bottom")


def loop(iv: pd.DataFrame) -> Figure | None:
    """I-V curve of all half cycles, logarithmic and linear."""
    if not (iv["I [A]"].abs() > _VISIBLE).any():
        return None
    figure, (log, linear) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    V, I = iv["V_source [V]"].to_numpy(), iv["I [A]"].to_numpy()  # noqa: E741
    begin, end = first_reverse(V)
    parts = (
        ("first SET", "branch", "-", slice(0, begin + 1)),
        ("RESET", "up", "-", slice(begin, end + 1)),
        ("after the RESET", "down", "--", slice(end, len(V))),
    )
    for label, colour, style, part in parts:
        size = np.abs(I[part])
        visible = np.where(size > _VISIBLE, size, np.nan)
        log.semilogy(V[part], visible, style, color=COLOURS[colour], label=label)
        linear.plot(V[part], I[part], style, color=COLOURS[colour])
    log.set(xlabel="source voltage (V)", ylabel="magnitude of the current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current")
    linear.yaxis.set_major_formatter(in_amperes)
    log.legend()
    return figure


def dissolution(iv: pd.DataFrame, outlines: list[Array]) -> Figure | None:
    """Outlines during the first RESET, at equal losses of volume; None if nothing dissolves."""
    V, t, volume = (iv[name].to_numpy() for name in ("V_source [V]", "t [s]", "volume [m3]"))
    begin, end = first_reverse(V)
    left = volume[begin:end]
    if begin == end or left[-1] > 0.99 * left[0]:
        return None
    levels = np.linspace(left[0], left[-1], _SHOWN + 2)
    rows = np.unique([begin + int(np.argmax(left <= level)) for level in levels])
    return maps.outline_figure(
        {f"{t[row]:.4g} s, {V[row]:.3f} V": outlines[row] for row in rows}, "time, source"
    )
