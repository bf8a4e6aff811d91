"""Parts of descriptions: the base classes, priors, the calendar, TOML."""
