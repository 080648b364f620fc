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

_LARGEST_MESH = 4 << 30  # bytes


class Geometry(Section):
    """The channel seen from above, and the file of a mesh of one's own for it.

    ``unit`` is the length of one unit of the file's coordinates.
    """

    length: dim.Length
    width: dim.Length
    thickness: dim.Thickness
    pad_length: dim.LengthOrZero
    far: dim.LengthOrZero
    domain: Literal["quarter", "full"] = "quarter"
    mesh: str | None = Field(None, description="path of a mesh of one's own")
    mesh_sha256: str | None = Field(None, description="checksum of that file, kept by a run")
    unit: dim.Length = Quantity(1.0, "m", "1 m", "default")

    @model_validator(mode="before")
    @classmethod
    def _fingerprint(cls, data: Any) -> Any:
        """Tell the mesh of a run from another one of the same name."""
        if not isinstance(data, dict) or not isinstance(data.get("mesh"), str):
            return data
        try:
            found = sha256(read_file(Path(data["mesh"]), _LARGEST_MESH)).hexdigest()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise ValueError(f"mesh = {shown(data['mesh'])} cannot be read ({reason})") from None
        if data.get("mesh_sha256") not in (None, found):
            raise ValueError(f"mesh = {shown(data['mesh'])} was changed since: restore that file")
        return {**data, "mesh_sha256": found}


class Mesh(Section):
    """Element sizes: along the current, across it at the lateral edge, and their number.

    What is left out follows from the geometry and, on a sheet, from the walls between the phases.
    ``free`` fills the film with triangles at random that have these sizes at its boundaries. Of a
    mesh of one's own only the degree counts.
    """

    size: dim.Length | None = None
    edge_size: dim.Length | None = None
    cells_across: int | None = Field(default=None, ge=1, le=100_000)
    degree: Literal[1, 2] = 1
    structure: Literal["blocks", "free"] = "blocks"


class Pads(Section):
    """Electrode pads on the film's ends."""

    sheet_conductance: dim.SheetThermalConductance


class Contact(Section):
    """Contacts between film and pads.

    With a ``resistivity`` current flows in the film under the pads too and passes to them where it
    finds less resistance, and its heat is made there; 0 is an ideal contact. A resistance in
    series, such as that of the wires, is given as that of both sides times the width; its ``heat``
    goes nowhere, or evenly into the pads. Without pads ``thermal`` holds the film's ends at the
    ambient temperature or lets them be.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [{"required": ["resistance_width"]}, {"required": ["resistivity"]}]
        }
    )
    resistivity: dim.ContactResistivity | None = None
    resistance_width: dim.ContactResistance = Quantity(0.0, "ohm m", "0 ohm m", "default")
    heat: Literal["none", "pads"] = "none"
    thermal: Literal["free", "sink"] = "free"

    @model_validator(mode="after")
    def _has_a_resistance(self) -> Self:
        if self.resistivity is None and self.resistance_width.source == "default":
            raise ValueError("give resistivity, or resistance_width of contacts in series")
        return self
