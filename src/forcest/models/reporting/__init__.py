"""From counts to claims: bias, error, rounding, copies; independent of the process behind the counts."""
