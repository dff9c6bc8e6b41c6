"""Simulated carriers and ESMEs, to try the router on, and other people's SMPP software."""
