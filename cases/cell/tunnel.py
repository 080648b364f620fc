"""Section of electrons that tunnel between two metals."""

from typing import Annotated

from mitmodels.cases.config.dimensions import Fraction, PositiveRatio
from mitmodels.cases.config.materials import Material
from mitmodels.cases.config.quantity import Dimension, Quantity
from mitmodels.cell.tunnelling import TunnelBarrier
from mitmodels.constants import ELEMENTARY_CHARGE

PositiveEnergy = Annotated[Quantity, Dimension("an energy", "J", "3.6 eV", above=0)]


def electronvolts(energy: float) -> float:
    """Return an energy [J] in electronvolts."""
    return energy / ELEMENTARY_CHARGE


class Tunnel(Material):
    """Electrons between filament and electrode; without a fraction, the closed form holds."""

    height: PositiveEnergy
    mass_ratio: PositiveRatio
    prefactor: PositiveRatio
    fermi_energy: PositiveEnergy
    filament_share: Fraction | None = None
    heating: bool = True

    def barrier(self) -> TunnelBarrier:
        """Return the law in SI."""
        return TunnelBarrier(
            electronvolts(self.height),
            float(self.mass_ratio),
            float(self.prefactor),
            electronvolts(self.fermi_energy),
        )
