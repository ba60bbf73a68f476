"""What a page raises when there is nothing to show."""


class Missing(Exception):
    """There is nothing of that name for this visitor: unknown, foreign and hidden things look the same."""
