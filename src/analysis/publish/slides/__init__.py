"""The review meeting's slides: laid out once, written as PowerPoint and as PDF."""
