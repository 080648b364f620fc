"""Numbers of Chen et al. (2024): ferromagnetic resonance of a switched LSMO film."""

from mitmodels.cases.papers.quoted import quoted

NAME = "Chen et al. 2024"

SIZE = quoted(10e-6, "m", "Fig. 1, length and width")
THICKNESS = quoted(20e-9, "m", "Methods")
AMBIENT = quoted(100.0, "K", "Figs. 2 and 3")
# Critical voltage by ambient temperature [K].
V_SWITCH = {100: quoted(12.0, "V", "Fig. 1c"), 150: quoted(10.0, "V", "text to Fig. 1c")}
V_SWITCH_RATIO = quoted(V_SWITCH[150] / V_SWITCH[100], "", "both")
CURIE_TEMPERATURE = quoted(340.0, "K", "text to Fig. 1b")

# Unbiased film, Figs. 2c and 2d.
M_EFF = quoted(0.96, "T", "Fig. 2d, at 100 K")
H_A = quoted(13.8e-3, "T", "Fig. 2d")
DAMPING = quoted(0.0045, "", "Fig. 2c")
INHOMOGENEOUS = quoted(0.47e-3, "T", "Fig. 2c")
FREQUENCY = quoted(6e9, "Hz", "Fig. 3")

# Temperatures that the paper reads from its lines under bias.
BIAS = quoted(11.0, "V", "Fig. 3c")
TEMPERATURES = {
    "L1": quoted(250.0, "K", "Fig. 3c"),
    "L2": quoted(160.0, "K", "text to Fig. 3c"),
    "L3": quoted(100.0, "K", "text to Fig. 3c: not significantly heated"),
}
SHIFT = quoted(14.5e-3, "T", "of L1 from no bias, by its temperature and the magnetisation here")
LINES_BELOW = quoted(3, "", "Fig. 3a, from 6 V to the critical voltage")
LINES_ABOVE = quoted(2, "", "Fig. 3a, above the critical voltage")
V_DISTORTED = quoted(4.0, "V", "Fig. 3a, first line that is not a Lorentzian")

DEVICE = {
    ("geometry", "length"): SIZE,
    ("geometry", "width"): SIZE,
    ("geometry", "thickness"): THICKNESS,
    ("ambient", "temperature"): AMBIENT,
}
