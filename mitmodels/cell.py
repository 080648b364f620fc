"""The electrochemical metallization cell: its laws, and the set for Cu / SiO2 / Pt.

The parameter table of Buttberg et al., Adv. Mater. Technol. (2025) 202500837, is not public.
Values marked "fit" were fitted to the times, temperatures and currents that the paper states; they
belong to the laws of this package and lose their meaning with any other. docs/theory/ecm.md says
which results they were fitted to.
"""

from dataclasses import dataclass

from mitmodels.arguments import positive, within
from mitmodels.compliance import Compliance
from mitmodels.electrochemistry import ButlerVolmer, Deposit, GrowthBarrier, HoppingConductor
from mitmodels.metals import Conductivity, ThinWire
from mitmodels.tunnelling import TunnelBarrier


@dataclass(frozen=True)
class CellModel:
    """Laws of an electrochemical metallization cell.

    Attributes
    ----------
    kinetics : ButlerVolmer
        Of both interfaces of the electrolyte.
    hopping : HoppingConductor
        Of the ions in the electrolyte.
    barrier : GrowthBarrier
        That growth meets away from the axis and in the void.
    deposit : Deposit
        The metal of filament and active electrode.
    tunnel : TunnelBarrier
        Between filament and active electrode.
    filament_heat_share : float or None
        Share of the tunnel heat that the filament takes while the active electrode is positive,
        else it takes the rest; None for the closed form of `TunnelBarrier.receiving_share`.
    tunnel_heating : bool
        Whether electrons that tunnel heat the cell; if not, their energy is left out.
    wire : ThinWire
        Size effect in the filament.
    filament_conductivity, counter_conductivity : Conductivity
        Electrical, of the bulk metals [S/m].
    metal_heat, counter_heat, oxide_heat : Conductivity
        Thermal, of filament and active electrode, counter electrode, electrolyte [W/(m K)].
    compliance : Compliance
        In series with the cell.
    melting : float
        Melting point of the deposited metal [K], above which the model has no meaning.
    ambient : float
        Temperature of the outer faces of both electrodes [K].
    """

    kinetics: ButlerVolmer
    hopping: HoppingConductor
    barrier: GrowthBarrier
    deposit: Deposit
    tunnel: TunnelBarrier
    filament_heat_share: float | None
    tunnel_heating: bool
    wire: ThinWire
    filament_conductivity: Conductivity
    counter_conductivity: Conductivity
    metal_heat: Conductivity
    counter_heat: Conductivity
    oxide_heat: Conductivity
    compliance: Compliance
    melting: float
    ambient: float

    def __post_init__(self) -> None:
        """Refuse values without a meaning."""
        positive("ambient", self.ambient, "K")
        positive("melting", self.melting, "K")
        if self.filament_heat_share is not None:
            within("filament_heat_share", self.filament_heat_share, 0.0, 1.0, "")


CU_SIO2_PT = CellModel(
    # Fit: J0 and W_A to the times of onset and of reaching the void, and to the temperatures.
    # alpha and z: assumption, only their product with the overpotential can be identified.
    kinetics=ButlerVolmer(
        exchange_current_density=3.6e-4,
        activation_energy=0.72,
        transfer_coefficient=0.3,
        charge_number=1,
        reference_temperature=300.0,
    ),
    # Concentration, frequency and distance: orders of magnitude for Cu in SiO2; energy: fit.
    hopping=HoppingConductor(
        concentration=1e26,
        attempt_frequency=1e13,
        hop_distance=0.4e-9,
        activation_energy=0.4774,
        charge_number=1,
    ),
    # W_v: Buttberg 2025, section 2.4. The others: fit to the times and to the width at 1 mA.
    barrier=GrowthBarrier(
        mechanical=0.0362, mechanical_length=1.573e-9, void=0.01, void_length=0.0834e-9
    ),
    # CRC Handbook of Chemistry and Physics.
    deposit=Deposit(molar_mass=63.546e-3, density=8960.0, charge_number=1),
    # Height and mass: Menzel et al., Phys. Chem. Chem. Phys. 15, 6945 (2013), the mass adjusted
    # from 0.86; prefactor: expansion of Simmons, J. Appl. Phys. 34, 1793 (1963);
    # Fermi energy of copper: Ashcroft & Mermin, table 2.1.
    tunnel=TunnelBarrier(height=3.6, relative_mass=0.84, prefactor=1.0, fermi_energy=7.0),
    filament_heat_share=0.30,  # Fit to the largest temperature.
    tunnel_heating=True,
    # Mean free path: Gall, J. Appl. Phys. 119, 085101 (2016); specularity: assumption.
    wire=ThinWire(mean_free_path=39e-9, specularity=0.5),
    # CRC Handbook; the paper states bulk thermal conductivities without coefficients.
    filament_conductivity=Conductivity(5.96e7, linear=3.93e-3),
    counter_conductivity=Conductivity(9.4e6, linear=3.93e-3),
    metal_heat=Conductivity(400.0),
    counter_heat=Conductivity(70.0),
    oxide_heat=Conductivity(1.4),
    # I_cc: Buttberg 2025, section 3; V0: assumption.
    compliance=Compliance(limit=1e-3, voltage_scale=0.05),
    melting=1357.77,  # CRC Handbook.
    ambient=300.0,
)
