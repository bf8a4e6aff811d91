"""What descriptions are made of: the base class, priors, the calendar, TOML."""
