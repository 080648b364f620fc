"""Numbers of Chen et al. (2024): ferromagnetic resonance of a switched LSMO film."""

from mitmodels.cases.papers.quoted import Quoted

NAME = "Chen et al. 2024"

SIZE = Quoted(10e-6, "m", "Fig. 1, length and width")
THICKNESS = Quoted(20e-9, "m", "Methods")
AMBIENT = Quoted(100.0, "K", "Figs. 2 and 3")
# Critical voltage by ambient temperature [K].
V_SWITCH = {100: Quoted(12.0, "V", "Fig. 1c"), 150: Quoted(10.0, "V", "text to Fig. 1c")}

# Unbiased film, Figs. 2c and 2d.
M_EFF = Quoted(0.96, "T", "Fig. 2d, at 100 K")
H_A = Quoted(13.8e-3, "T", "Fig. 2d")
DAMPING = Quoted(0.0045, "", "Fig. 2c")
INHOMOGENEOUS = Quoted(0.47e-3, "T", "Fig. 2c")
FREQUENCY = Quoted(6e9, "Hz", "Fig. 3")

# Temperatures that the paper reads from its lines under bias.
BIAS = Quoted(11.0, "V", "Fig. 3c")
TEMPERATURES = {
    "L1": Quoted(250.0, "K", "Fig. 3c"),
    "L2": Quoted(160.0, "K", "text to Fig. 3c"),
    "L3": Quoted(100.0, "K", "text to Fig. 3c: not significantly heated"),
}
SHIFT = Quoted(14.5e-3, "T", "of L1 from no bias, by its temperature and the magnetisation here")
LINES_BELOW = Quoted(3, "", "Fig. 3a, from 6 V to the critical voltage")
LINES_ABOVE = Quoted(2, "", "Fig. 3a, above the critical voltage")
V_DISTORTED = Quoted(4.0, "V", "Fig. 3a, first line that is not a Lorentzian")

DEVICE = {
    ("geometry", "length"): SIZE,
    ("geometry", "width"): SIZE,
    ("geometry", "thickness"): THICKNESS,
    ("ambient", "temperature"): AMBIENT,
}
