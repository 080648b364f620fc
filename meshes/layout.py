"""Layouts of devices as layout editors write them: polygons by layer, from GDS, OASIS and DXF."""

from collections.abc import Collection, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from mitmodels.errors import InputError

Polygon = npt.NDArray[np.float64]
Found = Iterator[tuple[str, Polygon | None]]

_ROUND = 1e-3  # distance of a chord from its arc, of the size of the curve
_CURVES = {"ARC", "CIRCLE", "ELLIPSE", "LINE", "LWPOLYLINE", "POLYLINE", "SPLINE"}


def read_layout(
    path: Path, layers: Collection[str], cell: str | None = None, unit: float | None = None
) -> dict[str, list[Polygon]]:
    """Read the polygons of some layers of a cell, with all cells in it.

    Parameters
    ----------
    path
        GDS, OASIS or DXF by its suffix, .gds, .oas or .dxf.
    layers
        Names of the layers; those of GDS and OASIS are layer and datatype, ``"1/0"``.
    cell
        Name of the cell of a GDS or OASIS file. Default: the one that no other contains.
    unit
        Length of one unit of a DXF drawing [m]. Default: what the drawing says.

    Returns
    -------
    dict
        Corners (x, y) of the polygons of each layer [m], which may overlap; shape (n, 2).

    Raises
    ------
    InputError
        If the file cannot be read, does not say what is drawn or has no such layer.
    """
    read = _read_dxf if path.suffix.lower() == ".dxf" else _read_gds
    found: dict[str, list[Polygon]] = {}
    try:
        for layer, polygon in read(path, layers, cell, unit):
            found.setdefault(layer, []).extend([] if polygon is None else [polygon])
    except InputError as error:
        raise InputError(f"{path}: {error}") from None
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: reading it needs {error.name}, which is not installed: conda install -c "
            f"conda-forge {error.name}, or save the layout as DXF"
        ) from None
    except Exception as error:  # of either library, whatever is in the file
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(f"{path}: cannot be read as a layout ({reason}): write it again") from None
    for name in layers:
        if not found.get(name):
            known = ", ".join(sorted(found)) or "none"
            raise InputError(f'{path}: has no polygons on a layer "{name}": its layers are {known}')
    return {name: found[name] for name in layers}


def _read_gds(path: Path, layers: Collection[str], cell: str | None, unit: float | None) -> Found:
    import gdstk  # only here: most runs have no layout

    if unit is not None:
        raise InputError("says its unit itself: remove geometry.unit, which is of a DXF drawing")
    path.open("rb").close()  # gdstk does not say why it cannot
    library = (gdstk.read_oas if path.suffix.lower() == ".oas" else gdstk.read_gds)(path)
    cells = {found.name: found for found in library.cells}
    top = sorted(found.name for found in library.top_level())
    if cell is None and len(top) != 1:
        names = ", ".join(top) or "none"
        raise InputError(
            f"does not say which cell is the device: name one as geometry.cell: {names}"
        )
    if (name := cell or top[0]) not in cells:
        raise InputError(f'has no cell "{name}": set geometry.cell to {" or ".join(sorted(cells))}')
    for polygon in cells[name].get_polygons():
        layer = f"{polygon.layer}/{polygon.datatype}"
        yield layer, polygon.points * library.unit if layer in layers else None


def _read_dxf(path: Path, layers: Collection[str], cell: str | None, unit: float | None) -> Found:
    import ezdxf  # only here: most runs have no layout
    from ezdxf import path as curves
    from ezdxf import units
    from ezdxf.disassemble import recursive_decompose

    if cell is not None:
        raise InputError("has no cells: remove geometry.cell")
    drawing = ezdxf.readfile(path)
    if unit is None and not drawing.units:
        raise InputError("does not say its unit: give geometry.unit, the length of one")
    scale = unit or units.conversion_factor(drawing.units, units.M)
    for entity in recursive_decompose(drawing.modelspace()):
        layer, kind = entity.dxf.layer, entity.dxftype()
        if layer not in layers or kind not in _CURVES:
            yield layer, None
            continue
        curve = curves.make_path(entity)
        around = np.array([(x, y) for x, y, _ in curve.control_vertices()])
        chord = _ROUND * float(np.ptp(around, axis=0).max())
        corners = np.array([(x, y) for x, y, _ in curve.flattening(chord)])
        if not curve.is_closed:
            where = "({:g}, {:g})".format(*corners[0])
            raise InputError(
                f'has an open {kind} at {where} on the layer "{layer}": close it, or move it to '
                "another layer"
            )
        yield layer, corners[:-1] * scale
