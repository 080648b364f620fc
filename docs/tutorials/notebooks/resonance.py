"""
Ferromagnetic resonance of a heated film
========================================

Needs ``mitmodels`` alone. The 10 x 10 um² film on a coarse mesh: fields are stored at a few
voltages, and the resonance is read from them.
"""

# %%
# Heat the film
# -------------

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

import mitmodels

folder = Path(mkdtemp())
film = mitmodels.run(
    "lsmo_10x10",
    folder / "film",
    overrides=(
        "mesh.size=0.5 um",
        "mesh.edge_size=0.4 um",
        "mesh.cells_across=4",
        "protocol.0.to=15 V",
        'output.fields_at.V_source=["2 V", "6 V", "10 V", "14 V"]',
        "output.figures=false",
    ),
)

# %%
# Read the resonance
# ------------------
# Every stored state has lines at each frequency; ``lines.csv`` has their fields and widths.

resonance = mitmodels.fmr(film.path)
resonance

# %%
# The tables and figures that it wrote:

print(*sorted(path.name for path in (film.path / "fmr").iterdir()))

# %%

picture = film.path / "fmr" / "fig_3b_lines.png"
figure, axes = plt.subplots(figsize=(6, 4.5), layout="constrained")
axes.imshow(plt.imread(picture))
axes.axis("off")
figure.show()
