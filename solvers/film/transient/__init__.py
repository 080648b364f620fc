"""A film in time: implicit steps with error control."""
