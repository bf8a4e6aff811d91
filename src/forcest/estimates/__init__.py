"""What the posterior says: numbers at a date, probabilities, what anchors the level, claim by claim."""
