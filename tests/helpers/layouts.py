"""Layouts of films as layout editors write them."""

import ezdxf
import gdstk


def write_gds(path, film, contacts, holes=()):
    """Write rectangles (x0, y0, x1, y1) in micrometres, the contacts in a cell that is placed."""
    library = gdstk.Library(unit=1e-6, precision=1e-9)
    metal = library.new_cell("METAL")
    metal.add(*(gdstk.rectangle(box[:2], box[2:], layer=2) for box in contacts))
    device = library.new_cell("DEVICE")
    shapes = [gdstk.rectangle(box[:2], box[2:]) for box in film]
    holes = [gdstk.rectangle(box[:2], box[2:]) for box in holes]
    device.add(*gdstk.boolean(shapes, holes, "not", layer=1) if holes else ())
    device.add(*() if holes else (gdstk.rectangle(box[:2], box[2:], layer=1) for box in film))
    device.add(gdstk.Reference(metal), gdstk.rectangle((0, 0), (1, 1), layer=9))
    library.write_gds(path)
    return path


def write_dxf(path, film, contacts, unit=13):
    """Likewise in DXF, whose unit 13 is the micrometre, with the contacts in a block."""
    drawing = ezdxf.new()
    drawing.units = unit
    metal = drawing.blocks.new("METAL")
    for space, layer, boxes in (
        (drawing.modelspace(), "FILM", film),
        (metal, "CONTACT", contacts),
    ):
        for x0, y0, x1, y1 in boxes:
            corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
            space.add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})
    drawing.modelspace().add_blockref("METAL", (0, 0))
    drawing.saveas(path)
    return path
