"""The latent process, one concept a file: its description and its term, with its kernels beside it."""
