"""Temperature and potential of a device side by side in ParaView.

For `film.py` and `cell.py`, which `pvpython` of ParaView 5.11 or later runs; needs nothing else.
"""

import argparse
import sys
from pathlib import Path

from paraview import simple as pv

_SHOWN = {"temperature [K]": "Inferno (matplotlib)", "potential [V]": "Viridis (matplotlib)"}
_SIZE = (1600, 900)
_ROOM = 1.4  # for labels and scales
_DARK = [0.1, 0.1, 0.1]


def arguments(description):
    """Return the run folder and the folder for images, or None to play in a window."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("run", type=Path, help="run folder")
    parser.add_argument(
        "--out",
        type=Path,
        help="new folder for an image of every state (.png) and the state of ParaView (.pvsm); "
        "default: play in a window",
    )
    given = parser.parse_args()
    if given.out is not None and given.out.exists():
        refuse(f"{given.out}: exists already: name another folder with --out")
    return given.run.resolve(), given.out


def refuse(sentence):
    """End with a sentence and the exit code of bad input."""
    sys.stderr.write(f"error: {sentence}\n")
    sys.exit(2)


def scaled(source, x, y):
    """Return a source whose coordinates are multiplied by x and y."""
    changed = pv.Transform(Input=source)
    changed.Transform.Scale = [x, y, 1.0]
    return changed


def outlines(source, regions):
    """Return the edges of the regions of these numbers."""
    edges = []
    for number in regions:
        part = pv.Threshold(Input=source, Scalars=["CELLS", "region"])
        part.LowerThreshold, part.UpperThreshold = number - 0.5, number + 0.5
        # Within a region only: on an interface there are two nodes, with a potential each.
        joined = pv.CleantoGrid(Input=part)
        joined.Tolerance = 1e-7  # of the size: joins the halves on the axis and no other nodes
        surface = pv.ExtractSurface(Input=joined)
        edge = pv.FeatureEdges(Input=surface)
        edge.FeatureEdges, edge.ManifoldEdges, edge.NonManifoldEdges = 0, 0, 0
        edges.append(edge)
    return edges


def show(device, edges, title, axes, stacked):
    """Show both quantities, each on one scale for all times.

    Parameters
    ----------
    device : source
        Of the whole device, in the units of the axes.
    edges : list of sources
        Drawn in white.
    title : source
        Text that follows the time.
    axes : tuple of str
        Titles of both axes.
    stacked : bool
        Whether one view is above the other, for long devices.

    Returns
    -------
    layout
        What `play` takes.
    """
    layout = pv.CreateLayout("device")
    split = layout.SplitVertical if stacked else layout.SplitHorizontal
    views = []
    for name, colours in _SHOWN.items():
        view = pv.CreateRenderView()
        pv.AssignViewToLayout(view=view, layout=layout, hint=split(0, 0.5) + 1 if views else 0)
        views.append(view)
        bar = _show_quantity(view, device, name, colours)
        bar.WindowLocation, bar.ScalarBarLength = "Lower Right Corner", 0.6 if stacked else 0.35
        for edge in edges:
            line = pv.Show(edge, view)
            line.ColorArrayName = ["POINTS", ""]
            line.AmbientColor, line.DiffuseColor, line.LineWidth = [1.0] * 3, [1.0] * 3, 2.0
            line.Ambient, line.Diffuse = 1.0, 0.0
        _look(view, axes)
    label = pv.Show(title, views[0])
    label.Color, label.FontSize, label.WindowLocation = _DARK, 18, "Upper Left Corner"
    layout.SetSize(*_SIZE)
    x0, x1, y0, y1 = device.GetDataInformation().GetBounds()[:4]
    width, height = (_SIZE[0], _SIZE[1] / 2) if stacked else (_SIZE[0] / 2, _SIZE[1])
    for view in views:
        view.CameraFocalPoint = [(x0 + x1) / 2, (y0 + y1) / 2, 0.0]
        view.CameraPosition = [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0]
        view.CameraParallelScale = _ROOM / 2 * max(y1 - y0, (x1 - x0) * height / width)
    return layout


def play(layout, out):
    """Write images and state to a new folder, or play in a window."""
    scene = pv.GetAnimationScene()
    scene.UpdateAnimationUsingDataTimeSteps()
    scene.PlayMode = "Snap To TimeSteps"
    if out is None:
        scene.Loop = 1
        scene.Play()
        pv.Interact()
        return
    out.mkdir(parents=True)
    pv.SaveAnimation(str(out / "frame.png"), layout, ImageResolution=list(_SIZE))
    scene.GoToLast()
    pv.SaveScreenshot(str(out / "last.png"), layout, ImageResolution=list(_SIZE))
    pv.SaveState(str(out / "device.pvsm"))


def _show_quantity(view, device, name, colours):
    shown = pv.Show(device, view)
    where = "POINTS" if name in device.PointData else "CELLS"
    pv.ColorBy(shown, (where, name))
    shown.Ambient, shown.Diffuse = 1.0, 0.0
    shown.RescaleTransferFunctionToDataRangeOverTime()
    scale = pv.GetColorTransferFunction(name)
    scale.ApplyPreset(colours, True)
    shown.SetScalarBarVisibility(view, True)
    bar = pv.GetScalarBar(scale, view)
    quantity, unit = name.rstrip("]").split(" [")
    bar.Title, bar.ComponentTitle = f"{quantity} ({unit})", ""
    bar.TitleColor = bar.LabelColor = _DARK
    bar.AddRangeLabels = 0
    return bar


def _look(view, axes):
    view.UseColorPaletteForBackground = 0
    view.Background = [1.0, 1.0, 1.0]
    view.OrientationAxesVisibility = 0
    view.InteractionMode = "2D"
    view.CameraViewUp = [0.0, 1.0, 0.0]
    view.CameraParallelProjection = 1
    grid = view.AxesGrid
    grid.Visibility = 1
    grid.XTitle, grid.YTitle, grid.ZTitle = *axes, ""
    for key in ("XTitleColor", "YTitleColor", "XLabelColor", "YLabelColor", "GridColor"):
        setattr(grid, key, _DARK)
