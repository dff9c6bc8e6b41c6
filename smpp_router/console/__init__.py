"""The HTTP side of a running router."""
