"""What is started or composed: the HTTP API, the console, projectors, exports and the command line."""
