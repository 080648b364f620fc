"""The dimensions of the project's inputs, as annotated types for configurations.

``Length`` is positive; types that may be zero say so in their name; drives have either sign.
"""

from typing import Annotated

from mitmodels.cases.config.quantity import Dimension, Quantity


def positive(name: str, unit: str, example: str, low: float, high: float) -> Dimension:
    """Dimension of values above zero that are usually between two others."""
    return Dimension(name, unit, example, above=0, usual=(low, high))


Ratio = Annotated[Quantity, Dimension("a pure number", "", "0.5")]
PositiveRatio = Annotated[Quantity, Dimension("a pure number", "", "0.5", above=0)]
Fraction = Annotated[Quantity, Dimension("a fraction", "", "0.5", least=0, most=1)]

Length = Annotated[Quantity, positive("a length", "m", "100 um", 1e-11, 0.1)]
LengthOrZero = Annotated[Quantity, Dimension("a length", "m", "50 um", least=0, usual=(1e-11, 0.1))]
Thickness = Annotated[Quantity, positive("a thickness of a layer", "m", "20 nm", 3e-10, 3e-6)]
Position = Annotated[Quantity, Dimension("a position", "m", "-5 um", usual=(1e-11, 0.1))]
Area = Annotated[Quantity, Dimension("an area", "m2", "1 um2", above=0)]

Duration = Annotated[Quantity, positive("a duration", "s", "10 ns", 1e-18, 1e10)]
Frequency = Annotated[Quantity, positive("a frequency", "Hz", "6 GHz", 1e-9, 1e16)]

Voltage = Annotated[Quantity, Dimension("a voltage", "V", "2 V", usual=(1e-6, 1e4))]
PositiveVoltage = Annotated[Quantity, positive("a voltage", "V", "50 mV", 1e-6, 1e4)]
Current = Annotated[Quantity, Dimension("a current", "A", "1 mA", usual=(1e-15, 10))]
PositiveCurrent = Annotated[Quantity, positive("a current", "A", "1 mA", 1e-15, 10)]
CurrentDensity = Annotated[
    Quantity, positive("a current density", "A/m2", "1e-2 A/m2", 1e-15, 1e15)
]

Resistance = Annotated[Quantity, positive("a resistance", "ohm", "1 kohm", 1e-4, 1e14)]
ResistanceOrZero = Annotated[
    Quantity, Dimension("a resistance", "ohm", "1 kohm", least=0, usual=(1e-4, 1e14))
]
InductanceOrZero = Annotated[
    Quantity, Dimension("an inductance", "H", "50 mH", least=0, usual=(1e-15, 1e3))
]
CapacitanceOrZero = Annotated[
    Quantity, Dimension("a capacitance", "F", "20 pF", least=0, usual=(1e-18, 1.0))
]
PositiveCapacitance = Annotated[Quantity, positive("a capacitance", "F", "1 nF", 1e-18, 1.0)]
ContactResistance = Annotated[
    Quantity,
    Dimension("a resistance times width", "ohm m", "10 kohm um", least=0, usual=(1e-9, 1e6)),
]
ContactResistivity = Annotated[
    Quantity,
    Dimension("a resistance times area", "ohm m2", "1e-7 ohm m2", least=0, usual=(1e-14, 1e-2)),
]
SheetResistance = Annotated[
    Quantity, positive("a sheet resistance", "ohm", "65 ohm/sq", 1e-4, 1e14)
]
Resistivity = Annotated[Quantity, positive("a resistivity", "ohm m", "2e-6 ohm m", 1e-9, 1e9)]
Conductivity = Annotated[Quantity, positive("a conductivity", "S/m", "5.96e7 S/m", 1e-9, 1e9)]

Temperature = Annotated[
    Quantity, Dimension("a temperature", "K", "100 K", above=0, absolute=True, usual=(0.01, 5000))
]
TemperatureDifference = Annotated[
    Quantity, positive("a temperature difference", "K", "8 K", 1e-3, 2000)
]
TemperatureCoefficient = Annotated[
    Quantity, Dimension("a temperature coefficient", "1/K", "3.93e-3 1/K", usual=(1e-5, 0.1))
]
ThermalConductivity = Annotated[
    Quantity, positive("a thermal conductivity", "W/(m K)", "8 W/(m K)", 0.01, 3000)
]
SheetThermalConductance = Annotated[
    Quantity, positive("a sheet thermal conductance", "W/K", "2e-5 W/K", 1e-9, 1e-2)
]
ThermalBoundaryResistance = Annotated[
    Quantity, positive("a thermal boundary resistance", "m2 K/W", "1e-8 m2 K/W", 1e-11, 1e-3)
]
ThermalResistance = Annotated[
    Quantity, Dimension("a thermal resistance", "K/W", "50 K/W", least=0, usual=(1e-3, 1e6))
]
LossCoefficient = Annotated[
    Quantity, positive("a heat loss coefficient", "W/(m2 K)", "5e5 W/(m2 K)", 1, 1e10)
]
LossOrZero = Annotated[
    Quantity,
    Dimension("a heat loss coefficient", "W/(m2 K)", "5e5 W/(m2 K)", least=0, usual=(1, 1e10)),
]
HeatCapacity = Annotated[Quantity, positive("a heat capacity", "J/(kg K)", "385 J/(kg K)", 1, 2e4)]
VolumetricHeatCapacity = Annotated[
    Quantity, positive("a volumetric heat capacity", "J/(m3 K)", "3e6 J/(m3 K)", 1e3, 1e7)
]

Density = Annotated[Quantity, positive("a density", "kg/m3", "8960 kg/m3", 50, 3e4)]
NumberDensity = Annotated[Quantity, positive("a number density", "1/m3", "1e26 1/m3", 1e15, 1e30)]
MolarMass = Annotated[Quantity, positive("a molar mass", "kg/mol", "63.546 g/mol", 1e-3, 1)]
Energy = Annotated[Quantity, Dimension("an energy", "J", "0.72 eV", least=0, usual=(1e-23, 1e-16))]
SurfaceEnergy = Annotated[Quantity, positive("a surface energy", "J/m2", "1.79 J/m2", 1e-3, 20)]
