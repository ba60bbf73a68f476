"""What people have to do: handover (引継ぎ), absence (不在), levelling (平準化), leaving nothing behind."""
