"""The console: plain server-rendered pages of a tenant, for its members, as of now or then."""
