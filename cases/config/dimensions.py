"""The dimensions of the project's inputs, as annotated types for configurations.

``Length`` is positive; types that may be zero say so in their name; drives have either sign.
"""

from typing import Annotated

from mitmodels.cases.config.quantity import Dimension, Quantity

Ratio = Annotated[Quantity, Dimension("a pure number", "", "0.5")]
PositiveRatio = Annotated[Quantity, Dimension("a pure number", "", "0.5", above=0)]
Fraction = Annotated[Quantity, Dimension("a fraction", "", "0.5", least=0, most=1)]

Length = Annotated[Quantity, Dimension("a length", "m", "100 um", above=0, usual=(1e-11, 0.1))]
LengthOrZero = Annotated[Quantity, Dimension("a length", "m", "50 um", least=0, usual=(1e-11, 0.1))]
Thickness = Annotated[
    Quantity, Dimension("a thickness of a layer", "m", "20 nm", above=0, usual=(3e-10, 3e-6))
]
Position = Annotated[Quantity, Dimension("a position", "m", "-5 um")]
Area = Annotated[Quantity, Dimension("an area", "m2", "1 um2", above=0)]

Duration = Annotated[Quantity, Dimension("a duration", "s", "10 ns", above=0)]
DurationOrZero = Annotated[Quantity, Dimension("a duration", "s", "10 ns", least=0)]
Frequency = Annotated[Quantity, Dimension("a frequency", "Hz", "6 GHz", above=0)]

Voltage = Annotated[Quantity, Dimension("a voltage", "V", "2 V", usual=(1e-6, 1e4))]
PositiveVoltage = Annotated[
    Quantity, Dimension("a voltage", "V", "50 mV", above=0, usual=(1e-6, 1e4))
]
Current = Annotated[Quantity, Dimension("a current", "A", "1 mA", usual=(1e-15, 10))]
PositiveCurrent = Annotated[
    Quantity, Dimension("a current", "A", "1 mA", above=0, usual=(1e-15, 10))
]
CurrentDensity = Annotated[
    Quantity, Dimension("a current density", "A/m2", "1e-2 A/m2", above=0, usual=(1e-15, 1e15))
]

Resistance = Annotated[
    Quantity, Dimension("a resistance", "ohm", "1 kohm", above=0, usual=(1e-4, 1e14))
]
ResistanceOrZero = Annotated[
    Quantity, Dimension("a resistance", "ohm", "1 kohm", least=0, usual=(1e-4, 1e14))
]
ContactResistance = Annotated[
    Quantity,
    Dimension("a resistance times width", "ohm m", "10 kohm um", least=0, usual=(1e-9, 1e6)),
]
SheetResistance = Annotated[
    Quantity, Dimension("a sheet resistance", "ohm", "65 ohm/sq", above=0, usual=(1e-4, 1e14))
]
Resistivity = Annotated[
    Quantity, Dimension("a resistivity", "ohm m", "2e-6 ohm m", above=0, usual=(1e-9, 1e9))
]
Conductivity = Annotated[
    Quantity, Dimension("a conductivity", "S/m", "5.96e7 S/m", above=0, usual=(1e-9, 1e9))
]

Temperature = Annotated[
    Quantity, Dimension("a temperature", "K", "100 K", above=0, absolute=True, usual=(0.01, 5000))
]
TemperatureDifference = Annotated[
    Quantity, Dimension("a temperature difference", "K", "8 K", above=0, usual=(1e-3, 2000))
]
TemperatureCoefficient = Annotated[
    Quantity, Dimension("a temperature coefficient", "1/K", "3.93e-3 1/K")
]
ThermalConductivity = Annotated[
    Quantity,
    Dimension("a thermal conductivity", "W/(m K)", "8 W/(m K)", above=0, usual=(0.01, 3000)),
]
SheetThermalConductance = Annotated[
    Quantity,
    Dimension("a sheet thermal conductance", "W/K", "2e-5 W/K", above=0, usual=(1e-9, 1e-2)),
]
ThermalBoundaryResistance = Annotated[
    Quantity,
    Dimension(
        "a thermal boundary resistance", "m2 K/W", "1e-8 m2 K/W", above=0, usual=(1e-11, 1e-3)
    ),
]
LossCoefficient = Annotated[
    Quantity,
    Dimension("a heat loss coefficient", "W/(m2 K)", "5e5 W/(m2 K)", above=0, usual=(1, 1e10)),
]
LossOrZero = Annotated[
    Quantity, Dimension("a heat loss coefficient", "W/(m2 K)", "5e5 W/(m2 K)", least=0)
]
HeatCapacity = Annotated[
    Quantity, Dimension("a heat capacity", "J/(kg K)", "385 J/(kg K)", above=0, usual=(1, 2e4))
]
VolumetricHeatCapacity = Annotated[
    Quantity,
    Dimension("a volumetric heat capacity", "J/(m3 K)", "3e6 J/(m3 K)", above=0, usual=(1e3, 1e7)),
]

Density = Annotated[
    Quantity, Dimension("a density", "kg/m3", "8960 kg/m3", above=0, usual=(50, 3e4))
]
NumberDensity = Annotated[
    Quantity, Dimension("a number density", "1/m3", "1e26 1/m3", above=0, usual=(1e15, 1e30))
]
Mass = Annotated[Quantity, Dimension("a mass", "kg", "7.7e-31 kg", above=0)]
MolarMass = Annotated[
    Quantity, Dimension("a molar mass", "kg/mol", "63.546 g/mol", above=0, usual=(1e-3, 1))
]
Energy = Annotated[Quantity, Dimension("an energy", "J", "0.72 eV", least=0, usual=(1e-23, 1e-16))]
SurfaceEnergy = Annotated[
    Quantity, Dimension("a surface energy", "J/m2", "1.79 J/m2", above=0, usual=(1e-3, 20))
]
MagneticFluxDensity = Annotated[
    Quantity, Dimension("a magnetic flux density", "T", "100 mT", usual=(1e-9, 100))
]
