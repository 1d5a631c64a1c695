"""Measuring: how well it finds, and whether it does the right thing. Each measurement is a command."""
