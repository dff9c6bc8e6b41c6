"""What an ESME sends: when, what, as whom; and how it can go wrong."""
