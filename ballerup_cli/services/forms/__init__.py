"""Forms: how they are printed, asked, kept unfinished, and read from other programs."""
