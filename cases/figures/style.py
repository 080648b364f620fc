"""Look of all figures."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter

LABELLED = (5.2, 3.8)  # [inch] one column of a paper with room for the labels
COLOURS = {
    "branch": "#1b3a5c",
    "faint": "#8fa3b5",
    "up": "#c4462d",
    "down": "#2a7f62",
    "paper": "#7d4f9e",
}

_STYLE: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelsize": 10,
    "figure.dpi": 100,
    "font.size": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "savefig.dpi": 200,
    "xtick.direction": "in",
    "ytick.direction": "in",
}


in_amperes = EngFormatter(unit="A", places=None)  # 1e-6 is "1 µA"
in_seconds = EngFormatter(unit="s", places=None)


@contextmanager
def styled() -> Iterator[None]:
    """Draw without a display and in the project's style."""
    backend = mpl.get_backend()
    plt.switch_backend("agg")
    with mpl.rc_context(_STYLE):
        yield
    plt.switch_backend(backend)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure and close it."""
    figure.savefig(path, bbox_inches="tight")
    plt.close(figure)
    return path
