"""Style of figures and maps of stored fields."""
