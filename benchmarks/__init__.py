"""Benchmarks: python -m benchmarks.NAME, each with --help."""
