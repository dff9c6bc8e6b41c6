"""Changes of simulated carriers at times that are known beforehand."""
