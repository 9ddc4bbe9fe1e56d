"""Stunting evidence for a district review: from raw survey files to one brief per kecamatan."""
