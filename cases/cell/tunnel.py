"""Section of electrons that tunnel between two metals."""

from typing import Annotated, Literal

from mitmodels.cases.config.dimensions import PositiveRatio
from mitmodels.cases.config.materials import Material, Ranges
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.constants import ELEMENTARY_CHARGE

PositiveEnergy = Annotated[Quantity, Dimension("an energy", "J", "3.6 eV", above=0)]

Share = Annotated[
    Quantity | Literal["closed_form"],
    Dimension("a fraction", "", "0.5", least=0, most=1, word="closed_form"),
]


def electronvolts(energy: float) -> float:
    """Return an energy [J] in electronvolts."""
    return energy / ELEMENTARY_CHARGE


class Tunnel(Material):
    """Electrons between filament and electrode.

    ``filament_share`` is the fraction of their heat that the filament takes while the electrode is
    positive, or ``"closed_form"``, which depends on gap and voltage and holds by default. The
    ``law`` of the current is linear in the voltage, or that of Simmons up to the barrier's height.
    """

    height: PositiveEnergy
    mass_ratio: PositiveRatio
    prefactor: PositiveRatio
    fermi_energy: PositiveEnergy
    filament_share: Share | None = None
    heating: bool = True
    law: Literal["linear", "simmons"] = "linear"

    @property
    def ranges(self) -> Ranges:
        """Ranges of its laws; that of the conductance is of the linear one."""
        linear = self.law == "linear"
        return {name: ends for name, ends in self.valid.items() if linear or name != "conductance"}

    @property
    def filament_fraction(self) -> float | None:
        """Fraction of the heat, None for the closed form."""
        share = self.filament_share
        return None if share is None or isinstance(share, str) else float(share)

    def barrier(self) -> TunnelBarrier:
        """Return the law in SI."""
        return TunnelBarrier(
            electronvolts(self.height),
            float(self.mass_ratio),
            float(self.prefactor),
            electronvolts(self.fermi_energy),
            self.law,
        )
