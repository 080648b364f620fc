"""Growth of a filament in a metallization cell on a moving mesh."""

import mitmodels.meshes.runtime  # noqa: F401
