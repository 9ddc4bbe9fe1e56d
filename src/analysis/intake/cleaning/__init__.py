"""Text → clean typed records: cells, rules with reasons, and an account of every row."""
