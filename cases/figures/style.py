"""Look of all figures, and the parts that several of them have."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colorbar import Colorbar
from matplotlib.colors import Colormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import EngFormatter, MaxNLocator, NullLocator, ScalarFormatter
from matplotlib.transforms import Transform
from PIL import Image

from mitmodels.cases.figures.look import LOOK

Align = Literal["left", "center", "right"]

LABELLED = (5.2, 3.8)  # [inch] one column of a paper with room for the labels
COLOURS = {
    "branch": "#1b3a5c",
    "faint": "#8fa3b5",
    "up": "#c4462d",
    "down": "#2a7f62",
    "paper": "#7d4f9e",
}
BESIDE: dict[str, Any] = {"loc": "center left", "bbox_to_anchor": (1.0, 0.5)}  # of a legend
SHADES = 60  # of a colour map in an animation: a GIF has 256 in all

_STYLE: dict[Any, Any] = {
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelsize": 10,
    "figure.dpi": 100,
    "font.size": 9,
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "pdf.fonttype": 42,
    "savefig.dpi": 200,
    "svg.fonttype": "none",
    "xtick.direction": "in",
    "ytick.direction": "in",
}
_IN_A_JOURNAL: dict[Any, Any] = {  # at its final size
    "axes.labelsize": 8,
    "font.size": 7,
    "lines.linewidth": 1.2,
    "lines.markersize": 4,
    "savefig.dpi": 600,
}
_GREYS = 24
_FRAME = 600  # [ms]

in_amperes = EngFormatter(unit="A", places=None)  # 1e-6 is "1 µA"
in_ohms = EngFormatter(unit="Ω", places=None)
in_seconds = EngFormatter(unit="s", places=None)


@contextmanager
def styled() -> Iterator[None]:
    """Draw in the project's style, whatever a user's matplotlibrc says."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_STYLE | (_IN_A_JOURNAL if LOOK.get().column else {}))
        yield


def subplots(
    rows: int = 1,
    columns: int = 1,
    figsize: tuple[float, float] | None = None,
    layout: Literal["constrained"] | None = None,
    **options: Any,
) -> tuple[Figure, Any]:
    """Return a figure and its axes, without pyplot: it needs no display, backend or main thread."""
    if width := LOOK.get().width:
        own = figsize or LABELLED
        figsize, layout = (width, own[1] * width / own[0]), "constrained"
    figure = Figure(figsize, layout=layout)
    return figure, figure.subplots(rows, columns, **options)


def get_cmap(name: str, count: int | None = None) -> Colormap:
    """Return a colour map, of a number of colours if one is given."""
    found: Colormap = mpl.colormaps[name]
    return found if count is None else found.resampled(count)


def save(figure: Figure, path: Path) -> Path:
    """Write a figure, a ``.png`` in the format that is asked for; return the file."""
    look = LOOK.get()
    if look.format != "png":
        path = path.with_suffix(f".{look.format}")
    figure.savefig(path, bbox_inches=None if look.column else "tight")
    return path


def shades(name: str, count: int, end: float = 0.85) -> np.ndarray:
    """Return the colours of a number of curves, evenly from the dark end of a map."""
    return np.asarray(get_cmap(name)(np.linspace(0.0, end, count)))


def dark(name: str) -> Colormap:
    """Return the part of a colour map that can be seen on white."""
    return ListedColormap(shades(name, 256))


def scale_bar(
    axes: Axes | Sequence[Axes],
    norm: Normalize,
    name: str | Colormap,
    label: str,
    **options: Any,
) -> Colorbar:
    """Explain the colours of a map in a bar beside the axes."""
    first = axes if isinstance(axes, Axes) else axes[0]
    colours = ScalarMappable(norm, name if isinstance(name, Colormap) else get_cmap(name))
    return first.figure.colorbar(colours, ax=axes, label=label, **options)


def label_plainly(axis: Axis) -> None:
    """Label a logarithmic axis of less than a decade, which has too few marks of its own."""
    low, high = axis.get_view_interval()
    if high < 10 * low:
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(ScalarFormatter())
        axis.set_minor_locator(NullLocator())


def mark_paper(axes: Axes, value: float, text: str, at: float = 0.02, ha: Align = "right") -> None:
    """Draw a dotted line at a value that a paper quotes, a text along it from a height on."""
    axes.axvline(value, color=COLOURS["paper"], linestyle=":", linewidth=1.0, zorder=0)
    say_paper(axes, value, at, text, axes.get_xaxis_transform(), ha=ha, va="bottom", rotation=90)


def say_paper(
    axes: Axes, x: float, y: float, text: str, frame: Transform | None = None, **options: Any
) -> None:
    """Write what a paper states, without a frame of coordinates at a fraction of the axes."""
    look = {"color": COLOURS["paper"], "fontsize": "small", **options}
    axes.text(x, y, text, transform=frame or axes.transAxes, **look)


def write_animation(
    figure: Figure, show: Callable[[int], None], frames: int, maps: Sequence[str], path: Path
) -> Path:
    """Write a GIF of what ``show`` draws into a figure for every frame.

    Its palette has `SHADES` of each colour map and greys: chosen by frame, some would go lost. The
    last frame comes first, too: what does not play shows it.
    """
    colours = [get_cmap(name, SHADES)(np.arange(SHADES)) for name in maps]
    colours.append(get_cmap("gray", _GREYS)(np.arange(_GREYS)))
    palette = Image.new("P", (1, 1))
    palette.putpalette(np.round(255 * np.concatenate(colours)[:, :3]).astype(np.uint8).tobytes())
    canvas: Any = FigureCanvasAgg(figure)  # its methods have no types
    images = []
    for number in (frames - 1, *range(frames)):
        show(number)
        canvas.draw()
        figure.set_layout_engine("none")  # once is enough: nothing moves from frame to frame
        image = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
        images.append(image.quantize(palette=palette, dither=Image.Dither.NONE))
    images[0].save(path, save_all=True, append_images=images[1:], duration=_FRAME, loop=0)
    return path
