"""Prevalence per kecamatan: direct survey estimates, small areas, benchmarking."""
