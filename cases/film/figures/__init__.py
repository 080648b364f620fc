"""Figures of films."""
