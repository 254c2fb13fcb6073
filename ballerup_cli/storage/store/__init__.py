"""A store on the disk: journals, register, anchor, members, and the one commit point."""
