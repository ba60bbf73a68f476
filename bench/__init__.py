"""What the program costs, measured side by side with what others would use; `python -m bench`."""
