"""
A cell under a train of pulses, each with a read
================================================

Needs ``mitmodels`` alone. A silver cell with 5 nm of oxide; steps and mesh are coarser than usual.
"""

# %%
# The protocol
# ------------
# Write pulses of 1.7 V and 10 ms, each followed by a read at 0.1 V. Electrons that go beside the
# gap are a leakage of 100 GΩ: without one the resistance of a cell that is off is beyond all that
# can be measured.

from pathlib import Path
from tempfile import mkdtemp

import matplotlib.pyplot as plt

import mitmodels

folder = Path(mkdtemp())
(folder / "train.toml").write_text("""
base = "ecm_silver"

[geometry]
oxide = "5 nm"

[oxide]
leakage = { value = "100 Gohm", status = "assumed", source = "a cell that is off" }

[circuit]
compliance = "1 uA"

[numerics]
mesh = 0.5
time = 0.5

[[protocol]]
step = "repeat"
times = 4

[[protocol.steps]]
step = "pulse"
value = "1.7 V"
rise = "0.1 ms"
width = "10 ms"

[[protocol.steps]]
step = "pulse"
value = "0.1 V"
rise = "0.1 ms"
width = "1 ms"
period = "5 ms"
read_at = ["0.6 ms"]

[output]
fields_at = {}

[output.derived]
field = "V_cell / gap"
""")
cell = mitmodels.run(folder / "train.toml", folder / "train")

# %%
# Every read is a row of ``reads.csv``:

cell.table("reads")

# %%
# Voltage, gap and the field across it, which the file asked for:

figure, axes = plt.subplots(3, 1, figsize=(6, 5.5), sharex=True, layout="constrained")
t = 1e3 * cell.iv["t [s]"]
axes[0].plot(t, cell.iv["V_source [V]"])
axes[1].plot(t, 1e9 * cell.iv["gap [m]"])
axes[2].plot(t, 1e-9 * cell.iv["field [V/m]"])
for axis, label in zip(axes, ("voltage (V)", "gap (nm)", "field (V/nm)"), strict=True):
    axis.set_ylabel(label)
axes[2].set_xlabel("time (ms)")
figure.show()
