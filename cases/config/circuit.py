"""``[circuit]`` in the TOML file: what stands between source and device."""

import math

from mitmodels.cases.config.dimensions import PositiveCurrent, PositiveVoltage, ResistanceOrZero
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.circuit import Compliance, SeriesCircuit
from mitmodels.drive.protocol import Drive
from mitmodels.errors import InputError


class Circuit(Section):
    """Resistance in series with the device, and the limit of the current of a voltage source.

    The limit is sharp, or soft: ``compliance_softness`` is the voltage across the limiter over
    which its current comes near it.
    """

    load: ResistanceOrZero = Quantity(0.0, "ohm", "0 ohm", "default")
    compliance: PositiveCurrent | None = None
    compliance_softness: PositiveVoltage | None = None

    @property
    def limiter(self) -> Compliance | None:
        """The element that limits the current, None if there is none or the limit is sharp."""
        limit, softness = self.compliance, self.compliance_softness
        return Compliance(float(limit), float(softness)) if limit and softness else None

    @property
    def series(self) -> SeriesCircuit:
        """Load and limit in front of a device whose current follows from its voltage."""
        limit, softness = self.compliance or math.inf, self.compliance_softness or 0.0
        return SeriesCircuit(float(self.load), float(limit), float(softness))

    def check(self, drive: Drive) -> None:
        """Refuse a limit of the current of a source of current, and a softness of no limit.

        Raises
        ------
        InputError
            If they do not go together.
        """
        if self.compliance and drive == "current":
            raise InputError(
                "circuit.compliance limits the current of a voltage source, but the protocol "
                "drives the current: remove it"
            )
        if self.compliance_softness and not self.compliance:
            raise InputError(
                "circuit.compliance_softness is of a limit that is not there: give "
                "circuit.compliance too, or remove it"
            )
