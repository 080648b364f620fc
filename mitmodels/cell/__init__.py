"""Physics of an electrochemical metallization cell."""
