"""Which conditions go with stunting: pillars, multilevel models, effects."""
