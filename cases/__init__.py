"""Experiments: protocols, TOML inputs, command line and figures."""

import mitmodels.threads  # noqa: F401
