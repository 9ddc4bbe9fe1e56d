"""Sections of a brief: each a function from the data to Markdown, writing its own figures."""
