"""Fields of a device as bytes of pixels that a browser colours."""

from base64 import b64encode
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyvista as pv

from mitmodels.cases.figures.field_maps import region_edges

OUTSIDE = 0  # level beyond the device; the field has 1 to 255


@dataclass(frozen=True)
class Raster:
    """A field on pixels.

    Attributes
    ----------
    values : ndarray of float, shape (rows, columns)
        From the top left; NaN outside.
    box : tuple of float
        Left, right, bottom and top [m].
    edges : ndarray, shape (n, 2, 2)
        Lines between the parts of the device [m].
    """

    values: npt.NDArray[np.float64]
    box: tuple[float, float, float, float]
    edges: npt.NDArray[np.float64]


def rasterize(mesh: pv.DataSet, name: str, pixels: int) -> Raster:
    """Sample a field on about so many pixels that fill the bounds of a mesh."""
    left, right, bottom, top = mesh.bounds[:4]
    width, height = right - left, top - bottom
    columns = max(round((pixels * width / height) ** 0.5), 2)
    rows = max(round(pixels / columns), 2)
    spacing = width / columns, height / rows, 1.0
    grid = pv.ImageData(
        dimensions=(columns, rows, 1),
        spacing=spacing,
        origin=(left + spacing[0] / 2, bottom + spacing[1] / 2, 0.0),
    )
    sampled = grid.sample(mesh)
    found = np.where(sampled["vtkValidPointMask"] > 0, sampled[name], np.nan)
    corners = np.reshape(mesh.cells, (-1, 4))[:, 1:]
    edges = np.asarray(mesh.points)[region_edges(corners, np.asarray(mesh["region"])), :2]
    return Raster(found.reshape(rows, columns)[::-1], (left, right, bottom, top), edges)


def as_levels(raster: Raster, low: float, high: float) -> str:
    """Return a raster as bytes in base64: level 1 is the low end of a scale, 255 the high one."""
    level = 1 + 254 * np.clip((raster.values - low) / (high - low), 0.0, 1.0)
    data = np.where(np.isnan(level), OUTSIDE, np.round(level)).astype(np.uint8).tobytes()
    return b64encode(data).decode()


def as_path(lines: npt.NDArray[np.float64], scale: float) -> str:
    """Return lines, shape (n, points, 2), as the path of an SVG with so many units per metre."""
    written = [
        "M" + "L".join(f"{x:.5g} {y:.5g}" for x, y in line) for line in np.asarray(lines) * scale
    ]
    return "".join(written)
