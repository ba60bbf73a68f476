"""What every command begins with: the settings, and where it prints."""

from rich.console import Console

from infra.settings import Settings

out = Console(highlight=False)


def settings_of() -> Settings:
    """The environment's settings; from here on the program logs as they say."""
    from services.logs import configure

    settings = Settings.from_environment()
    configure(settings.log_format, settings.log_level)
    return settings
