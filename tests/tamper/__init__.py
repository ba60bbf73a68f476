"""The tamper matrix: what each attack is found by, and what passes without evidence from outside."""
