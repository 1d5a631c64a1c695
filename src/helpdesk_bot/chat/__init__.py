"""The faces of the bot: one file a platform, payload -> event and reply -> payload, and nothing else.

To add a platform: a file with a class that fits `helpdesk_bot.ports.Chat`, and one line in `helpdesk_bot/app.py`.
"""
