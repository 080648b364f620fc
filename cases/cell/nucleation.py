"""Section of the nucleus with which a filament begins."""

from pydantic import Field

from mitmodels.cases.cell.tunnel import electronvolts
from mitmodels.cases.config import dimensions as dim
from mitmodels.cases.config.section import Section
from mitmodels.cell.nucleation import Nucleation as Law


class Nucleation(Section):
    """Waiting for a nucleus, by chance; without this section it is there from the beginning.

    ``atoms`` is the size of the critical nucleus. Nuclei come at the same times for the same
    ``seed``.
    """

    time: dim.Duration
    activation_energy: dim.Energy
    atoms: int = Field(ge=0, le=100)
    transfer_coefficient: dim.Fraction
    seed: int = Field(default=0, ge=0)

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
