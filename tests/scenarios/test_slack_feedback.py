"""Thumbs: one opinion a person and answer, the last one counts."""

from tests.fakes.slack import Json
from tests.scenarios.conftest import Office


async def opinions(office: Office) -> list[tuple[str, int]]:
    rows = await office.fetch("select person_id, value from helpdesk.feedback order by person_id")
    return [(person, value) for person, value in rows]


async def answer(office: Office) -> Json:
    reply = await office.ask("CSTAFF", "UBO", "how long does a VPN session last?")
    await office.settle()
    return reply


async def test_a_reaction_is_an_opinion_and_can_be_taken_back(office: Office) -> None:
    reply, react = await answer(office), office.slack.payloads.reaction
    await office.send(react("CSTAFF", "UBO", reply["ts"], "+1", at="1800000001.0"))
    assert await opinions(office) == [("UBO", 1)]
    await office.send(react("CSTAFF", "UBO", reply["ts"], "+1", at="1800000002.0", removed=True))
    assert await opinions(office) == [("UBO", 0)]


async def test_the_last_opinion_counts_even_when_it_arrives_first(office: Office) -> None:
    reply, react = await answer(office), office.slack.payloads.reaction
    await office.send(react("CSTAFF", "UBO", reply["ts"], "-1", at="1800000002.0"))
    await office.send(react("CSTAFF", "UBO", reply["ts"], "+1", at="1800000001.0"))
    assert await opinions(office) == [("UBO", -1)]


async def test_taking_back_one_thumb_leaves_the_other(office: Office) -> None:
    reply, react = await answer(office), office.slack.payloads.reaction
    await office.send(react("CSTAFF", "UBO", reply["ts"], "+1", at="1800000001.0"))
    await office.send(react("CSTAFF", "UBO", reply["ts"], "-1", at="1800000002.0"))
    await office.send(react("CSTAFF", "UBO", reply["ts"], "+1", at="1800000003.0", removed=True))
    assert await opinions(office) == [("UBO", -1)]


async def test_a_button_is_an_opinion_of_that_person_on_that_answer(office: Office) -> None:
    reply = await answer(office)
    await office.send(office.slack.payloads.button("CSTAFF", "UADA", reply, at="1800000001.0", is_positive=False))
    await office.send(office.slack.payloads.button("CSTAFF", "UBO", reply, at="1800000001.0"))
    assert await opinions(office) == [("UADA", -1), ("UBO", 1)]
    votes = await office.fetch(
        """
        select outgoing.question_key is not null, feedback.value
        from helpdesk.feedback
        join helpdesk.outgoing using (platform, tenant, channel, message_id)
        order by feedback.value
        """
    )
    assert votes == [(True, -1), (True, 1)]


async def test_a_reaction_to_somebody_elses_message_is_none_of_ours(office: Office) -> None:
    react = office.slack.payloads.reaction
    await office.send(react("CSTAFF", "UBO", "1800000000.1", "+1", at="1800000001.0", author="UADA"))
    assert await opinions(office) == []
