"""Experiments: protocols, TOML inputs, command line and figures."""

import meshes.runtime  # noqa: F401
