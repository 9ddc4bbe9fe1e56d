"""Files in, clean children and visits out: sources, columns, cleaning, growth, quality."""
