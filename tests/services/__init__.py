"""Tests of what is started or composed."""
