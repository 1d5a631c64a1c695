"""What an activity means: recorded ones from Microsoft's playground, and those that only Teams itself sends."""

import json
from pathlib import Path
from typing import Any

import pytest

from helpdesk_bot.chat.teams.heard import Arrival, Departure, FormWanted, Ignored, Opinion
from helpdesk_bot.chat.teams.payloads import Activity, conversation_of, join_thread, person_of, split_thread
from helpdesk_bot.chat.teams.reading import parse, read
from helpdesk_bot.events import (
    Action,
    Addressed,
    Click,
    Deletion,
    Edit,
    FormName,
    PlaceKind,
    Question,
    Submission,
    Vote,
)

RECORDED = Path(__file__).parents[2] / "fakes" / "teams_activities"
CHANNEL = "19:staff@thread.tacv2"
BOT = {"id": "28:app-1", "name": "Helpdesk"}
ADA = {"id": "29:ada", "name": "Ada", "aadObjectId": "aad-ada"}


def activity(kind: str = "message", **more: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "type": kind,
        "id": "17",
        "timestamp": "2026-11-22T10:00:00Z",
        "channelId": "msteams",
        "serviceUrl": "https://smba.trafficmanager.net/amer/",
        "from": ADA,
        "recipient": BOT,
        "conversation": {"id": "a:ada", "conversationType": "personal", "tenantId": "tenant-1"},
        "channelData": {"tenant": {"id": "tenant-1"}},
    }
    return base | more


def in_channel(kind: str = "message", *, thread: str = "9", **more: Any) -> dict[str, Any]:
    place = {"id": f"{CHANNEL};messageid={thread}", "conversationType": "channel", "tenantId": "tenant-1"}
    data = {"tenant": {"id": "tenant-1"}, "team": {"id": "19:team"}, "channel": {"id": CHANNEL}}
    return activity(kind, conversation=place, channelData=data, **more)


def mention(words: str = "<at>Helpdesk</at>", account: str = "28:app-1") -> dict[str, Any]:
    return {"type": "mention", "text": words, "mentioned": {"id": account}}


def heard(body: dict[str, Any]) -> Any:
    """The one event of it, or why there is none."""
    parsed = parse(body)
    assert isinstance(parsed, Activity), parsed
    events = read(parsed)
    return events if isinstance(events, Ignored) else events[0]


def test_a_message_in_a_personal_chat_is_a_question_to_the_bot() -> None:
    question = heard(activity(text=" how do I print?&nbsp; "))
    assert isinstance(question, Question)
    assert (question.text, question.addressed, question.person_id) == ("how do I print?", Addressed.DIRECT, "aad-ada")
    assert (question.place.kind, question.place.channel, question.place.thread) == (PlaceKind.DIRECT, "a:ada", None)
    assert question.key == "teams:tenant-1:a:ada:17"


def test_a_mention_in_a_thread_is_a_question_in_that_thread() -> None:
    question = heard(in_channel(text="<at>Helpdesk</at> where?", entities=[mention()]))
    assert (question.text, question.addressed, question.tags_people) == ("where?", Addressed.MENTION, False)
    assert (question.place.channel, question.place.thread) == (CHANNEL, "9")


def test_other_people_stay_readable_and_are_told() -> None:
    entities = [mention(), mention("<at>Bo &amp; Co</at>", "29:bo")]
    question = heard(in_channel(text="<at>Helpdesk</at> ask <at>Bo &amp; Co</at>", entities=entities))
    assert (question.text, question.tags_people) == ("ask @Bo & Co", True)


@pytest.mark.parametrize(
    ("text", "entity"),
    [
        ("<at>Helpdesk</at> where?", mention(words="<at>Helpdesk bot</at>")),
        ('<at id="0">Helpdesk</at> where?', mention()),
        ("<at>Helpdesk</at> where?", {"type": "mention", "text": None, "mentioned": {"id": "28:app-1"}}),
    ],
)
def test_a_mention_that_is_spelt_in_another_way_is_not_asked_about(text: str, entity: dict[str, Any]) -> None:
    question = heard(in_channel(text=text, entities=[entity]))
    assert (question.text, question.addressed) == ("where?", Addressed.MENTION)


def test_a_name_without_an_entity_stays_readable() -> None:
    text = "<at>Helpdesk</at> ask <at>Bo &amp; Co</at> about <at"
    question = heard(in_channel(text=text, entities=[mention()]))
    assert question.text == "ask @Bo & Co about <at"


@pytest.mark.parametrize(
    "odd",
    [
        {"entities": [None, mention()]},
        {"entities": [{"type": None}, mention()]},
        {"entities": [mention(), {"type": "mention", "text": "<at>everyone</at>", "mentioned": {"id": None}}]},
        {"entities": [mention(), {"type": "quotedReply", "quotedReply": "5"}]},
        {"entities": [mention()], "attachments": [None, {"contentType": None}, {"contentType": "x", "name": 7}]},
        {"entities": [mention()], "attachments": {"contentType": "x"}},
    ],
)
def test_what_is_odd_beside_a_question_does_not_keep_it_from_being_heard(odd: dict[str, Any]) -> None:
    question = heard(in_channel(text="<at>Helpdesk</at> where?", **odd))
    assert (question.text, question.addressed) == ("where?", Addressed.MENTION)


def test_a_reaction_and_a_member_that_nobody_knows_leave_the_others() -> None:
    vote = heard(activity("messageReaction", reactionsAdded=[{"type": None}, {"type": "like"}], replyToId="5"))
    assert isinstance(vote, Vote)
    assert isinstance(heard(in_channel("conversationUpdate", membersRemoved=[{"name": "?"}, BOT])), Departure)


def html(content: str) -> dict[str, Any]:
    return {"contentType": "text/html", "content": content}


def quoted(preview: str | None, sender: str = "29:bo") -> dict[str, Any]:
    return {"type": "quotedReply", "quotedReply": {"messageId": "5", "senderId": sender, "preview": preview}}


def blockquote(kind: str, words: str) -> str:
    return f'<blockquote itemscope itemtype="http://schema.skype.com/{kind}" itemid="5">{words}</blockquote>'


REPLIED = blockquote("Reply", '<strong itemprop="mri">Bo</strong><p itemprop="preview">VPN says &lt;809&gt;</p>')


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"entities": [quoted("VPN says 809")]}, "what now?\n\n> VPN says 809"),
        ({"attachments": [html(f"<p>{REPLIED}</p>what now?")]}, "what now?\n\n> VPN says <809>"),
        ({"entities": [quoted("VPN says <809>")], "attachments": [html(REPLIED)]}, "what now?\n\n> VPN says <809>"),
        ({"entities": [quoted("So [1].", sender="28:app-1")], "attachments": [html(REPLIED)]}, "what now?"),
        ({"entities": [quoted(None)]}, "what now?"),
        ({"attachments": [html(blockquote("Forward", "<p>VPN says</p><p>809</p>"))]}, "what now?\n\n> VPN says 809"),
        ({"attachments": [html("<p>what <b>now</b>?</p>")]}, "what now?"),
        (
            {"attachments": [{"contentType": "text/html", "content": {"x": 1}}, {"contentType": "text/html"}]},
            "what now?",
        ),
    ],
)
def test_what_a_message_quotes_is_read_with_it(more: dict[str, Any], text: str) -> None:
    assert heard(activity(text='<quoted messageId="5"/> what now?', **more)).text == text


def test_a_forwarded_message_that_teams_repeats_in_the_text_is_read_once() -> None:
    forwarded = html(blockquote("Forward", "<p>VPN says 809</p>"))
    assert heard(activity(text="look\r\nVPN says 809", attachments=[forwarded])).text == "look\r\nVPN says 809"


@pytest.mark.parametrize(
    "content", [blockquote("Forward", "<p>VPN says 809</p>"), "<div>VPN&nbsp;says <code>809</code></div>"]
)
def test_a_message_without_a_text_of_its_own_says_what_its_html_says(content: str) -> None:
    assert heard(activity(text="", attachments=[html(content)])).text == "VPN says 809"


def test_something_without_a_word_is_heard_where_the_bot_alone_is_meant() -> None:
    sticker = [{"contentType": "application/vnd.microsoft.card.animation"}]
    assert heard(activity(text="", attachments=sticker)).text == ""
    assert heard(in_channel(text="", attachments=sticker)) is Ignored.EMPTY


def test_what_was_said_to_nobody_is_overheard() -> None:
    assert heard(in_channel(text="anybody?")).addressed is Addressed.OVERHEARD


def test_an_edit_and_a_deletion_name_the_same_question() -> None:
    key = heard(in_channel(text="x")).key
    edit = heard(in_channel("messageUpdate", text="y", timestamp="2026-11-22T11:00:00Z"))
    deletion = heard(in_channel("messageDelete"))
    assert isinstance(edit, Edit)
    assert isinstance(deletion, Deletion)
    assert edit.question.key == deletion.question_key == key
    assert edit.edited_at.hour == 11


@pytest.mark.parametrize(
    ("added", "removed", "values"),
    [
        (["like"], [], [(1, None)]),
        ([], ["like"], [(0, 1)]),
        (["1f44e_thumbsdown"], ["like"], [(0, 1), (-1, None)]),
        (["yes-tone3"], [], [(1, None)]),
        (["no"], [], [(-1, None)]),
    ],
)
def test_reactions_are_votes(added: list[str], removed: list[str], values: list[tuple[int, int | None]]) -> None:
    body = in_channel(
        "messageReaction",
        replyToId="5",
        reactionsAdded=[{"type": name} for name in added],
        reactionsRemoved=[{"type": name} for name in removed],
    )
    parsed = parse(body)
    assert isinstance(parsed, Activity)
    events = read(parsed)
    assert isinstance(events, tuple)
    votes = [event for event in events if isinstance(event, Vote)]
    assert [(vote.value, vote.takes_back) for vote in votes] == values
    assert {vote.message_id for vote in votes} == {"5"}


def test_another_reaction_is_none() -> None:
    assert (
        heard(activity("messageReaction", replyToId="5", reactionsAdded=[{"type": "laugh"}])) is Ignored.OTHER_REACTION
    )


@pytest.mark.parametrize("feedback", ['{"feedbackText":"too old"}', "too old", {"feedbackText": "too old"}])
def test_the_thumbs_bring_their_reason(feedback: object) -> None:
    value = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": feedback}}
    opinion = heard(activity("invoke", name="message/submitAction", value=value, replyToId="5"))
    assert isinstance(opinion, Opinion)
    assert (opinion.vote.value, opinion.vote.via, opinion.words, opinion.fields) == (-1, "button", "too old", None)


def test_our_own_form_under_the_thumbs_brings_its_fields() -> None:
    filled = {"helpdesk": {"kind": "form", "name": "reason", "value": "5"}, "field_kind": "wrong", "other": "x"}
    value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": json.dumps(filled)}}
    opinion = heard(activity("invoke", name="message/submitAction", value=value))
    assert (opinion.fields, opinion.vote.value) == ({"kind": "wrong"}, 1)
    wanted = {"actionName": "feedback", "actionValue": {"reaction": "dislike"}}
    assert isinstance(heard(activity("invoke", name="message/fetchTask", value=wanted)), FormWanted)


CLAIM = {"helpdesk": {"kind": "click", "name": "claim", "value": "case-1"}}
FORM = {"helpdesk": {"kind": "form", "name": "answer", "value": "case-1"}, "field_text": "Do this."}


@pytest.mark.parametrize(
    "body",
    [
        activity("invoke", name="adaptiveCard/action", value={"action": {"data": CLAIM}}, replyToId="5"),
        activity("invoke", name="task/fetch", value={"data": CLAIM}, replyToId="5"),
        activity("message", value=CLAIM, replyToId="5"),
    ],
)
def test_a_button_comes_back_by_any_way_as_a_click(body: dict[str, Any]) -> None:
    click = heard(body)
    assert isinstance(click, Click)
    assert (click.action, click.value, click.message_id) == (Action.CLAIM, "case-1", "5")
    assert heard(body).key == click.key


@pytest.mark.parametrize(
    "body",
    [
        activity("invoke", name="adaptiveCard/action", value={"action": {"data": FORM}}),
        activity("invoke", name="task/submit", value={"data": FORM}),
        activity("message", value=FORM),
    ],
)
def test_a_form_comes_back_by_any_way_as_a_submission(body: dict[str, Any]) -> None:
    submission = heard(body)
    assert isinstance(submission, Submission)
    assert (submission.form, submission.value, submission.fields) == (FormName.ANSWER, "case-1", {"text": "Do this."})


@pytest.mark.parametrize(
    "carried",
    [
        None,
        "claim",
        {},
        {"helpdesk": "claim"},
        {"helpdesk": {"kind": "click", "name": "shutdown", "value": ""}},
        {"helpdesk": {"kind": "form", "name": "claim", "value": ""}},
        {"helpdesk": {"kind": "click", "name": "claim", "value": ["a"]}},
        {"helpdesk": {"kind": "click", "name": "claim", "value": "x" * 5_000}},
    ],
)
def test_a_button_that_is_not_ours_is_none(carried: object) -> None:
    body = activity("invoke", name="adaptiveCard/action", value={"action": {"data": carried}})
    assert heard(body) is Ignored.OTHER_BUTTON


def test_the_bot_hears_of_its_own_coming_and_going_and_of_no_others() -> None:
    assert isinstance(heard(activity("installationUpdate", action="add")), Arrival)
    assert isinstance(heard(activity("installationUpdate", action="remove")), Departure)
    assert isinstance(heard(in_channel("conversationUpdate", membersRemoved=[BOT])), Departure)
    assert heard(in_channel("conversationUpdate", membersAdded=[ADA])) is Ignored.OTHER_MEMBER


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (activity(text="x", **{"from": BOT}), Ignored.OWN),
        (activity(text="x", **{"from": {"id": "28:another"}}), Ignored.BOT),
        (activity(text=""), Ignored.EMPTY),
        (activity(text="x", id=None), Ignored.MALFORMED),
        (activity(text="x", conversation=None), Ignored.NO_PLACE),
        (activity(text="x", **{"from": None}), Ignored.NO_SENDER),
        (activity("trace"), Ignored.UNKNOWN),
        (activity("invoke", name="signin/verifyState", value={}), Ignored.UNKNOWN),
    ],
)
def test_what_is_nothing_to_the_desk_says_why(body: dict[str, Any], why: Ignored) -> None:
    assert heard(body) is why


def test_a_file_keeps_its_address_and_a_messages_own_html_is_none() -> None:
    info = {"downloadUrl": "https://contoso.sharepoint.com/x?tempauth=1", "uniqueId": "1", "fileType": "pdf"}
    attachments = [
        {"contentType": "text/html", "content": "<div>see file</div>"},
        {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "plan.pdf", "content": info},
        {
            "contentType": "image/png",
            "contentUrl": "https://smba.trafficmanager.net/amer/v3/attachments/1/views/original",
        },
    ]
    files = heard(activity(text="see file", attachments=attachments)).files
    assert [(file.name, file.media_type) for file in files] == [("plan.pdf", "application/pdf"), ("file", "image/png")]


def test_text_that_no_database_takes_is_made_storable() -> None:
    assert heard(activity(text="a\0b\ud800c")).text == "ab\ufffdc"


def test_where_and_who_are_kept_to_be_reached_again() -> None:
    parsed = parse(in_channel(text="x"))
    assert isinstance(parsed, Activity)
    place, person = conversation_of(parsed), person_of(parsed)
    assert place is not None
    assert person is not None
    assert (place.conversation, place.kind, place.bot_id, place.is_shared) == (CHANNEL, "channel", "28:app-1", None)
    assert (person.person_id, person.account_id, person.direct) == ("aad-ada", "29:ada", None)


@pytest.mark.parametrize(
    ("told", "is_shared"),
    [
        ({"channel": {"id": CHANNEL, "type": "shared"}}, True),
        ({"channel": {"id": CHANNEL, "type": "standard"}}, False),
        ({"channel": {"id": CHANNEL}, "eventType": "channelShared", "sharedWithTeams": [{"id": "19:b"}]}, True),
        ({"channel": {"id": CHANNEL}, "membershipSource": {"sourceType": "team", "id": "19:b"}}, True),
        ({"channel": {"id": CHANNEL}, "eventType": "channelUnshared"}, None),
    ],
)
def test_that_a_channel_is_shared_is_told_in_several_ways(told: dict[str, Any], is_shared: bool | None) -> None:
    body = in_channel("conversationUpdate")
    parsed = parse({**body, "channelData": {**body["channelData"], **told}})
    assert isinstance(parsed, Activity)
    place = conversation_of(parsed)
    assert place is not None
    assert place.is_shared is is_shared


def test_a_threads_name_holds_its_channel_and_its_first_message() -> None:
    assert split_thread(join_thread(CHANNEL, "17")) == (CHANNEL, "17")
    assert split_thread(CHANNEL) == (CHANNEL, None)
    assert split_thread(f"{CHANNEL};messageid=../x")[1] is None


@pytest.mark.parametrize("recorded", sorted(RECORDED.glob("*.json")), ids=lambda path: path.stem)
def test_what_the_playground_sent_is_understood(recorded: Path) -> None:
    """Each file holds an activity as it came, and what it has to mean."""
    case = json.loads(recorded.read_text())
    event = heard(case["activity"])
    assert (event.value if isinstance(event, Ignored) else type(event).__name__) == case["means"]
