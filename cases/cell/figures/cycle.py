"""Figures of a RESET: the I-V loop and how the filament dissolves."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from mitmodels.cases.cell.cycles import first_reverse
from mitmodels.cases.cell.figures.maps import outline_figure
from mitmodels.cases.cell.outlines import Array
from mitmodels.cases.figures.style import COLOURS, LABELLED

_VISIBLE = 1e-12  # [A]
_SHOWN = 7  # outlines between the first and the last


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
        visible = np.where(size > _VISIBLE, size, np.nan)
        log.semilogy(V[part], visible, style, color=COLOURS[colour], label=label)
        linear.plot(V[part], I[part] * 1e6, style, color=COLOURS[colour])
    log.set(xlabel="source voltage (V)", ylabel="magnitude of the current (A)")
    linear.set(xlabel="source voltage (V)", ylabel="current (µA)")
    log.legend()
    return figure


def dissolution(iv: pd.DataFrame, outlines: list[Array]) -> Figure:
    """Outlines during the first RESET, at equal losses of volume."""
    V, volume = iv["V_source [V]"].to_numpy(), iv["volume [m3]"].to_numpy()
    begin, end = first_reverse(V)
    left = volume[begin:end]
    levels = np.linspace(left[0], left[-1], _SHOWN + 2)
    rows = np.unique([begin + int(np.argmax(left <= level)) for level in levels])
    return outline_figure(
        {f"{V[row]:.3f} V": outlines[row] for row in rows}, "source, on the way down"
    )
