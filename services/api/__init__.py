"""The HTTP API: `/v1`, JSON, OpenAPI 3.1. `app.create_app` makes it from its parts."""
