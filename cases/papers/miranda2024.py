"""Numbers of Miranda and Sune (2024): filaments as quantum point contacts."""

from mitmodels.cases.papers.quoted import quoted
from mitmodels.constants import CONDUCTANCE_QUANTUM

NAME = "Miranda and Sune 2024"

BESSEL_ZERO = quoted(2.405, "", "text to Eq. 5, first root of J_0")
G0_LENGTH = quoted(0.12e-9, "m", "text to Eq. 10, decay length of HfO2")
RADIUS = quoted(0.45e-9, "m", "text to Eq. 10, from that length")
QUANTUM = quoted(CONDUCTANCE_QUANTUM, "S", "section I, 2e^2/h")
OUTWARD = quoted(1.33e-5, "W/K", "text to Eq. 23")
ALONG = quoted(5e-7, "W/K", "text to Eq. 22, printed as K/W")
SUBSTRATE = quoted(300.0, "K", "text to Eq. 23")
