"""Parameters of a model, and the unconstrained coordinates in which it is sampled."""
