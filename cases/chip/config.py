"""TOML files of several devices on one substrate; nothing that solves or meshes is loaded."""

import copy
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, ConfigDict, Field

from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.circuit import Circuit
from mitmodels.cases.config.layers import on_top
from mitmodels.cases.config.materials import filled
from mitmodels.cases.config.protocol import ProtocolEntries
from mitmodels.cases.config.section import Ambient, CaseConfig, Section
from mitmodels.cases.film.config import (
    AmbientWithHistory,
    BranchNumerics,
    HeatCapacity,
    Numerics,
    SteadyConfig,
    TransientConfig,
)
from mitmodels.cases.film.laws.film import FilmLaw, Inhomogeneity
from mitmodels.cases.film.laws.plan import Contact, Geometry, Mesh, Pads
from mitmodels.cases.film.laws.substrate import HalfSpaceSection
from mitmodels.cases.film.sections import FilmOutput
from mitmodels.chip.footprint import Footprint
from mitmodels.errors import InputError

_NEAR = 1.2
_Shared = Annotated[
    Any, Field(None, description="Of every device; one that has its own keys changes those.")
]


def _plain(name: str) -> str:
    if not re.fullmatch(r"\w[\w-]{0,63}", name, re.ASCII):
        raise ValueError('names a folder: give letters, digits, "_" and "-"')
    return name


class Placed(Section):
    """A device of the chip: where it is and what it consists of."""

    model_config = ConfigDict(json_schema_extra={"required": ["name", "position"]})
    name: Annotated[str, AfterValidator(_plain)]
    """Name of the device, that of its folder and of its columns."""
    position: tuple[dim.Position, dim.Position]
    """Centre of the device on the chip, x and y."""
    rotation: Literal[0, 90] = 0
    """Angle in degrees by which the device is turned: at 90 its current flows along y."""
    geometry: Geometry
    mesh: Mesh = Field(default_factory=Mesh)
    film: FilmLaw
    inhomogeneity: Inhomogeneity | None = None
    pads: Pads | None = None
    contact: Contact
    circuit: Circuit = Field(default_factory=Circuit)
    protocol: ProtocolEntries

    @property
    def footprint(self) -> Footprint:
        """Rectangle of film and pads on the chip."""
        return self._rectangle(float(self.geometry.length + 2 * self.geometry.pad_length))

    @property
    def film_footprint(self) -> Footprint:
        """Rectangle of the film between the pads."""
        return self._rectangle(float(self.geometry.length))

    def _rectangle(self, length: float) -> Footprint:
        x, y = map(float, self.position)
        return Footprint(x, y, length, float(self.geometry.width), self.rotation == 90)

    @property
    def sections(self) -> dict[str, Any]:
        """Sections that a film alone has too."""
        places = Placed.model_fields.keys() & {"name", "position", "rotation"}
        return {key: value for key, value in self if key not in places}


class ChipConfig(CaseConfig):
    """What all chips have: devices on one substrate, and sections that they share."""

    placed: ClassVar[type[Placed]] = Placed
    device: tuple[Placed, ...] = Field(min_length=1, max_length=100)
    coupling: Literal["all", "nearest", "none"] = "all"
    """Which devices heat each other through the substrate: all, with the nearest those at most
    1.2 times as far as the nearest of all is to a device, or none."""
    substrate: HalfSpaceSection
    ambient: Ambient
    geometry: _Shared
    mesh: _Shared
    film: _Shared
    inhomogeneity: _Shared
    pads: _Shared
    contact: _Shared
    circuit: _Shared
    protocol: _Shared

    @classmethod
    def completed(cls, data: dict[str, Any]) -> dict[str, Any]:
        """Give each device the sections of the file on top of which it has its own."""
        if not isinstance(data.get("device"), list | tuple):
            return data
        own = cls.placed.model_fields.keys() & cls.model_fields.keys()
        shared = {key: data[key] for key in own & data.keys()}
        rest = {key: value for key, value in data.items() if key not in shared}
        devices = enumerate(data["device"])
        return {**rest, "device": [_complete(cls.placed, shared, *each) for each in devices]}

    def is_coupled(self, first: int, second: int) -> bool:
        """Whether two devices, by their numbers, heat each other."""
        if self.coupling == "all":
            return True
        pair = first, second
        return self.coupling == "nearest" and any(self._are_near(*p) for p in (pair, pair[::-1]))

    def _are_near(self, first: int, second: int) -> bool:
        places = [device.footprint for device in self.device]
        others = [places[first].distance(place) for place in places if place is not places[first]]
        return places[first].distance(places[second]) <= _NEAR * min(others)

    def check_apart(self) -> None:
        """Refuse devices of one name, and such as lie on one another.

        Raises
        ------
        InputError
            If two do.
        """
        for (_, first), (number, second) in combinations(enumerate(self.device), 2):
            if first.name == second.name:
                raise InputError(
                    f'device.{number}.name: another device is called "{second.name}" too: give '
                    "each a name of its own"
                )
            if first.footprint.gap(second.footprint) <= 0:
                raise InputError(
                    f'device.{number}.position: "{second.name}" overlaps "{first.name}": film and '
                    "pads of two devices need a gap between them, move one of them"
                )


def _complete(model: type[Placed], shared: dict[str, Any], number: int, own: Any) -> Any:
    if not isinstance(own, dict):
        return own
    try:
        return filled(model, on_top(copy.deepcopy(shared), own))
    except InputError as error:
        raise InputError(f"device.{number}.{error}") from None


class SteadyChipConfig(ChipConfig):
    """The TOML file of this case: every source goes to its value in proportion to one drive."""

    case: Literal["chip_iv"]
    numerics: BranchNumerics = Field(default_factory=BranchNumerics)

    def experiments(self) -> Iterator[SteadyConfig]:
        """Return each device as the steady experiment on a film that it is.

        Raises
        ------
        InputError
            If it cannot be one among others.
        """
        for number, device in enumerate(self.device):
            yield SteadyConfig.model_validate(
                {
                    "case": "film_iv",
                    "substrate": self.substrate,
                    "ambient": self.ambient,
                    "numerics": self.numerics,
                    "output": {},
                    **device.sections,
                }
            )
            if device.circuit.compliance:
                raise InputError(
                    f"device.{number}.circuit.compliance ends the branch of a single film, which "
                    "all devices follow together here: remove it"
                )


class Storing(Placed):
    """A device that stores heat."""

    model_config = ConfigDict(json_schema_extra={"required": ["name", "position"]})
    heat_capacity: HeatCapacity


class TransientChipConfig(ChipConfig):
    """The TOML file of this case: every source follows its own protocol in time."""

    placed: ClassVar[type[Placed]] = Storing
    case: Literal["chip_transient"]
    device: tuple[Storing, ...] = Field(min_length=1, max_length=100)
    ambient: AmbientWithHistory
    heat_capacity: _Shared
    numerics: Numerics = Field(default_factory=Numerics)
    output: FilmOutput = Field(default_factory=FilmOutput)

    def experiments(self) -> Iterator[TransientConfig]:
        """Return each device as the experiment on a film in time that it is.

        Raises
        ------
        InputError
            If they do not agree on the substrate that they share.
        """
        capacities = {device.heat_capacity.substrate for device in self.device}
        if len(capacities) > 1:
            raise InputError(
                "heat_capacity.substrate differs between devices, which lie on one substrate: give "
                "it once, for all"
            )
        for device in self.device:
            yield TransientConfig.model_validate(
                {
                    "case": "film_transient",
                    "substrate": self.substrate,
                    "ambient": self.ambient,
                    "numerics": self.numerics,
                    "output": self.output,
                    **device.sections,
                }
            )
