"""Notebook kernels that start warm: the process they are forked from, and their managers."""
