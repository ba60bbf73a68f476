"""Procedures (業務手順): what a company writes down once and carries out many times."""
