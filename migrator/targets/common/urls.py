"""URLs and messages for people: without passwords."""

from __future__ import annotations

from sqlalchemy.engine import URL

from migrator.model.secrets import is_secret


def display_url(url: URL) -> str:
    """The URL for people: no password, not in the query string either."""
    hidden = {name: "***" for name in url.query if is_secret(name)}
    return url.update_query_dict(hidden).render_as_string(hide_password=True).replace("%2A%2A%2A", "***")


def without_secrets(message: str, url: URL) -> str:
    """A driver's words without the URL's secrets."""
    secrets = [url.password, *(value for name, value in url.query.items() if is_secret(name))]
    for secret in secrets:
        if isinstance(secret, str) and secret:
            message = message.replace(secret, "***")
    return message
