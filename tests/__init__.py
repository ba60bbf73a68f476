"""The tests, folder by folder like the program."""
