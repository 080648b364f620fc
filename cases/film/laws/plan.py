"""TOML sections of a film seen from above: its plan, the mesh of it, pads and contacts."""

from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.messages import shown
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.cases.config.toml_file import read_file
from mitmodels.errors import InputError

_LARGEST_MESH = 4 << 30  # bytes
_LONGEST = 500  # ratio of the sides of an element


class Layers(Section):
    """Layers of a layout: ``"1/0"``, layer and datatype, of GDS and OASIS, names of DXF."""

    film: str = Field(min_length=1, examples=["1/0"])
    """Layer of the film; where contacts lie on it, it is under them."""
    contacts: str = Field(min_length=1, examples=["2/0"])
    """Layer of the contacts, of which two touch the film: the left one and the right one."""


class Geometry(Section):
    """The channel between its pads, seen from above, or a layout or a mesh of one's own of it."""

    length: dim.Length
    """Length of the film along the current, between the pads."""
    width: dim.Length
    """Width of the film across the current, and of its pads."""
    thickness: dim.Thickness
    """Thickness t of the film, over which temperature and current density are even."""
    pad_length: dim.LengthOrZero
    """Length of each of both pads along the current; 0 for a film without pads."""
    far: dim.LengthOrZero
    """Radius of the meshed surface of the substrate, at least twice the device; 0 on a sheet, which
    meshes nothing beside it."""
    domain: Literal["quarter", "full"] = "quarter"
    """Whether a quarter of the device is computed, which takes it as symmetric, or all of it."""
    mesh: str | None = Field(default=None, examples=["device.msh"])
    """Path of a mesh of one's own from the folder of the TOML file, in any format that meshio
    reads."""
    layout: str | None = Field(default=None, examples=["device.gds"])
    """Path of a layout from the folder of the TOML file, GDS, OASIS or DXF, in place of a mesh."""
    layers: Layers | None = None
    """Which layers of the layout are film and contacts."""
    cell: str | None = Field(default=None, min_length=1, examples=["DEVICE"])
    """Cell of the layout that is the device, none if only one is in no other."""
    mesh_sha256: str | None = Field(default=None, examples=["9f86d081884c7d659a2feaa0c55ad015"])
    """Checksum of that file, which a run keeps to notice that it was changed."""
    unit: dim.Length = Field(default=Quantity(1.0, "m", "1 m", "default"), examples=["1 um"])
    """Length of one unit of the coordinates of that file; GDS and OASIS say it themselves."""

    @property
    def drawn(self) -> str | None:
        """File that the shape is from: mesh or layout."""
        return self.mesh or self.layout

    @model_validator(mode="before")
    @classmethod
    def _fingerprint(cls, data: Any) -> Any:
        """Tell the file of a run from another one of the same name."""
        given = [key for key in ("mesh", "layout") if key in data] if isinstance(data, dict) else []
        if len(given) > 1:
            raise ValueError("has a mesh and a layout: remove one")
        file = data[given[0]] if given else None
        if not isinstance(file, str):
            return data
        named = f"{given[0]} = {shown(file)}"
        try:
            found = sha256(read_file(Path(file), _LARGEST_MESH)).hexdigest()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ValueError(f"{named} cannot be read ({reason})") from None
        if data.get("mesh_sha256") not in (None, found):
            raise ValueError(f"{named} was changed since: restore that file")
        return {**data, "mesh_sha256": found}


class Mesh(Section):
    """Sizes and number of the finite elements; of a mesh of one's own only the degree counts.

    What is left out follows from the geometry and, on a sheet, from the walls between the phases.
    """

    size: dim.Length | None = None
    """Length of the elements along the current."""
    edge_size: dim.Length | None = None
    """Length of the elements across the current at the film's lateral edge, where a barrier
    opens."""
    cells_across: int | None = Field(default=None, ge=1, le=100_000)
    """Number of elements across half of the width, graded towards the edge."""
    degree: Literal[1, 2] = 1
    """Degree of the finite elements, 1 linear or 2 quadratic; on a half-space 2 is for steady
    states without a boundary resistance, and a third as many nodes do."""
    structure: Literal["blocks", "free"] = "blocks"
    """Blocks of rows, or a film free of them: triangles at random that have these sizes at its
    boundaries."""


class Pads(Section):
    """Electrode pads on the film's ends."""

    sheet_conductance: dim.SheetThermalConductance
    """Thermal conductivity of a pad times its thickness, by which it spreads the film's heat."""


class Contact(Section):
    """Contacts between film and pads: their resistivity, a resistance in series, or both."""

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["resistance_width"]}, {"required": ["resistivity"]}]
        }
    )
    resistivity: dim.ContactResistivity | None = Field(default=None, examples=["1e-9 ohm m2"])
    """Resistance times area between film and pad: the current passes under the pad where it finds
    less resistance and leaves its heat there; 0 is an ideal contact."""
    resistance_width: dim.ContactResistance = Quantity(0.0, "ohm m", "0 ohm m", "default")
    """Resistance in series of both contacts and the wires, times the width of the film."""
    heat: Literal["none", "pads"] = "none"
    """Whether the heat of that resistance goes nowhere or evenly into the pads."""
    thermal: Literal["free", "sink"] = "free"
    """Whether the ends of a film without pads are free or held at the ambient temperature."""

    @model_validator(mode="after")
    def _has_a_resistance(self) -> Self:
        if self.resistivity is None and self.resistance_width.source == "default":
            raise ValueError("give resistivity, or resistance_width of contacts in series")
        return self


def element_sizes(geometry: Geometry, mesh: Mesh) -> tuple[Quantity, Quantity, int]:
    """Return sizes and number as asked for; of a mesh of one's own they have no meaning.

    Raises
    ------
    InputError
        If elements would be larger than the film, or needles.
    """
    if geometry.mesh:
        return geometry.length, geometry.width, 1
    assert mesh.size and mesh.edge_size and mesh.cells_across  # noqa: PT018
    for key, size, limit, words in (
        ("size", mesh.size, geometry.length / 2, "half of the film"),
        ("edge_size", mesh.edge_size, geometry.width / 2, "half of the film is wide"),
    ):
        if size > limit:
            raise InputError(
                f"mesh.{key} = {size.given} is longer than {words}: give a smaller one, or none"
            )
    across = geometry.width / 2 / mesh.cells_across
    if mesh.size * _LONGEST < across:
        raise InputError(
            f"mesh.size = {mesh.size.given} makes elements that are {across * 1e6:.3g} um wide: "
            "give a longer size or more cells"
        )
    return mesh.size, mesh.edge_size, mesh.cells_across
