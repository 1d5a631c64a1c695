"""The rights that the app needs: those of infra/slack/manifest.yaml, which explains each. A test compares them."""

SCOPES = frozenset(
    {
        "app_mentions:read",
        "assistant:write",
        "channels:history",
        "channels:read",
        "chat:write",
        "commands",
        "files:read",
        "groups:history",
        "groups:read",
        "im:history",
        "im:read",
        "im:write",
        "mpim:history",
        "mpim:read",
        "reactions:read",
        "usergroups:read",
        "users:read",
        "users:read.email",
    }
)
