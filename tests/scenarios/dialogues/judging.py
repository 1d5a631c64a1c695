"""What must hold of a replayed dialogue: it is as the script says, and the same wherever it was replayed."""

from collections.abc import Mapping

from helpdesk_bot.events import Platform
from tests.fakes.faces import Ability, BrowserFace, Seen, SlackFace, TeamsFace, read_words
from tests.scenarios.dialogues.replay import Happened, meaning
from tests.scenarios.dialogues.script import Command, Dialogue, Heard, Step

ABILITIES: Mapping[Platform, frozenset[Ability]] = {
    Platform.SLACK: SlackFace.can,
    Platform.TEAMS: TeamsFace.can,
    Platform.BROWSER: BrowserFace.can,
}


def check(step: Step, happened: Happened, can: frozenset[Ability]) -> list[str]:
    """What is not as the script says."""
    shown = [event.seen for event in happened.events if event.kind != "gone"]
    wrong = [
        f"not heard: {one}"
        for one in step.heard
        if one.needs <= can and not one.lacks & can and not any(is_heard(one, seen, can) for seen in shown)
    ]
    wrong += [
        f"{word!r} is told to {seen.to}" for word in step.never for seen in shown if read_words(word) in seen.words
    ]
    if step.is_silent and happened.events:
        wrong.append("not silent")
    if step.gone is not None and step.gone != sum(event.kind == "gone" for event in happened.events):
        wrong.append(f"not {step.gone} gone")
    if (happened.form.title if happened.form else "") != step.form:
        wrong.append(f"another form than {step.form!r}: {happened.form}")
    wrong += [f"not known: {row}" for row in step.rows if row not in happened.rows]
    return wrong


def is_heard(heard: Heard, seen: Seen, can: frozenset[Ability]) -> bool:
    return (
        seen.to == heard.to
        and all(read_words(words) in seen.words for words in heard.words)
        and (heard.sources is None or seen.sources == heard.sources)
        and (heard.buttons is None or tuple(action for action, _ in seen.buttons) == heard.buttons)
        and (heard.has_thumbs is None or seen.has_thumbs == heard.has_thumbs)
        and (heard.calls is None or Ability.MENTIONS not in can or seen.mentions == set(heard.calls))
    )


def compare(step: Step, one: Happened, other: Happened, *, with_mentions: bool) -> list[str]:
    """How two platforms differ in what a step led to."""
    wrong: list[str] = []
    ours, others = (
        sorted(
            (event.kind, *meaning(event.seen, with_mentions=with_mentions)[: 1 if step.is_loose else None])
            for event in happened.events
            if not (step.is_loose and event.kind == "gone")
        )
        for happened in (one, other)
    )
    if ours != others:
        wrong.append(f"{ours}\n    and {others}")
    asked = [(happened.form.title, happened.form.fields) if happened.form else None for happened in (one, other)]
    if asked[0] != asked[1]:
        wrong.append(f"forms {asked}")
    if not isinstance(step.act, Command) and one.rows != other.rows:
        wrong.append(f"{one.rows}\n    and {other.rows}")
    return wrong


def judge(dialogue: Dialogue, replays: Mapping[Platform, list[Happened | None]]) -> list[str]:
    wrong: list[str] = []
    for number, step in enumerate(dialogue.steps):
        told = {platform: steps[number] for platform, steps in replays.items()}
        taken = {platform: happened for platform, happened in told.items() if happened is not None}
        for platform, happened in taken.items():
            events = "".join(f"\n      {event.kind}: {meaning(event.seen)}" for event in happened.events)
            wrong += [
                f"{dialogue.name} / step {number} / {platform}: {what}{events}\n      {happened.rows}"
                for what in check(step, happened, ABILITIES[platform])
            ]
        alike: dict[frozenset[Ability], Platform] = {}
        for platform, happened in taken.items():
            first = alike.setdefault(step.depends_on & ABILITIES[platform], platform)
            with_mentions = all(Ability.MENTIONS in ABILITIES[one] for one in (first, platform))
            wrong += [
                f"{dialogue.name} / step {number} / {first} and {platform} differ: {what}"
                for what in compare(step, taken[first], happened, with_mentions=with_mentions)
            ]
    return wrong
