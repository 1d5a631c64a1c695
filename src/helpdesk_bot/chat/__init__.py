"""The faces of the bot: a package for each platform, payload -> event and message -> payload, and nothing else.

To add a platform:

1. A package here with a class that fits `helpdesk_bot.ports.Chat`, and an intake that hands the desk
   (`helpdesk_bot.ports.Desk`) every message of a person that it can read, every edit, deletion, vote, press and form.
   The desk decides whether to speak; the platform drops its own and other bots' messages, gives each event a key that
   is the same however often it is delivered, and acknowledges only what the desk has taken in.
2. A name in `helpdesk_bot.events.Platform`, and its wiring in `helpdesk_bot/app`.
3. A strict fake of the platform in `tests/fakes`, for the dialogues that every platform must answer alike.

A platform that can't do something says so as the port allows: `open_stream` gives None, `whisper` goes to the direct
chat. Its SDK is imported in its package only.
"""
