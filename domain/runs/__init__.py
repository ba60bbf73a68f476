"""Runs (案件): one procedure carried out for one subject."""
