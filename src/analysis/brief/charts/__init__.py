"""Charts of the brief: pure functions from numbers and a style to a figure. None estimates."""
