"""``[circuit]`` in the TOML file: what stands between source and device."""

import math

from pydantic import Field

from mitmodels.cases.config.dimensions import (
    CapacitanceOrZero,
    InductanceOrZero,
    PositiveCapacitance,
    PositiveCurrent,
    PositiveRatio,
    PositiveVoltage,
    ResistanceOrZero,
)
from mitmodels.cases.config.quantity import Quantity
from mitmodels.cases.config.section import Section
from mitmodels.circuit import Compliance, SeriesCircuit
from mitmodels.drive.protocol import Drive
from mitmodels.errors import InputError


class OscillationSection(Section):
    """What ends a run that oscillates: so many equal periods in a row."""

    periods: int = Field(default=10, ge=2, le=1000)
    """Equal periods in a row after which a run that oscillates ends."""
    tolerance: PositiveRatio = Quantity(1e-3, "", "1e-3", "default")
    """Largest difference of their periods, and of their swings, over the mean: what is less is a
    limit cycle, what is more a transient that dies."""


class Circuit(Section):
    """What is in series with the device and across it, and the limit of a source's current.

    Steady states do not depend on inductance and capacitance, their impedance and stability do.
    """

    load: ResistanceOrZero = Quantity(0.0, "ohm", "0 ohm", "default")
    """Resistance R in series with the device, between it and the source."""
    inductance: InductanceOrZero = Quantity(0.0, "H", "0 H", "default")
    """Inductance L in series with the device, across which L dI/dt of the source's voltage
    drops."""
    capacitance: CapacitanceOrZero = Quantity(0.0, "F", "0 F", "default")
    """Capacitance C across the device, which takes C dV/dt of the source's current; behind a
    compliance it is the parasitic one."""
    series_capacitance: PositiveCapacitance | None = None
    """Capacitance C_s in series with the device, without a charge at first, which takes the
    integral of I/C_s over time of the source's voltage; none if it is left out."""
    compliance: PositiveCurrent | None = None
    """Limit I_c of the current of a voltage source, none if it is left out."""
    compliance_softness: PositiveVoltage | None = None
    """Voltage V_0 of a soft limit, I = I_c (1 - exp(-V/V_0)) with V across the limiter; without it
    the limit is sharp."""

    @property
    def limiter(self) -> Compliance | None:
        """The element that limits the current, None if there is none or the limit is sharp."""
        limit, softness = self.compliance, self.compliance_softness
        return Compliance(float(limit), float(softness)) if limit and softness else None

    @property
    def series(self) -> SeriesCircuit:
        """The circuit in SI."""
        limit, softness = self.compliance or math.inf, self.compliance_softness or 0.0
        held = self.series_capacitance or math.inf
        values = self.load, limit, softness, self.inductance, self.capacitance, held
        return SeriesCircuit(*map(float, values))

    def check(self, drive: Drive) -> None:
        """Refuse what does nothing behind a source of current, and a softness of no limit.

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
        for name in ("inductance", "series_capacitance"):
            if getattr(self, name) and drive == "current":
                raise InputError(
                    f"circuit.{name} does not change what a source of current imposes, but the "
                    "protocol drives the current: remove it, or give values in V"
                )
        if self.compliance_softness and not self.compliance:
            raise InputError(
                "circuit.compliance_softness is of a limit that is not there: give "
                "circuit.compliance too, or remove it"
            )

    def check_oscillation(self, section: OscillationSection | None) -> None:
        """Refuse to wait for periods of a circuit that stores nothing.

        Raises
        ------
        InputError
            If it has neither capacitances nor inductance.
        """
        if section and not self.series.stores:
            raise InputError(
                "oscillation needs a circuit that stores energy: give circuit.capacitance across "
                "a device of the S-type or circuit.inductance in series with one of the N-type, or "
                "remove the section"
            )
