"""Bytes to values and back: framing, codec, PDUs, optional parameters, text and receipts of SMPP 3.4."""
