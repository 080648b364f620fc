"""Section of the nucleus with which a filament begins."""

from pydantic import Field

from mitmodels.cases.cell.tunnel import electronvolts
from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.section import Section
from mitmodels.cell.nucleation import Nucleation as Law


class Nucleation(Section):
    """Waiting for a nucleus, by chance; without this section it is there from the beginning."""

    time: dim.Duration
    """t_0 of the mean time to a nucleus, t_0 exp(W/kT) exp(-(N_c + alpha) z e V/kT), V the voltage
    of the cell."""
    activation_energy: dim.Energy
    """W of that time: how steeply it falls with the temperature."""
    atoms: int = Field(ge=0, le=100)
    """Atoms N_c of the critical nucleus, which decide how steeply the time falls with the
    voltage."""
    transfer_coefficient: dim.Fraction
    """Share alpha of the voltage that speeds up the reduction at the nucleus, beside N_c."""
    seed: int = Field(default=0, ge=0)
    """Seed of the random numbers: the same seed gives nuclei at the same times."""

    def law(self, charge_number: int) -> Law:
        """Return the law in SI."""
        return Law(
            float(self.time),
            electronvolts(self.activation_energy),
            self.atoms,
            float(self.transfer_coefficient),
            charge_number,
            self.seed,
        )
