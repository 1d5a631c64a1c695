"""What was retrieved: data, whoever wrote it. Cleaned before it is quoted or a model reads it."""

from helpdesk_bot.guard.markup import inert
from helpdesk_bot.guard.outgoing import without_markers
from helpdesk_bot.guard.personal_data import Kind, redact
from helpdesk_bot.guard.planted import orders_in_title, without_plants
from helpdesk_bot.guard.policy import Policy
from helpdesk_bot.guard.verdicts import Action, Verdict, redactions

TITLE_LEFT_OUT = "(title left out)"


def clean_passage(text: str, *, policy: Policy | None = None) -> tuple[str, list[Verdict]]:
    """A passage's text as it may be quoted.

    Hidden text, links, images, HTML, mentions and secrets are gone, and so is every sentence that certainly addresses
    the bot or gives it a task: it can't be what a person asked for. A footnote `[3]` becomes `(3)`: only the bot's own
    citations have brackets. Other lines keep their breaks and spaces.
    """
    policy = policy or Policy()
    verdicts: list[Verdict] = []
    for check in (nothing_acts, planted_instructions, personal_data):
        text, found = check(text, policy)
        verdicts += found
    return text, verdicts


def nothing_acts(text: str, _: Policy) -> tuple[str, list[Verdict]]:
    text, found = inert(text)
    return without_markers(text), redactions({f"passage.{rule}": spans for rule, spans in found.items()})


def planted_instructions(text: str, policy: Policy) -> tuple[str, list[Verdict]]:
    """Without its certain plants, unless these are allowed; the merely suspect ones go where the policy says so."""
    is_suspect_out = policy.actions["passage.suspect"] is Action.REDACT
    kept, certain, suspect = without_plants(text, suspect_too=is_suspect_out)
    is_left = policy.actions["passage.instructions"] is Action.ALLOW
    verdicts = policy.verdicts({"passage.instructions": certain, "passage.suspect": suspect})
    return text if is_left else kept, verdicts


def personal_data(text: str, policy: Policy) -> tuple[str, list[Verdict]]:
    text, found = redact(text, policy.redacted_kinds("passage"))
    return text, policy.verdicts({f"passage.{kind}": count for kind, count in found.items() if not _is_usual(kind)})


def _is_usual(kind: Kind) -> bool:
    """Contacts stand in every handbook: a verdict on them would say nothing."""
    return kind in {Kind.EMAIL, Kind.PHONE, Kind.IP}


def clean_title(text: str) -> str:
    """A title or heading on one line, without anything that acts or formats; none of it where it gives orders."""
    text, _ = inert(" ".join(text.split()))
    text = " ".join(without_markers(text).replace("*", "").replace("`", "").split())
    return TITLE_LEFT_OUT if orders_in_title(text) else text
