"""From a ledger to the arrays of the claim likelihood."""
