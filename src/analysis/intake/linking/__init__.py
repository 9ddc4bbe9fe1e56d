"""Routine records of one child, found and joined without its name going further."""

from analysis.intake.linking.link import link, with_way

__all__ = ["link", "with_way"]
