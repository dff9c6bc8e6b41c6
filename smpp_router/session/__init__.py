"""One SMPP session, either role, without I/O: bytes and the time in, PDUs and bytes out."""
