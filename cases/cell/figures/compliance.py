"""Figures of a compliance study, as Figs. 1 and 5 of Buttberg et al. (2025)."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from mitmodels.cases.cell.compliance_study import Kind, Study, findings, studies
from mitmodels.cases.cell.figures.maps import voltage_drop
from mitmodels.cases.cell.outlines import mirrored, read_outlines
from mitmodels.cases.figures.style import (
    COLOURS,
    LABELLED,
    get_cmap,
    in_amperes,
    mark_paper,
    save,
    say_paper,
    scale_bar,
    styled,
    subplots,
)
from mitmodels.cases.papers import buttberg2025
from mitmodels.cases.sweeps.folder import SweepFolder
from mitmodels.solvers.runs.files import write_results
from mitmodels.solvers.runs.reading import Run

_LINES: dict[Kind, tuple[str, str, str]] = {  # colour, marker, style
    "full": ("branch", "o", "-"),
    "without barrier heating": ("down", "s", "--"),
    "without dissolution": ("up", "^", ":"),
}
Colour = str | tuple[float, float, float, float]
_VISIBLE = 1e-12  # [A]
_INSET = 1.6  # [nm] gap


def plot(folder: SweepFolder) -> list[Path]:
    """Draw the SETs of a sweep together and write their results to ``study.json``.

    Returns
    -------
    list of Path
        The files, in ``figures``; none if the sweep is not a compliance study.
    """
    found = studies(folder)
    if not found:
        return []
    figures, quoted = folder.figures, _is_quoted(found)
    write_results(folder.path / "study.json", findings(found))
    with styled():
        files = [save(resistance(found), figures / "fig_1a_resistance.png")]
        if full := found.get("full"):
            files += [
                save(gaps(full), figures / "fig_1b_gap.png"),
                save(outlines(full), figures / "fig_1c_outlines.png"),
                save(currents(full), figures / "fig_1e_iv.png"),
            ]
            if drop := voltage_drop(full.runs[-1], buttberg2025.I_DROP if quoted else 0.0):
                if quoted:
                    said = f"paper: {buttberg2025.DROP}"
                    say_paper(drop.axes[0], 0.03, 0.96, said, va="top")
                files.append(save(drop, figures / "fig_1d_voltage_drop.png"))
        if "without barrier heating" in found:
            files.append(save(heating(found), figures / "fig_5ab_heating.png"))
        if "without dissolution" in found:
            files.append(save(dissolution(found), figures / "fig_5cd_dissolution.png"))
    return files


def _is_quoted(found: Mapping[Kind, Study]) -> bool:
    """Return whether the paper's values are for this cell; its full SETs tell."""
    return "full" in found and buttberg2025.is_device(found["full"].runs[0])


def resistance(found: Mapping[Kind, Study]) -> Figure:
    """Resistance of the low state against the compliance."""
    figure, axes = subplots(figsize=LABELLED)
    for kind, study in found.items():
        colour, marker, style = _LINES[kind]
        R, contact = study.of("R_LRS"), np.isfinite(study.of("I_contact"))
        R[contact] = np.nan
        label = f"{kind}, up to contact" if contact.any() else kind
        axes.loglog(study.currents, 1e-3 * R, marker + style, color=COLOURS[colour], label=label)
    if _is_quoted(found):
        side_growth = buttberg2025.I_SIDE_GROWTH
        mark_paper(axes, side_growth, "")
        for text, ha in (("paper: gap ", "right"), (" side growth", "left")):
            say_paper(axes, side_growth, 0.02, text, axes.get_xaxis_transform(), ha=ha)
    axes.set(xlabel="current compliance (A)", ylabel="resistance of the low state (kΩ)")
    axes.legend(loc="upper right")
    return figure


def gaps(full: Study) -> Figure:
    """Smallest gap against time, its end in an inset."""
    figure, axes = subplots(figsize=LABELLED, layout="constrained")
    inset = axes.inset_axes((0.14, 0.14, 0.5, 0.5))
    for run, colour in _coloured(full, axes):
        t, gap = run.iv["t [s]"], run.iv["gap [m]"] * 1e9
        axes.plot(t, gap, color=colour, lw=1.0)
        inset.plot(t, gap, color=colour, lw=1.0)
    t, gap = full.runs[0].iv["t [s]"], full.runs[0].iv["gap [m]"] * 1e9
    closing = float(t[int(np.argmax(gap < _INSET))]) or float(t.iloc[-1])
    inset.set(xlim=(0.9 * closing, 1.2 * closing), ylim=(0.0, _INSET))
    axes.set(xlabel="time (s)", ylabel="smallest gap (nm)", ylim=(0, None))
    return figure


def outlines(full: Study) -> Figure:
    """Outlines at the end of every SET."""
    figure, axes = subplots(figsize=LABELLED, layout="constrained")
    for run, colour in _coloured(full, axes):
        axes.plot(*mirrored(read_outlines(run)[-1]).T, color=colour, lw=1.0)
    axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal", ylim=(0, None))
    return figure


def currents(full: Study) -> Figure:
    """I-V curves on the way up."""
    figure, axes = subplots(figsize=LABELLED, layout="constrained")
    for run, colour in _coloured(full, axes):
        _current(axes, run, colour, "-", "", 1.0)
    return figure


def heating(found: Mapping[Kind, Study]) -> Figure:
    """Largest temperatures and the I-V curve at the largest compliance, with and without heat."""
    figure, (hot, iv) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    for kind in ("full", "without barrier heating"):
        if study := found.get(kind):
            colour, marker, style = _LINES[kind]
            T = study.of("T_max")
            hot.semilogx(study.currents, T, marker + style, color=COLOURS[colour], label=kind)
            _current(iv, study.runs[-1], COLOURS[colour], style, kind)
    if _is_quoted(found):
        limit, hottest = buttberg2025.COMPLIANCE, buttberg2025.T_MAX
        label = f"paper: {hottest:g} K"
        hot.plot(limit, hottest, "D", color=COLOURS["paper"], mfc="none", label=label)
    hot.set(xlabel="current compliance (A)", ylabel="largest temperature (K)")
    hot.legend()
    return figure


def dissolution(found: Mapping[Kind, Study]) -> Figure:
    """I-V curve and gap with and without dissolution of the active electrode.

    At the compliance that the paper shows; in another cell, at the largest without dissolution.
    """
    figure, (iv, gap) = subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    largest = float(found["without dissolution"].currents[-1])
    compliance = buttberg2025.I_BARE if _is_quoted(found) else largest
    for kind in ("full", "without dissolution"):
        run = found[kind].at(compliance) if kind in found else None
        if run is None:
            continue
        colour, _, style = _LINES[kind]
        _current(iv, run, COLOURS[colour], style, kind)
        t, smallest = run.iv["t [s]"], run.iv["gap [m]"] * 1e9
        gap.semilogy(t, smallest, style, color=COLOURS[colour], label=kind)
        if (run.events["event"] == "contact").any():
            last = run.iv.iloc[-1]
            iv.plot(last["V_source [V]"], last["I [A]"], "x", color=COLOURS[colour])
            gap.plot(last["t [s]"], last["gap [m]"] * 1e9, "x", color=COLOURS[colour])
    gap.set(xlabel="time (s)", ylabel="smallest gap (nm)")
    gap.legend(title="×: contact", title_fontsize=8)
    return figure


def _coloured(study: Study, axes: Axes) -> Iterator[tuple[Run, Colour]]:
    """Yield the runs with the colours of their compliance, which a bar beside the axes explains."""
    norm = LogNorm(study.currents[0], study.currents[-1])
    scale_bar(axes, norm, "viridis", "current compliance", format=in_amperes)
    for current, run in zip(study.currents, study.runs, strict=True):
        yield run, get_cmap("viridis")(norm(current))


def _current(
    axes: Axes, run: Run, colour: Colour, style: str, label: str, width: float = 1.6
) -> None:
    iv = run.iv[: int(np.argmax(run.iv["V_source [V]"])) + 1]
    iv = iv[iv["I [A]"] > _VISIBLE]
    axes.plot(iv["V_source [V]"], iv["I [A]"], style, color=colour, label=label, lw=width)
    axes.set(xlabel="source voltage (V)", ylabel="current (A)", yscale="log")
