"""SMPP 3.4 router between many customers (ESMEs) and many carriers."""

__version__ = "0.1.0"
