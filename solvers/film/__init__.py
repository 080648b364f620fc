"""Current and heat in a film on a substrate: Newton, branch, time steps, files."""

import mitmodels.meshes.runtime  # noqa: F401
