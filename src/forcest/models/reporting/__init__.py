"""How counts become claims: bias, error, rounding, copies. It knows nothing of the process behind the counts."""
