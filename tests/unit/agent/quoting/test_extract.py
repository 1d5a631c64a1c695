import asyncio
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpdesk_bot.agent.errors import CannotCompose
from helpdesk_bot.agent.evidence import whole_text
from helpdesk_bot.agent.quoting.extract import Extractive
from helpdesk_bot.guard.guard import Guard
from helpdesk_bot.guard.outgoing import cited_numbers
from helpdesk_bot.guard.words import sentences
from knowledge.embedding import likeness_to
from knowledge.passages import Passage
from tests.fakes.embedder import HashedEmbedder
from tests.fakes.shelf import passage

MAC = passage(
    "The company network is reached with GlobalProtect.\n\n"
    "To connect:\n\n1. Open **Self Service** and install GlobalProtect.\n2. Enter `vpn.example.com` as the portal.\n\n"
    "The canteen is on the ground floor.",
    title="VPN on macOS",
)
LEAVE = passage("Everyone has 28 days of leave. Interns have 20 days. They ask their manager first.", title="Leave")


async def quote(question: str, *passages: Passage, embedder: HashedEmbedder | None = None) -> str:
    composer = Extractive(likeness_to=partial(likeness_to, embedder) if embedder else None)
    return (await composer.compose(question, passages, timeout_s=5)).text


async def test_it_says_where_a_quotation_is_from_and_marks_it():
    assert await quote("How much leave do interns have?", LEAVE) == (
        "From *Leave*:\n\nEveryone has 28 days of leave. Interns have 20 days. They ask their manager first. [1]"
    )


async def test_steps_are_quoted_whole_with_the_sentence_that_leads_up_to_them():
    text = await quote("How do I connect to the VPN?", MAC)
    assert (
        "To connect:\n\n1. Open **Self Service** and install GlobalProtect.\n"
        "2. Enter `vpn.example.com` as the portal. [1]"
    ) in text


async def test_what_does_not_belong_to_the_question_is_not_quoted():
    assert "canteen" not in await quote("How do I connect to GlobalProtect?", MAC, LEAVE)
    assert "Leave" not in await quote("How do I connect to GlobalProtect?", MAC, LEAVE)


async def test_a_heading_lends_its_words_to_what_stands_under_it():
    text = "## Remove\n\nDrag it to the bin.\n\n## Install\n\nOpen Self Service and choose it."
    assert "bin" in await quote("How do I remove GlobalProtect?", passage(text, title="GlobalProtect"))


async def test_a_table_and_a_block_of_code_keep_their_lines_and_the_marker_stands_below():
    table = "| Site | Printer |\n| --- | --- |\n| Leeds | PR-7 |"
    assert f"{table}\n\n[1]" in await quote("Which printer is in Leeds?", passage(table, title="Printers"))
    code = "```\nlpadmin -p office\n```"
    assert f"{code}\n\n[1]" in await quote("printer lpadmin office command", passage(code, title="Printers"))


async def test_parts_of_one_table_come_under_one_header():
    head = "| Printer | Site |\n| --- | --- |\n"
    parts = [head + "| PR-1 | Lyon |", head + "| PR-2 | Lyon |\n| PR-3 | Porto |\n| PR-4 | Leeds |"]
    text = await quote("printers in Lyon", *(replace(passage(part, title="Printers"), document_id=1) for part in parts))
    assert text == f"From *Printers*:\n\n{head}| PR-1 | Lyon |\n| PR-2 | Lyon |\n\n[1] [2]"


async def test_of_a_long_table_the_row_that_answers_is_compared_not_how_it_begins():
    rows = "\n".join(f"| Viewer {number} | {number} EUR, paid by the department that asks |" for number in range(20))
    prices = passage(f"| Program | Costs |\n| --- | --- |\n{rows}\n| SolidWorks | 2,150 EUR |", title="Programs")
    other = passage("SolidWorks runs on Windows, and it costs time.", title="Programs")
    said = await quote("what costs SolidWorks?", other, prices, embedder=HashedEmbedder())
    assert "2,150 EUR" in said


async def test_what_a_paragraph_leads_up_to_comes_with_its_first_sentence():
    text = "## Linux\n\nThe laptops have the client already. Start it so:\n\n```\nvpn up\n```\n\n" + "Filler. " * 80
    assert (await quote("which laptops have the VPN client?", passage(text, title="VPN"))).startswith(
        "From *VPN*:\n\n**Linux**\n\nThe laptops have the client already. Start it so:\n\n```\nvpn up\n```\n\n[1]"
    )


async def test_steps_for_another_system_than_the_asked_one_are_not_quoted():
    text = (
        "## Windows\n\n1. Install the VPN client.\n2. Connect the VPN.\n\n## Linux\n\n1. Run the client.\n2. Connect."
    )
    said = await quote("how do I install and connect the VPN client on linux?", passage(text, title="VPN client"))
    assert "Run the client." in said
    assert "Install" not in said


async def test_where_the_title_is_the_question_its_text_answers_rather_than_a_mention_elsewhere():
    own = passage("1. Open the portal.\n2. Choose another one.", title="Reset your password")
    other = passage("Press **Restart and show password reset options**.", title="Laptop asks for a key")
    said = await quote("how do I reset my password?", other, own, embedder=HashedEmbedder())
    assert said.startswith("From *Reset your password*")


async def test_who_asks_how_to_get_something_is_told_whom_to_ask_not_how_to_use_it():
    use = passage("1. Drag the second monitor into place.\n2. Choose **Extend**.", title="Docks", headings=["Arrange"])
    get = passage("A second monitor is ordered in the portal.", title="Equipment", headings=["What there is"])
    said = await quote("how do I get a second monitor?", get, use)
    assert "ordered in the portal" in said
    assert "Drag" not in said


async def test_who_asks_whether_they_can_get_something_is_told_whom_to_ask_first():
    use = passage("1. Drag the second monitor for home.\n2. Choose **Extend**.", title="Docks", headings=["Arrange"])
    get = passage("A second monitor for home is ordered in the portal.", title="Equipment", headings=["What there is"])
    assert (await quote("can I get a second monitor for home?", use, get)).startswith("From *Equipment*")


async def test_who_asks_whether_they_may_is_told_the_rule():
    how = passage("A private laptop in use is cleaned by its owner.", title="Devices", headings=["Ask"])
    rule = passage("A private laptop must not be in use here.", title="Devices", headings=["Rules"])
    assert (await quote("can I use a private laptop?", how, rule)).startswith("From *Devices*:\n\n**Rules**")


async def test_everyday_words_count_as_those_that_say_the_same():
    shop = passage("A notebook is 900 EUR.\n\nA desk is 300 EUR.", title="Shop")
    assert "A notebook is 900 EUR." in await quote("what does my machine cost", shop)
    assert "desk" not in await quote("what does my machine cost", shop)


async def test_of_pages_made_alike_the_one_whose_title_was_said_is_quoted():
    lyon = passage("The office has batteries in the drawers of the kitchen.", title="Lyon", headings=["Batteries?"])
    leeds = passage("Ask at the reception.", title="Leeds", headings=["Batteries"])
    said = await quote("where are the batteries in the Leeds office", lyon, leeds)
    assert said == "From *Leeds*:\n\n**Batteries**\n\nAsk at the reception. [2]"


async def test_what_is_about_a_thing_of_a_shorter_name_is_not_quoted():
    plain = passage("The minimum balance of Silver, and what happens below it, is 50 EUR.", title="Silver Account")
    plus = passage("A Silver Plus Account needs a balance of 90 EUR.", title="Silver Plus Account")
    said = await quote("what is the minimum balance of silver plus, what happens below", plain, plus)
    assert said == "From *Silver Plus Account*:\n\nA Silver Plus Account needs a balance of 90 EUR. [2]"


async def test_words_that_texts_write_small_too_are_no_name():
    lists = passage("Sign the address list. Address List is a program.", title="Address List")
    book = passage("Sign the book of each address.", title="Address book")
    assert "book of each address" in await quote("do I sign the address list or book", book, lists)


async def test_a_sentence_that_leans_on_the_one_before_it_brings_that_along():
    filler = " ".join(f"Line {number} of the metro passes many other streets and stations." for number in range(9))
    text = f"{filler} Take the Silver line. It stops at the office. Then walk past the guards. {filler}"
    said = await quote("do I walk past guards", passage(text, title="Getting here"))
    assert "Take the Silver line. It stops at the office. Then walk past the guards." in said


async def test_who_tells_to_do_something_is_told_how():
    steps = passage("1. Open the page.\n2. Choose the folder to restore.", title="Files", headings=["Steps"])
    told = passage("To restore a folder takes an hour.", title="Files", headings=["Facts"])
    assert (await quote("restore a folder", told, steps)).startswith("From *Files*:\n\n**Steps**")
    assert not (await quote("restore of a folder failed", told, steps)).startswith("From *Files*:\n\n**Steps**")


async def test_whoever_is_in_trouble_is_quoted_what_stands_under_a_heading_on_it():
    use = passage("The scans arrive in your mailbox.", title="Scan", headings=["Use"])
    trouble = passage("Where scans do not arrive, look in Junk.", title="Scan", headings=["Problems"])
    said = await quote("my scans are not arriving in the mailbox", trouble, use)
    assert "look in Junk" in said


async def test_a_paragraph_keeps_the_sentence_that_another_page_says_too():
    own = passage("No phone? Call extension 4000. They check a forgotten PIN.", title="PIN")
    other = passage("It is late. To check a forgotten PIN at night, call extension 4000.", title="Night")
    assert "No phone? Call extension 4000. They check" in await quote("forgotten PIN, who checks?", own, other)


async def test_a_list_that_ends_in_code_keeps_its_fence_closed():
    text = "1. Type this to print:\n\n   ```\n   lpr file\n   ```"
    assert (await quote("How do I print?", passage(text, title="Print"))).endswith("```\n\n[1]")


async def test_each_section_is_quoted_under_its_heading_and_what_has_none_before_them():
    about = {"title": "Mail on your phone", "document_id": -8}
    iphone = passage("1. Install the mail app.\n2. Sign in to mail.", headings=["iPhone"], **about)
    android = passage("1. Install the mail app from Play.\n2. Sign in.", headings=["*Android* [2]:"], **about)
    opening = passage("Mail on a phone goes through the mail app.", headings=["Mail on your phone"], **about)
    assert await quote("how do I set up the mail app on my phone?", iphone, opening, android) == (
        "From *Mail on your phone*:\n\nMail on a phone goes through the mail app. [2]\n\n"
        "**iPhone**\n\n1. Install the mail app.\n2. Sign in to mail. [1]\n\n"
        "**Android 2**\n\n1. Install the mail app from Play.\n2. Sign in. [3]"
    )


async def test_words_in_different_entries_of_a_list_answer_less_than_those_of_one_sentence():
    kept = passage("Attachments to a mail are kept in OneDrive.", title="Attachments")
    room = passage("1. Save attachments.\n2. Empty the bin.\n3. Sort your mail.", title="Room")
    assert (await quote("what becomes of attachments to mail", room, kept)).startswith("From *Attachments*")


async def test_who_asks_why_is_told_the_reason_first():
    does = passage("The Wi-Fi asks no password on a laptop.", title="Laptops")
    reason = passage("The Wi-Fi asks for no password, because it uses a certificate.", title="Passwords")
    assert (await quote("why does the Wi-Fi ask for no password?", does, reason)).startswith("From *Passwords*")
    assert (await quote("does the Wi-Fi ask for no password?", does, reason)).startswith("From *Laptops*")


async def test_a_heading_may_name_the_reasons():
    about = {"title": "Why can't I cancel a payment?", "document_id": -9}
    cure = passage("- Ask for the payment back.", headings=["What you can do"], **about)
    reasons = passage("- The payment was claimed.", headings=["Common reasons"], **about)
    text = await quote("why can't I cancel a payment?", cure, reasons)
    assert text.startswith(f"From *{about['title']}*:\n\n**Common reasons**")


async def test_whose_a_page_is_answers_only_where_nothing_else_does():
    text = "Owner: Devices Team \u00b7 Laptop keys reviewed: 2026-05-12\n\nThe laptop asks for a key."
    assert "Owner" not in await quote(
        "which keys does the devices team keep for a laptop?", passage(text, title="Keys")
    )
    assert "Owner" in await quote("who is the owner?", passage(text, title="Keys"))


async def test_the_name_of_a_table_is_no_answer_beside_its_rows():
    rows = passage(
        "| Model | For |\n| --- | --- |\n| ThinkPad | all staff, standard |", title="Devices", document_id=-9
    )
    about = passage("Standard laptops and devices: models", title="Devices", document_id=-9)
    assert "models" not in (said := await quote("which laptops are standard", about, rows))
    assert "ThinkPad" in said
    assert "models" in await quote("which laptops are standard", about)
    short = replace(about, text="Standard laptop: ThinkPad T14")
    assert "T14" in await quote("which laptops are standard", short, rows)


async def test_what_a_page_says_of_itself_is_not_quoted():
    benefit = passage(
        "This page outlines how to cancel the transit benefit. Go to the portal and withdraw from the transit benefit.",
        title="Transit benefit",
    )
    contents = passage("On this page:\n\n- Cancel the benefit\n- Transit", title="Transit benefit", document_id=-9)
    text = await quote("how do I cancel the transit benefit", benefit, contents)
    assert "This page" not in text
    assert "On this page" not in text
    assert "withdraw" in text
    assert "This page" in await quote("transit", replace(benefit, text="This page outlines the transit benefit."))


async def test_a_page_that_is_called_what_is_asked_answers_before_a_mention_elsewhere():
    linting = passage("Define the rake task and run it:\n\n```\nrake lint\n```", title="Linting")
    page = passage("Execute it in the container:\n\n```\nkubectl exec -- rake\n```", title="Run a rake task")
    text = await quote("how do I run a rake task", linting, page)
    assert text.index("kubectl exec") < (text.find("rake lint") if "rake lint" in text else len(text))


async def test_who_asks_how_to_is_told_under_the_heading_with_that_verb():
    check = passage("- See the page in the cache.", title="CDN", headings=["Page and cache"], document_id=-4)
    purge = passage("- Choose the page.", title="CDN", headings=["Purge a page"], document_id=-4)
    text = await quote("how do I purge a page in the cache", purge, check)
    assert text.startswith("From *CDN*:\n\n**Purge a page**")


async def test_beside_what_says_when_nothing_is_quoted_that_does_not():
    drill = passage("The alarm is tested every Monday at 10am.\n\nThe alarm is tested with care.", title="Alarm")
    assert "with care" not in await quote("when is the alarm tested", drill)
    assert "with care" in await quote("is the alarm tested", drill)


async def test_the_same_said_twice_is_quoted_once():
    text = await quote("How much leave do interns have?", LEAVE, passage(LEAVE.text, title="Leave, again"))
    assert text.count("Interns have 20 days.") == 1


async def test_the_same_in_other_words_on_another_page_is_quoted_once():
    twin = passage("Under the rules, 20 days is what interns have.", title="Interns")
    assert "Under the rules" not in await quote("How much leave do interns have?", LEAVE, twin)


async def test_what_a_page_tells_everybody_to_do_first_leads_what_is_quoted_of_it():
    steps = passage(
        "- If it was stolen, report the stolen laptop to the police.\n- Tell us when you last had it.",
        title="Lost or stolen laptop",
        headings=["What you do"],
        document_id=-7,
        place=2,
    )
    opening = passage(
        "Owner: Security Desk · Reviewed: 2026-09-17\n\nCall the Security Desk on extension 4999, day and night.",
        title="Lost or stolen laptop",
        document_id=-7,
        place=0,
    )
    assert await quote("my laptop was stolen, what now?", steps, opening) == (
        "From *Lost or stolen laptop*:\n\nCall the Security Desk on extension 4999, day and night. [2]\n\n"
        "**What you do**\n\n- If it was stolen, report the stolen laptop to the police.\n"
        "- Tell us when you last had it. [1]"
    )
    assert "4999" not in await quote("who reads what you report to the police?", steps, opening)


async def test_a_page_that_the_best_one_sends_to_leads_whoever_is_in_trouble():
    best = passage('A lost phone: read "Lost or stolen device" at once.', title="Company phones", document_id=-8)
    steps = passage("- Tell us when you last had it.", title="Lost or stolen device", document_id=-9, place=1)
    opening = passage("Call extension 4999, day and night.", title="Lost or stolen device", document_id=-9, place=0)
    said = await quote("lost my phone", best, steps, opening)
    assert said.startswith("From *Lost or stolen device*:\n\nCall extension 4999, day and night. [3]")
    other = passage("A lost phone is replaced within a day.", title="Company phones", document_id=-8)
    assert "4999" not in await quote("lost my phone, when is it replaced?", other, steps, opening)


async def test_short_forms_of_everyday_words_are_those_words():
    rights = passage("An administrator raises rights in the portal.", title="Portal")
    other = passage("The rights of users are reviewed.", title="Reviews")
    assert "reviewed" not in await quote("who has admin rights?", other, rights)


async def test_a_short_section_is_quoted_whole_and_in_order():
    text = "Fetch the profile:\n\n```\nopenvpn3 import\n```\n\nThen start it:\n\n```\nopenvpn3 start\n```"
    said = await quote("how do I fetch the vpn profile on linux", passage(text, title="VPN", headings=["Linux"]))
    assert said.index("import") < said.index("Then start it:") < said.index("openvpn3 start")


async def test_of_a_long_table_the_row_that_answers_is_quoted_under_its_header():
    head = "| Code | Meaning |\n| --- | --- |\n"
    table = head + "".join(f"| E-{number} | reason {number} |\n" for number in range(420, 430))
    said = await quote("what does E-424 mean", passage(table, title="Codes"))
    assert said == f"From *Codes*:\n\n{head}| E-424 | reason 424 |\n\n[1]"


async def test_an_amount_of_space_answers_how_much_space_though_it_says_no_space():
    places = passage("| Place | Size |\n|---|---|\n| Cloud | 1 TB |\n| Share | 2 TB |\n| Desk | 9 |", title="Save")
    slow = passage("Free space in the cloud makes a slow laptop fast. Close the browser.", title="Slow")
    assert "| Cloud | 1 TB |" in await quote("how much space is in the cloud", slow, places)
    assert "| Cloud | 1 TB |" not in await quote("is there free space in the cloud", slow, places)


async def test_the_header_of_a_table_counts_as_a_heading_does():
    rooms = passage("| Room | Floor |\n|---|---|\n| Bridge | 4 |\n| Cabin | 4 |", title="List of printers")
    jams = passage("Pull the jammed paper slowly.", title="Printer problems")
    said = await quote("printer on our floor jammed again", rooms, jams)
    assert said.startswith("From *Printer problems*:")


async def test_who_is_in_no_trouble_is_not_quoted_what_stands_under_a_heading_on_it_first():
    text = "## Calls fail\n\nWrite to the phone team about calls.\n\n## Numbers\n\nWrite to the phone team on calls."
    assert "Calls fail" not in (await quote("whom to write to about phone calls", passage(text, title="Phone")))[:40]


async def test_whose_page_it_is_is_no_answer_unless_it_is_asked():
    label = "Owner: Security Desk · Reviewed: 2026-09-17"
    page = passage(f"{label}\n\nA lost badge is blocked at once.", title="Lost badge")
    assert label not in await quote("i lost my badge", page)
    assert label in await quote("who is the owner, and was it reviewed by the security desk?", page)


async def test_one_document_stands_under_its_name_once_however_its_passages_rank():
    one = passage("Interns have 20 days of leave in Leeds.", title="Leave", document_id=-8)
    other = passage("Interns have 25 days of leave in Lyon.", title="Rules")
    again = passage("Interns have 30 days of leave in Porto.", title="Leave", document_id=-8)
    text = await quote("How many days of leave do interns have?", one, other, again)
    assert text.count("From *Leave*:") == 1
    assert cited_numbers(text) == [1, 3, 2]


async def test_two_documents_that_fit_are_both_quoted_under_their_names():
    left = passage("Interns have 20 days of leave in Leeds.", title="Leave in Leeds")
    right = passage("Interns have 25 days of leave in Lyon.", title="Leave in Lyon")
    text = await quote("How many days of leave do interns have?", left, right)
    assert "From *Leave in Leeds*:" in text
    assert "From *Leave in Lyon*:" in text
    assert cited_numbers(text) == [1, 2]


async def test_two_passages_of_one_document_stand_under_one_name():
    passages = [
        passage(f"Interns in {site} have {days} days of leave.", title="Leave", document_id=-1)
        for site, days in (("Leeds", 20), ("Lyon", 25))
    ]
    text = await quote("How many days of leave do interns have?", *passages)
    assert text.count("From *Leave*:") == 1
    assert cited_numbers(text) == [1, 2]


async def test_without_a_word_in_common_there_is_nothing_to_quote():
    with pytest.raises(CannotCompose, match="nothing to quote"):
        await quote("zebra crossing", LEAVE)
    with pytest.raises(CannotCompose):
        await quote("leave")


async def test_likeness_decides_between_blocks_with_equal_words():
    text = "## One\n\nLeave is granted.\n\n## Two\n\nLeave the building through the side door."
    embedder = HashedEmbedder()
    said = await quote("leave building door through side", passage(text, title="Rules"), embedder=embedder)
    assert "side door" in said
    assert len(embedder.embedded) == 3


async def test_an_embedder_that_is_down_or_slow_is_done_without():
    embedder = HashedEmbedder()
    embedder.is_down = True
    assert "20 days" in await quote("How much leave do interns have?", LEAVE, embedder=embedder)

    async def never(text: str, others: Sequence[str]) -> Sequence[float]:
        await asyncio.Event().wait()
        return [0.0] * len(others)

    draft = await Extractive(likeness_to=never).compose("How much leave do interns have?", [LEAVE], timeout_s=0.1)
    assert "20 days" in draft.text


BLOCKS = [
    "The VPN needs GlobalProtect. It asks for a code.",
    "To connect:\n\n1. Open Self Service.\n2. Install it.",
    "- Leeds\n- Lyon has a VPN gateway",
    "| Site | VPN |\n| --- | --- |\n| Leeds | yes |",
    "```\nvpn --connect leeds\n```",
    "## Leeds\n\nAsk Ada. She knows the VPN in Leeds, e.g. its portal `vpn.example.com`.",
    "> Never share the VPN code. Call 4000 instead!",
    "See [the VPN page](https://kb.example.com/vpn) or https://vpn.example.com/x?y=1 [7].",
    "![VPN chart](https://kb.example.com/chart.png) **VPN** _in_ Lyon: 3.5 hours.",
    "<b>VPN</b> @here <!channel> 2 codes",
]
TEXTS = st.lists(st.sampled_from(BLOCKS), min_size=1, max_size=5).map("\n\n".join)


def squeezed(text: str) -> str:
    return "".join(text.replace(">", "").split())


@settings(deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(["VPN in Leeds", "how do I connect", "code 4000", "Ada?"])
)
async def test_every_sentence_of_an_answer_stands_in_the_passage_it_cites(texts: list[str], question: str):
    passages = [Guard().clean(passage(text, title="VPN"))[0] for text in texts]
    try:
        said = await quote(question, *passages)
    except CannotCompose:
        return
    for part in re.split(r"\n\n(?=From )|(?<=\])\n\n", re.sub(r"From \*VPN\*:\n\n|\*\*Leeds\*\*\n\n", "", said)):
        (number,) = cited_numbers(part)
        quoted = part.replace(f"[{number}]", "")
        assert all(squeezed(one) in squeezed(passages[number - 1].text) for one in sentences(quoted))


@settings(deadline=None)
@given(
    st.lists(TEXTS, min_size=1, max_size=4), st.sampled_from(["VPN in Leeds", "how do I connect", "code 4000", "Ada?"])
)
async def test_what_is_quoted_passes_the_guard_untouched(texts: list[str], question: str):
    guard = Guard()
    passages = [guard.clean(passage(text, title="VPN"))[0] for text in texts]
    try:
        said = await quote(question, *passages)
    except CannotCompose:
        return
    assert guard.clean_answer(said, citations=len(passages)) == (said, [])
    cited = {number: whole_text(passages[number - 1]) for number in cited_numbers(said)}
    assert guard.check_grounding(said, cited) == []
