"""Models bound to claims, as a PyMC graph and as compiled densities of many chains."""
