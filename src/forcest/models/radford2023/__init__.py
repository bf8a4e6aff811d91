"""The published model of Radford et al. (2023, PNAS): losses by rate, negative binomial claims, zero-centred bias of sources."""
