"""Message catalogues, one YAML file per language."""
