"""Parts of the `ashiato` command."""
