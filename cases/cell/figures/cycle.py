"""Figures of a RESET: the I-V loop and how the filament dissolves."""

import matplotlib.pyplot as plt
import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.cell.cycles import first_reverse
from mitmodels.cases.cell.outlines import mirrored
from mitmodels.cases.figures.style import COLOURS, LABELLED

_VISIBLE = 1e-12  # [A]
_SHOWN = 7  # outlines between the first and the last

Outlines = list[npt.NDArray[np.float64]]


def loop(iv: pd.DataFrame) -> Figure:
    """I-V curve of all half cycles, logarithmic and linear."""
    figure, (log, linear) = plt.subplots(1, 2, figsize=(2 * LABELLED[0], LABELLED[1]))
    V, I = iv["V_source [V]"].to_numpy(), iv["I [A]"].to_numpy()  # noqa: E741
    begin, end = first_reverse(V)
    parts = (
        ("first SET", "branch", "-", slice(0, begin + 1)),
        ("RESET", "up", "-", slice(begin, end + 1)),
        ("what follows", "down", "--", slice(end, len(V))),
    )
    for label, colour, style, part in parts:
        size = np.abs(I[part])
        drawn = np.where(size > _VISIBLE, size, np.nan)
        log.semilogy(V[part], drawn, style, color=COLOURS[colour], label=label)
        linear.plot(V[part], I[part] * 1e6, style, color=COLOURS[colour])
    log.set(xlabel="source voltage (V)", ylabel="magnitude of the current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current (µA)")
    log.legend()
    return figure


def dissolution(iv: pd.DataFrame, outlines: Outlines) -> Figure:
    """Outlines during the first RESET, at equal losses of volume."""
    figure, axes = plt.subplots(figsize=LABELLED)
    V, volume = iv["V_source [V]"].to_numpy(), iv["volume [m3]"].to_numpy()
    begin, end = first_reverse(V)
    left = volume[begin:end]
    shares = np.linspace(left[0], left[-1], _SHOWN + 2)
    rows = np.unique([begin + int(np.argmax(left <= share)) for share in shares])
    colours = plt.get_cmap("viridis")(np.linspace(0.0, 0.9, len(rows)))
    for row, colour in zip(rows, colours, strict=True):
        label = f"{V[row]:.3f} V"
        axes.plot(*mirrored(outlines[row]).T, color=colour, lw=1.2, label=label)
    axes.set(xlabel="radius (nm)", ylabel="height (nm)", aspect="equal", ylim=(0, None))
    axes.legend(
        fontsize=8, loc="center left", bbox_to_anchor=(1.0, 0.5), title="source, on the way down"
    )
    return figure
