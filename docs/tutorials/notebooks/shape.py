"""
A film of another shape, meshed with Gmsh
=========================================

Needs ``mitmodels`` alone, which brings Gmsh. A strip with a notch on each side, beside which it
heats first.
"""

# %%
# The mesh
# --------
# Rectangles and circles in micrometres, cut at one another; parts are known by their names. The
# film is a quarter: x and y from the middle, the rest are mirror images.

from pathlib import Path
from tempfile import mkdtemp

import gmsh
import matplotlib.pyplot as plt

import mitmodels

folder = Path(mkdtemp())
LENGTH, WIDTH, PAD, NOTCH = 25.0, 10.0, 15.0, 3.0  # halves, and the radius of the notch

gmsh.initialize()
gmsh.option.setNumber("General.Terminal", 0)
occ = gmsh.model.occ
strip = [(2, occ.addRectangle(0, 0, 0, LENGTH, WIDTH))]
film, _ = occ.cut(strip, [(2, occ.addDisk(0, WIDTH, 0, NOTCH, NOTCH))])
pad = (2, occ.addRectangle(LENGTH, 0, 0, PAD, WIDTH))
_, (films, pads) = occ.fragment(film, [pad])
occ.synchronize()


def lines(parts, axis, value):
    """Return the lines around parts on which a coordinate has a value."""
    around = gmsh.model.getBoundary(parts, oriented=False)
    ends = {tag: gmsh.model.getBoundingBox(1, tag) for _, tag in around}
    return [tag for tag, e in ends.items() if max(abs(e[axis + i] - value) for i in (0, 3)) < 1e-3]


NAMES = {
    (2, "film"): [tag for _, tag in films],
    (2, "pad_right"): [tag for _, tag in pads],
    (1, "contact_right"): lines(films, 0, LENGTH),
    (1, "midline"): lines(films, 1, 0.0),
    (1, "midplane"): lines(films, 0, 0.0),
}
for (dimension, name), tags in NAMES.items():
    gmsh.model.addPhysicalGroup(dimension, tags, name=name)
gmsh.option.setNumber("Mesh.MeshSizeMax", 0.8)
gmsh.model.mesh.generate(2)
gmsh.write(str(folder / "notched.msh"))
gmsh.finalize()

# %%
# The film
# --------
# On a local heat loss, for seconds of computing, until it is as hot as its transition. A probe
# beside the notch and one in the middle are columns of ``iv.csv``.

(folder / "notched.toml").write_text("""
base = "lsmo_iv"

[geometry]
mesh = "notched.msh"
unit = "1 um"
length = "50 um"
width = "20 um"
pad_length = "15 um"

[substrate]
model = "sheet"
loss = { value = "2e5 W/(m2 K)", status = "assumed", source = "made up" }

[[protocol]]
step = "ramp"
to = "12 V"
until = ["T_max > 345 K"]

[output]
check_stability = false
fields_at = { V_source = [], T_max = ["300 K"] }

[output.probes]
notch = ["0 um", "6.5 um"]
middle = ["0 um", "0 um"]
""")
run = mitmodels.run(folder / "notched.toml", folder / "run")
run

# %%
# Beside the notch and in the middle, at every point of the curve:

figure, axes = plt.subplots(figsize=(5, 3.5), layout="constrained")
for name in ("notch", "middle"):
    axes.plot(run.iv["V_source [V]"], run.iv[f"T_{name} [K]"], ".-", label=name)
axes.set(xlabel="source voltage (V)", ylabel="temperature (K)")
axes.legend()
figure.show()

# %%
# All stored fields at a place:

mitmodels.probe(run.path, "0 um", "6.5 um")

# %%
# Temperature and potential of the whole device:

picture = mitmodels.plot(run.path, fields=True)[0]
figure, axes = plt.subplots(figsize=(8, 6), layout="constrained")
axes.imshow(plt.imread(picture))
axes.axis("off")
figure.show()
