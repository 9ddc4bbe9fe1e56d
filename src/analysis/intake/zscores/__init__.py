"""`python -m analysis zscores`: WHO z-scores for any file of children."""
