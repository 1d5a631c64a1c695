"""One protocol for the three places where people meet the bot, and what they read there in terms of no platform.

    face = SlackFace(slack=slack, tag="X007X", ...)    # its own people and channels, so that many can speak at once
    sent = await face.say("bo", "how long does a VPN session last?")
    [seen] = await face.look()                          # to whom, in which words, from which documents, which buttons
    form = await face.press("bo", seen, "ask_person")

Every face sends what its platform sends (signed events, activities, the page's own requests) into the real ASGI app,
and reads what the strict fake of the platform shows afterwards. `look` gives all that is to be seen now.
"""

from tests.fakes.faces.browser import BrowserFace
from tests.fakes.faces.face import DIRECT, HELP, PEOPLE, Ability, Asked, Face, Seen, Sent, SentFile, read_words
from tests.fakes.faces.slack import SlackFace
from tests.fakes.faces.teams import TeamsFace

__all__ = [
    "DIRECT",
    "HELP",
    "PEOPLE",
    "Ability",
    "Asked",
    "BrowserFace",
    "Face",
    "Seen",
    "Sent",
    "SentFile",
    "SlackFace",
    "TeamsFace",
    "read_words",
]
