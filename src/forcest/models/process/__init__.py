"""The latent process, one concept per file: its description and its term, with its kernels in a file beside it."""
