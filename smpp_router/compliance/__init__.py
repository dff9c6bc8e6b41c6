"""Screening of messages."""
