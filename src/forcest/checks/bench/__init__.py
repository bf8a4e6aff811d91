"""ClaimBench: ledgers of past wars, fitted as any user would fit them, and scored against what was established later."""
