"""OpenID Connect: whose bearer tokens are taken beside API keys (docs/decisions/023)."""
