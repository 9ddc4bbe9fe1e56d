"""Likelihoods of nested random intercepts: groups as a tree, modes, integrals, errors."""
