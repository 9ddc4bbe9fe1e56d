"""Words and pictures of a brief, made from artefacts alone."""
