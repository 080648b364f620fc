"""Numbers of devices of other groups and materials, to which no parameter was fitted.

Only their abstracts could be read, and what the bibliography says beside.
"""

from mitmodels.cases.papers.quoted import quoted
from mitmodels.constants import CONDUCTANCE_QUANTUM

NAME = "Second devices, nothing fitted to them"

BISTABLE = quoted(5e9, "A/m^2", "[moreno2009], 5e5 A/cm2; its sign is lost in what was read")
LINEAR = quoted(1e9, "A/m^2", "[moreno2009], up to 1e4 to 1e5 A/cm2")
POWER = quoted(1.0, "W", "[lee2007], of Joule heat")
AREA = quoted(15e-6 * 50e-6, "m^2", "[lee2007], between two electrodes")
MAPPED = quoted(1e-6, "s", "[lee2007], maps in a submicrosecond time scale")
TRANSITION = quoted(341.15, "K", "[coplanar1971], 68 C")
THERMISTOR = quoted(283.15, "K", "[coplanar1971], below about 10 C")
PERIOD = quoted(2.567e-6, "s", "[zhang2023], equations of the authors' code at 13.44 V, integrated")
G0 = quoted((1 - 0.038) * CONDUCTANCE_QUANTUM, "S", "[milano2025], -3.8 % from the SI value")
TWO_G0 = quoted(2 * (1 + 0.006) * CONDUCTANCE_QUANTUM, "S", "[milano2025], +0.6 %")
