"""Descriptions of models, and the densities they stand for."""
