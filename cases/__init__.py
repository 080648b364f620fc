"""Experiments: protocols, TOML inputs, command line and figures."""

import mitmodels.meshes.runtime  # noqa: F401
