"""Keeping the store whole: verification, copies, the doctor."""
