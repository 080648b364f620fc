"""Compact model of a metallization cell: made of one growth, and compared with others."""
