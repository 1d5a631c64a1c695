"""Every control that holds an attack off, how to take it away, and the tests that must then fail.

A control is taken away by replacing one piece of source that stands there once. Whoever moves or rewrites it moves the
entry here along: `tests/unit/test_controls.py` says when a piece is not found any more.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Control:
    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    """As pytest takes them: files or tests, of which one at least must fail."""


NEW_RULE = (
    "tests/integration/test_rights.py::test_a_rule_that_was_never_seen_before_counts_in_a_search_that_was_open_before"
)
RANDOM_WORLD = "tests/integration/test_rights.py::test_500_random_searches_show_nothing_that_a_reader_could_not_open"
ON_THE_WAY = "tests/scenarios/test_revoked_on_the_way.py"
SECOND_LINES = "tests/security/test_second_lines.py"
SNAPSHOT = "knowledge/store/snapshot.py"
PASSAGES = "knowledge/store/passages.py"
GATE = "src/helpdesk_bot/chat/teams/gate.py"
BOUNDS = "connectors/http/bounds.py"
MARKUP = "src/helpdesk_bot/guard/markup.py"
PRIVATE = "src/helpdesk_bot/desk/private.py"
CHILD = "connectors/text/child.py"
SLACK_RIGHTS = "tests/scenarios/test_slack_rights.py"
PRIVATE_ANSWERS = "tests/scenarios/test_private_answers.py"
SLACK_APP = "tests/integration/test_slack_app.py"
TEAMS_GATE = "tests/integration/test_teams_gate.py"
BROWSER = "tests/integration/test_browser_routes.py"
CONSOLE = "tests/scenarios/test_console.py"
LIMITS = "tests/integration/test_text_limits.py"
ADMIN_MATRIX = "tests/scenarios/test_admin_matrix.py"
ADMINS = "tests/scenarios/test_admin_commands.py"
REVIEW = "tests/scenarios/test_review.py"
FORGETTING = "tests/integration/test_forgetting.py"
AUDIT = "tests/integration/test_audit.py"
AGREEING = "src/helpdesk_bot/desk/agreeing.py"
CALLING = "src/helpdesk_bot/desk/calling.py"
PROPOSALS = "tests/scenarios/test_proposals.py"
PROPOSAL_RIGHTS = "tests/scenarios/test_proposals_rights.py"
PROPOSAL_RECORDS = "tests/integration/test_proposal_records.py"
ANSWERS = "tests/integration/test_tools_in_answers.py"
MISUSE = "tests/security/test_tool_misuse.py"
WAY_OUT = "tests/integration/test_way_out.py"
LANGUAGES = "tests/integration/test_other_languages.py"

RIGHTS = (
    Control(
        name="rights in the search by vector",
        file=SNAPSHOT,
        old="                  where access_id = any(%(access_ids)s)\n                  order by {order}",
        new="                  where %(access_ids)s::integer[] is not null\n                  order by {order}",
        tests=(RANDOM_WORLD,),
    ),
    Control(
        name="rights in the search by words",
        file=SNAPSHOT,
        old="where ({condition}) and access_id = any(%s)",
        new="where ({condition}) and %s::integer[] is not null",
        tests=(RANDOM_WORLD,),
    ),
    Control(
        name="rights where candidates are read",
        file=SNAPSHOT,
        old="chunk.id = any(%(chunk_ids)s) and document.access_id = any(%(access_ids)s)",
        new="chunk.id = any(%(chunk_ids)s) and %(access_ids)s::integer[] is not null",
        tests=(SECOND_LINES,),
    ),
    Control(
        name="rights where a passage is opened",
        file=PASSAGES,
        old="where chunk.id = %s and document.access_id = any(%s)",
        new="where chunk.id = %s and %s::integer[] is not null",
        tests=(RANDOM_WORLD, "tests/integration/test_search_passages.py"),
    ),
    Control(
        name="rights where what stands beside a passage, or how a document begins, is read",
        file=PASSAGES,
        old="where document.access_id = any(%s)\n                order by wanted.number",
        new="where %s::integer[] is not null\n                order by wanted.number",
        tests=("tests/integration/test_search_passages.py",),
    ),
    Control(
        name="rights where a short name is looked up",
        file="knowledge/store/names.py",
        old="where %(acronyms)s and document.access_id = any(%(access_ids)s)",
        new="where %(acronyms)s and %(access_ids)s::integer[] is not null",
        tests=("tests/integration/test_search_names.py",),
    ),
    Control(
        name="rights where a question's word is put in two",
        file="knowledge/store/spellings.py",
        old="where lexical.term_ids @> known.term_ids and document.access_id = any(%(access_ids)s)",
        new="where lexical.term_ids @> known.term_ids and %(access_ids)s::integer[] is not null",
        tests=("tests/integration/test_search_passages.py",),
    ),
    Control(
        name="rights where a question's words are put in one",
        file="knowledge/store/spellings.py",
        old="where lexical.access_id = any(%s)",
        new="where %s::integer[] is not null",
        tests=("tests/integration/test_search_passages.py",),
    ),
    Control(
        name="rights where a question's slip is corrected",
        file="knowledge/store/spellings.py",
        old="                and document.access_id = any(%(access_ids)s)",
        new="                and %(access_ids)s::integer[] is not null",
        tests=("tests/integration/test_search_passages.py",),
    ),
    Control(
        name="rights where a synonym is looked up",
        file="knowledge/store/names.py",
        old="where %(synonyms)s and document.access_id = any(%(access_ids)s)",
        new="where %(synonyms)s and %(access_ids)s::integer[] is not null",
        tests=("tests/integration/test_search_names.py",),
    ),
    Control(
        name="rights where it is asked what may still be read",
        file=PASSAGES,
        old="where chunk.id = any(%s) and document.access_id = any(%s)",
        new="where chunk.id = any(%s) and %s::integer[] is not null",
        tests=(RANDOM_WORLD,),
    ),
    Control(
        name="every set of a rule must let a person pass",
        file="connectors/documents.py",
        old="return all(not one_of.isdisjoint(principals) for one_of in self.all_of)",
        new="return any(not one_of.isdisjoint(principals) for one_of in self.all_of)",
        tests=(RANDOM_WORLD,),
    ),
    Control(
        name="every reader of a place must pass",
        file="knowledge/audience.py",
        old="return all(rule.admits(principals) for principals in self.readers)",
        new="return any(rule.admits(principals) for principals in self.readers)",
        tests=("tests/unit/knowledge/test_access_rules.py",),
    ),
    Control(
        name="remembered rights end when rights change",
        file="knowledge/access.py",
        old="if snapshot.moment.rights_version != self._version:",
        new="if self._version == -1:",
        tests=(NEW_RULE,),
    ),
    Control(
        name="what a source left behind is nobody's",
        file="src/helpdesk_bot/app/knowledge.py",
        old="Access(store, sources=sources)",
        new="Access(store)",
        tests=(
            "tests/scenarios/test_stale_answers.py::test_what_a_source_left_behind_that_is_set_no_more_is_not_said",
        ),
    ),
    Control(
        name="a guest is one of the public",
        file="src/helpdesk_bot/people.py",
        old="if person.is_guest or not person.email:",
        new="if not person.email:",
        tests=(SLACK_RIGHTS + "::test_where_a_guest_reads_along_only_what_is_public_is_said",),
    ),
    Control(
        name="an audience is everybody in the place",
        file="src/helpdesk_bot/people.py",
        old="if place.kind is PlaceKind.DIRECT:",
        new="if place.kind is not None:",
        tests=(SLACK_RIGHTS + "::test_in_a_channel_only_what_all_its_members_may_read_is_said",),
    ),
    Control(
        name="readers of a shared channel of Teams are not known",
        file="src/helpdesk_bot/chat/teams/chat.py",
        old="if (await self._posts.get_conversation(place)).is_shared:",
        new="if (await self._posts.get_conversation(place)) is None:",
        tests=("tests/integration/test_teams_chat.py::test_who_reads_a_shared_channel_of_teams_is_not_known",),
    ),
    Control(
        name="readers of a shared channel are not known",
        file="src/helpdesk_bot/chat/slack/places.py",
        old="            if is_shared_channel(await self._get_info(place)):\n                return None",
        new="            if await self._get_info(place) is None:\n                return None",
        tests=("tests/integration/test_slack_chat.py::test_who_reads_a_shared_channel_is_not_known",),
    ),
    Control(
        name="rights are asked again right before it is said",
        file="src/helpdesk_bot/desk/truth.py",
        old="return not shown or len(await self._search.still_readable(shown, audience)) == len(shown)",
        new="return not shown or len(await self._search.still_readable(shown, audience)) >= 0",
        tests=(SLACK_RIGHTS + "::test_a_right_that_is_revoked_while_the_answer_is_made_counts",),
    ),
    Control(
        name="rights to titles that are asked about are asked again right before they are said",
        file="src/helpdesk_bot/desk/truth.py",
        old=".union(reply.asks_about)",
        new="",
        tests=(ON_THE_WAY + "::test_titles_to_choose_from_are_not_shown_to_who_may_not_read_them_any_more",),
    ),
    Control(
        name="what is decided anew is looked at again",
        file="src/helpdesk_bot/desk/truth.py",
        old="        if await self.may_be_said(anew, question.place, question.person_id):\n            return anew\n",
        new="        if anew:\n            return anew\n",
        tests=(ON_THE_WAY + "::test_what_is_decided_anew_is_looked_at_again",),
    ),
    Control(
        name="people are shown what their channel may read",
        file="src/helpdesk_bot/desk/truth.py",
        old="return tuple(passage for passage in passages if passage.chunk_id in readable)",
        new="return tuple(passage for passage in passages if passage.chunk_id or readable)",
        tests=(ON_THE_WAY + "::test_people_are_not_shown_what_their_channel_may_not_read_any_more",),
    ),
    Control(
        name="a private answer is for whoever asked",
        file=PRIVATE,
        old="if question.person_id != click.person_id:",
        new="if not click.person_id:",
        tests=(PRIVATE_ANSWERS + "::test_only_the_asker_sees_the_private_answer_and_only_once",),
    ),
    Control(
        name="a private answer is shared if everybody may read it",
        file=PRIVATE,
        old="            if not is_fit:\n                await self._refuse(question, person_id)\n",
        new="            if is_fit is None:\n                await self._refuse(question, person_id)\n",
        tests=(PRIVATE_ANSWERS + "::test_sharing_is_refused_while_not_everybody_may_read_it_and_is_written_down",),
    ),
    Control(
        name="why shows an admin no more than they may read",
        file="src/helpdesk_bot/why.py",
        old="may_read = await self.may_read(trace.place, trace.person_id, platform=platform, person_id=person_id)",
        new="may_read = trace is not None",
        tests=(ADMINS + "::test_why_shows_no_admin_what_they_may_not_read",),
    ),
    Control(
        name="review shows an admin no words from a place that they don't read",
        file="src/helpdesk_bot/commands/review.py",
        old="if may_read else",
        new="if one.text else",
        tests=(REVIEW + "::test_words_are_for_those_who_read_the_place_they_were_said_in",),
    ),
)

DOORS = (
    Control(
        name="Slack's signature",
        file="src/helpdesk_bot/chat/slack/routes.py",
        old="return _is_utf8(body) and verifier.is_valid(body, timestamp, signature)",
        new="return _is_utf8(body) and bool(verifier and timestamp and signature)",
        tests=(SLACK_APP,),
    ),
    Control(
        name="each of Slack's headers once",
        file="src/helpdesk_bot/chat/slack/routes.py",
        old='match headers.getlist("x-slack-request-timestamp"), headers.getlist("x-slack-signature"):',
        new='match headers.getlist("x-slack-request-timestamp")[:1], headers.getlist("x-slack-signature")[:1]:',
        tests=(SLACK_APP + "::test_a_doubled_header_is_not_taken_in",),
    ),
    Control(
        name="Slack's own app and workspace",
        file="src/helpdesk_bot/chat/slack/payloads/origin.py",
        old="return is_our_app and _team_of(body) in (None, bot.team_id)",
        new="return is_our_app or _team_of(body) is None",
        tests=(SLACK_APP,),
    ),
    Control(
        name="a body has a limit",
        file="src/helpdesk_bot/chat/slack/routes.py",
        old=", max_body_size=MAX_BODY_BYTES",
        new="",
        tests=(SLACK_APP + "::test_a_body_beyond_the_limit_is_not_read",),
    ),
    Control(
        name="a press has its effect once",
        file="src/helpdesk_bot/records/presses.py",
        old="return bool(cursor.rowcount)",
        new="return bool(cursor.rowcount) or bool(key)",
        tests=(SECOND_LINES,),
    ),
    Control(
        name="Teams' own channel",
        file=GATE,
        old="if envelope.channel_id != CHANNEL_ID:",
        new="if not envelope.channel_id:",
        tests=(TEAMS_GATE,),
    ),
    Control(
        name="Teams' own services",
        file=GATE,
        old="if not is_service_url(envelope.service_url, with_loopback=self._with_loopback):",
        new="if not envelope.service_url:",
        tests=(TEAMS_GATE,),
    ),
    Control(
        name="Teams' one organisation",
        file=GATE,
        old="if self._tenant_id and envelope.tenant != self._tenant_id:",
        new="if self._tenant_id and not envelope.tenant:",
        tests=(TEAMS_GATE,),
    ),
    Control(
        name="a token's issuer",
        file=GATE,
        old='if claims.get_claim_value("iss") != AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER:',
        new='if not claims.get_claim_value("iss"):',
        tests=(TEAMS_GATE,),
    ),
    Control(
        name="a key endorsed for Teams",
        file=GATE,
        old='if CHANNEL_ID not in key.get("endorsements", ()):',
        new="if not key:",
        tests=(TEAMS_GATE,),
    ),
    Control(
        name="no start without an app id",
        file=GATE,
        old="if not app_id and not is_development:",
        new="if not app_id and is_development is None:",
        tests=(TEAMS_GATE + "::test_without_an_app_id_it_does_not_start",),
    ),
    Control(
        name="our own page alone sends to the browser chat",
        file="src/helpdesk_bot/chat/browser/sent.py",
        old="if not is_from_our_page(request):",
        new="if request is None:",
        tests=(BROWSER,),
    ),
    Control(
        name="a conversation belongs to its cookie",
        file="src/helpdesk_bot/chat/browser/visitors.py",
        old="return hmac.compare_digest(seal, _seal(visitor, nonce))",
        new="return bool(seal and nonce and visitor)",
        tests=(BROWSER,),
    ),
    Control(
        name="only a button that stands there is pressed",
        file="src/helpdesk_bot/chat/browser/endpoints.py",
        old="if (sent.action, sent.value) not in {(button.action, button.value) for button in buttons}:",
        new="if buttons is None:",
        tests=("tests/integration/test_browser_actions.py",),
    ),
    Control(
        name="headers that fence the page in",
        file="src/helpdesk_bot/pages/headers.py",
        old="MutableHeaders(scope=message).update(self._headers)",
        new="MutableHeaders(scope=message)",
        tests=(BROWSER,),
    ),
    Control(
        name="the console's link works once",
        file="src/helpdesk_bot/records/console.py",
        old="              delete from helpdesk.console_link\n              where",
        new="              update helpdesk.console_link set digest = digest\n              where",
        tests=(CONSOLE + "::test_a_link_works_once",),
    ),
    Control(
        name="the console's link ends",
        file="src/helpdesk_bot/records/console.py",
        old="            where expires_at > now()\n            returning",
        new="            where expires_at is not null\n            returning",
        tests=(CONSOLE + "::test_a_link_is_worth_nothing_after_ten_minutes",),
    ),
    Control(
        name="the console's session ends",
        file="src/helpdesk_bot/records/console.py",
        old="            where digest = %s and expires_at > now()",
        new="            where digest = %s",
        tests=(CONSOLE + "::test_a_session_ends_after_twelve_hours",),
    ),
    Control(
        name="the console is an admin's at every request",
        file="src/helpdesk_bot/admission.py",
        old="        if not await self._is_admin(visitor):",
        new="        if visitor is None:",
        tests=(CONSOLE + "::test_who_is_no_admin_any_more_is_signed_out_at_the_next_request",),
    ),
    Control(
        name="the console lets in who is an admin when the link is used",
        file="src/helpdesk_bot/admission.py",
        old="        if not is_admin:",
        new="        if is_admin is None:",
        tests=(CONSOLE + "::test_a_link_of_who_is_no_admin_any_more_lets_nobody_in",),
    ),
    Control(
        name="of the console's links only hashes are kept",
        file="src/helpdesk_bot/admission.py",
        old="    return hashlib.sha256(secret.encode()).digest()",
        new="    return secret.encode()",
        tests=(CONSOLE + "::test_of_links_and_sessions_only_hashes_are_kept",),
    ),
    Control(
        name="our own pages alone send to the console",
        file="src/helpdesk_bot/console/door.py",
        old="    if not is_from_our_page(request):",
        new="    if request is None:",
        tests=(CONSOLE + "::test_another_sites_form_changes_nothing",),
    ),
    Control(
        name="the console's cookie is out of reach",
        file="src/helpdesk_bot/console/door.py",
        old='            secure=self._parts.is_secure,\n            httponly=True,\n            samesite="strict",',
        new="",
        tests=(CONSOLE + "::test_the_cookie_is_out_of_reach_of_scripts_other_sites_and_plain_http",),
    ),
    Control(
        name="names that the console answers to",
        file="src/helpdesk_bot/web.py",
        old="fence = [Middleware(TrustedHostMiddleware, allowed_hosts=hosts)]",
        new='fence = [Middleware(TrustedHostMiddleware, allowed_hosts=["*"])]',
        tests=(CONSOLE + "::test_it_answers_to_its_own_name_alone",),
    ),
    Control(
        name="the console's name opens nothing else",
        file="src/helpdesk_bot/web.py",
        old="hosts=[*hosts, *filter(None, [console_host])]",
        new="hosts=hosts.extend(filter(None, [console_host])) or hosts",
        tests=(CONSOLE + "::test_its_name_opens_no_other_page_of_ours",),
    ),
    Control(
        name="what people wrote is text in the console",
        file="src/helpdesk_bot/console/frame.py",
        old="autoescape=True",
        new="autoescape=False",
        tests=(CONSOLE + "::test_what_people_wrote_is_text_on_every_page",),
    ),
    Control(
        name="words of others' places are not shown in the console",
        file="src/helpdesk_bot/console/questions.py",
        old="            text=asked.text if may_read else None,",
        new="            text=asked.text,",
        tests=(CONSOLE + "::test_words_of_a_place_that_the_admin_does_not_read_are_not_shown",),
    ),
    Control(
        name="words of others' places are not shown in the console's review",
        file="src/helpdesk_bot/console/review.py",
        old="            text=one.text if may_read else None,",
        new="            text=one.text,",
        tests=(CONSOLE + "::test_the_review_shows_what_did_not_help_and_for_whom_it_is_to_read",),
    ),
    Control(
        name="a saved answer is shown in the console to who reads its place",
        file="src/helpdesk_bot/console/curated.py",
        old="may_read=eyes.see(one.place, one.drafted_by)",
        new="may_read=True",
        tests=(CONSOLE + "::test_a_saved_answer_of_a_place_that_the_admin_does_not_read_is_not_shown",),
    ),
    Control(
        name="without a session nothing is done in the console",
        file="src/helpdesk_bot/console/door.py",
        old="        if visitor is None:\n            response = ",
        new="        if visitor == ():\n            response = ",
        tests=(CONSOLE + "::test_without_a_session_nothing_is_done",),
    ),
    Control(
        name="an answer is shown in the console to who may read the question",
        file="src/helpdesk_bot/console/questions.py",
        old="await self._find_posted(asked) if line.text is not None else None",
        new="await self._find_posted(asked)",
        tests=(CONSOLE + "::test_words_of_a_place_that_the_admin_does_not_read_are_not_shown",),
    ),
    Control(
        name="whoever runs the machine reads no direct conversation",
        file="src/helpdesk_bot/why.py",
        old="            return place.kind is not PlaceKind.DIRECT",
        new="            return place.kind is not None",
        tests=(CONSOLE + "::test_whoever_runs_the_machine_sees_what_the_command_line_shows",),
    ),
    Control(
        name="names that our pages answer to",
        file="src/helpdesk_bot/web.py",
        old="hosts = [*LOOPBACK_HOSTS, *sorted(trusted_hosts)]",
        new='hosts = ["*", *LOOPBACK_HOSTS, *sorted(trusted_hosts)]',
        tests=("tests/security/test_web.py",),
    ),
    Control(
        name="questions a minute",
        file="src/helpdesk_bot/chat/browser/throttle.py",
        old="        if tokens < 1:",
        new="        if tokens < -1_000_000:",
        tests=("tests/unit/chat/test_browser_throttle.py",),
    ),
    Control(
        name="staff knowledge is not shown to the network",
        file="src/helpdesk_bot/settings/settings.py",
        old='if self.browser_chat == "staff" and not self.listens_on_loopback:',
        new='if self.browser_chat == "nobody":',
        tests=("tests/unit/test_settings.py",),
    ),
    Control(
        name="commands for admins are for admins",
        file="src/helpdesk_bot/commands/commands.py",
        old='            if not is_admin:\n                return f"',
        new='            if is_admin is None:\n                return f"',
        tests=(ADMINS + "::test_what_is_for_admins_is_refused_to_others_and_every_use_is_written_down",),
    ),
    Control(
        name="a guest is no admin",
        file="src/helpdesk_bot/people.py",
        old="return not person.is_guest and person.email is not None and",
        new="return person.email is not None and",
        tests=(ADMIN_MATRIX + "::test_no_command_for_admins_does_anything_for_anybody_else",),
    ),
    Control(
        name="nobody is told that an embedded model is used",
        file="knowledge/embedding/__init__.py",
        old='os.environ["ORT_DISABLE_TELEMETRY"] = "1"',
        new='os.environ["ORT_DISABLE_TELEMETRY"] = "0"',
        tests=("tests/unit/knowledge/test_embedding.py::test_nobody_is_told_that_a_model_is_used",),
    ),
    Control(
        name="drafts are decided where approvers are",
        file="src/helpdesk_bot/desk/drafts.py",
        old="if self._approvals.channels.get(place.platform) != place.channel:",
        new="if not place.channel:",
        tests=("tests/scenarios/test_drafts.py::test_only_where_approvers_are_it_can_be_approved",),
    ),
    Control(
        name="approvers are colleagues in their channel",
        file="src/helpdesk_bot/desk/drafts.py",
        old="        if not await self._is_approver(place, person_id):",
        new="        if not person_id:",
        tests=("tests/scenarios/test_drafts.py::test_who_is_no_colleague_in_their_channel_approves_nothing",),
    ),
    Control(
        name="a draft is decided on what was seen",
        file="src/helpdesk_bot/records/drafts.py",
        old="          and (%s::integer is null or (draft.revision = %s and question.revision = draft.revision))",
        new="          and (%s::integer is null or %s >= 0)",
        tests=("tests/integration/test_draft_records.py",),
    ),
    Control(
        name="a draft is decided once",
        file="src/helpdesk_bot/records/drafts.py",
        old="          and draft.state = 'waiting'\n",
        new="",
        tests=("tests/integration/test_draft_records.py",),
    ),
    Control(
        name="curated answers are decided by their holder or an admin",
        file="src/helpdesk_bot/escalation/pressing.py",
        old="        if not may_decide:",
        new="        if may_decide is None:",
        tests=(ADMIN_MATRIX + "::test_no_button_does_anything_for_whom_it_is_not",),
    ),
    Control(
        name="cases are for helpers",
        file="src/helpdesk_bot/escalation/pressing.py",
        old="    if refusal := await self._refusal(click.action, case, actor, question):",
        new="    if refusal := None:",
        tests=(ADMIN_MATRIX + "::test_no_button_does_anything_for_whom_it_is_not",),
    ),
)

OUTPUT = (
    Control(
        name="a terminal obeys nothing in what is printed",
        file="src/helpdesk_bot/cli/output.py",
        old="segment._replace(text=strip_hidden(segment.text)[0])",
        new="segment._replace(text=segment.text or strip_hidden(segment.text)[0])",
        tests=("tests/unit/test_command_output.py",),
    ),
    Control(
        name="a terminal obeys nothing in JSON",
        file="src/helpdesk_bot/cli/output.py",
        old='f"\\\\u{ord(control[0]):04x}"',
        new="control[0]",
        tests=("tests/unit/test_command_output.py",),
    ),
    Control(
        name="answers are cleaned",
        file="src/helpdesk_bot/guard/outgoing.py",
        old='text, found = inert(_WIDE_MARKER.sub(r"[\\1]", text))',
        new='text, found = _WIDE_MARKER.sub(r"[\\1]", text), inert("")[1]',
        tests=("tests/security/test_exfiltration.py",),
    ),
    Control(
        name="markers of no passage go",
        file="src/helpdesk_bot/guard/outgoing.py",
        old="known = [number for number in numbers if 1 <= number <= citations]",
        new="known = [number for number in numbers if 1 <= number]",
        tests=("tests/unit/guard/test_outgoing.py",),
    ),
    Control(
        name="links go",
        file=MARKUP,
        old="    text, links = _LINK.subn(_label, text)",
        new="    text, links = text, 0",
        tests=("tests/unit/guard/test_markup.py",),
    ),
    Control(
        name="addresses become code",
        file=MARKUP,
        old="    text = addresses_as_words(text, found)\n",
        new="",
        tests=("tests/unit/guard/test_markup.py",),
    ),
    Control(
        name="mentions go",
        file=MARKUP,
        old="    text, mentions = _SLACK_MENTION.subn(_mention_name, text)",
        new="    text, mentions = text, 0",
        tests=("tests/unit/guard/test_markup.py",),
    ),
    Control(
        name="broadcasts go",
        file=MARKUP,
        old='return _replace(_BROADCAST, "", text, found, "mention")',
        new="return text",
        tests=("tests/unit/guard/test_markup.py",),
    ),
    Control(
        name="secrets go",
        file=MARKUP,
        old='    text = _replace(_SECRET, "(removed)", text, found, "secret")\n',
        new="",
        tests=("tests/unit/guard/test_markup.py",),
    ),
    Control(
        name="answers stand on passages",
        file="src/helpdesk_bot/agent/nodes/writing.py",
        old="return text, [*redacted, *self._guard.check_grounding(text, cited)]",
        new='return text, [*redacted, *self._guard.check_grounding("", cited)]',
        tests=("tests/unit/agent/test_agent.py::test_a_draft_that_says_more_than_the_documents_is_not_used",),
    ),
    Control(
        name="numbers stand on passages",
        file="src/helpdesk_bot/guard/grounding.py",
        old="    if not numbers <= cited.numbers | _counted(statement) or any(",
        new="    if any(",
        tests=("tests/unit/guard/test_grounding.py",),
    ),
    Control(
        name="no previews in Slack",
        file="src/helpdesk_bot/chat/slack/posts.py",
        old="            unfurl_links=False,\n",
        new="            unfurl_links=True,\n",
        tests=("tests/integration/test_slack_chat.py::test_every_post_asks_for_no_preview_no_names_and_no_markup",),
    ),
    Control(
        name="streamed text is not live",
        file="src/helpdesk_bot/chat/slack/safe_markdown.py",
        old='escaped = text.replace("&", "&amp;").replace("<", f"&lt;{_GAP}")',
        new='escaped = text.replace("&", "&amp;")',
        tests=("tests/unit/chat/test_slack_safe_markdown.py",),
    ),
    Control(
        name="Teams' Markdown is not live",
        file="src/helpdesk_bot/chat/teams/markdown.py",
        old='    escaped = _SPECIAL.sub(lambda sign: f"\\\\{sign[0]}", word)',
        new="    escaped = word",
        tests=("tests/unit/chat/test_teams_messages.py",),
    ),
    Control(
        name="the browser's HTML holds no link",
        file="src/helpdesk_bot/pages/safe_html.py",
        old='    if token.type in {"link_open", "link_close"}:',
        new='    if token.type in {"nothing"}:',
        tests=("tests/unit/test_safe_html.py",),
    ),
    Control(
        name="the browser's HTML is ours",
        file="src/helpdesk_bot/pages/safe_html.py",
        old='{"html": False, "xhtmlOut": False}',
        new='{"html": True, "xhtmlOut": False}',
        tests=("tests/unit/test_safe_html.py",),
    ),
)

INPUT = (
    Control(
        name="passages are cleaned before they are read",
        file="src/helpdesk_bot/guard/passages.py",
        old="    for check in (nothing_acts, planted_instructions, personal_data):",
        new="    for check in (planted_instructions, personal_data):",
        tests=("tests/unit/guard/test_passages.py",),
    ),
    Control(
        name="planted instructions go",
        file="src/helpdesk_bot/guard/passages.py",
        old="return text if is_left else kept, verdicts",
        new="return text, verdicts",
        tests=("tests/unit/guard/test_passages.py", "tests/security/test_injection.py"),
    ),
    Control(
        name="hidden characters go",
        file=MARKUP,
        old="    text, hidden = strip_hidden(text)",
        new="    text, hidden = text, 0",
        tests=("tests/unit/guard/test_markup.py", "tests/unit/guard/test_passages.py"),
    ),
    Control(
        name="a question has a length",
        file="src/helpdesk_bot/guard/incoming.py",
        old="strip_hidden(text[:MAX_CHARACTERS])",
        new="strip_hidden(text)",
        tests=("tests/unit/guard/test_incoming.py",),
    ),
    Control(
        name="passages stand behind a marker that nobody can guess",
        file="src/helpdesk_bot/agent/wording/generate.py",
        old='fence = f"-----{secrets.token_hex(8)}"',
        new='fence = "-----" + secrets.__name__',
        tests=("tests/integration/test_agent_models.py",),
    ),
    Control(
        name="a checkpoint names no class",
        file="src/helpdesk_bot/agent/history.py",
        old="pickle_fallback=False, allowed_json_modules=None, allowed_msgpack_modules=None",
        new="pickle_fallback=True, allowed_json_modules=True, allowed_msgpack_modules=True",
        tests=("tests/integration/test_checkpoint_attacks.py",),
    ),
    Control(
        name="a source's host",
        file=BOUNDS,
        old="        if _place(url) not in self._allowed:",
        new="        if not _place(url):",
        tests=("tests/unit/connectors/test_http_bounds.py",),
    ),
    Control(
        name="redirects are checked like requests",
        file="connectors/http/transport.py",
        old="        self._bounds.check(request.url)\n",
        new="",
        tests=("tests/integration/test_http_ssrf.py", SECOND_LINES),
    ),
    Control(
        name="https",
        file=BOUNDS,
        old='        if url.scheme == "http" and not is_loopback(url.host):',
        new='        if url.scheme == "gopher":',
        tests=("tests/unit/connectors/test_http_bounds.py",),
    ),
    Control(
        name="no user name in an address",
        file=BOUNDS,
        old="        if url.userinfo:",
        new="        if url is None:",
        tests=("tests/unit/connectors/test_http_bounds.py",),
    ),
    Control(
        name="what a name leads to is checked",
        file="connectors/http/transport.py",
        old="        self._bounds.check_addresses(url, found)\n",
        new="",
        tests=("tests/integration/test_http_ssrf.py",),
    ),
    Control(
        name="the connection goes to what was checked",
        file="connectors/http/transport.py",
        old="            request.url.copy_with(host=address),",
        new="            request.url,",
        tests=("tests/integration/test_http_ssrf.py",),
    ),
    Control(
        name="a proxy is not asked for this machine or an inner address",
        file="connectors/http/way_out.py",
        old="        if not proxy or is_inner_host(host) or any(",
        new="        if not proxy or any(",
        tests=("tests/unit/connectors/test_http_way_out.py", WAY_OUT),
    ),
    Control(
        name="a number that stands for an inner address is no name to a proxy",
        file="connectors/http/transport.py",
        old="            self._bounds.check_addresses(url, [spelled])\n",
        new="            pass\n",
        tests=(WAY_OUT,),
    ),
    Control(
        name="what is in the company's own network is not the proxy's to look up",
        file="connectors/http/transport.py",
        old="        if self._bounds.may_be_inner(url) or self._way_out",
        new="        if self._way_out",
        tests=(WAY_OUT,),
    ),
    Control(
        name="the bot's token goes to Slack only",
        file="src/helpdesk_bot/chat/slack/files.py",
        old='        if not (is_slack or is_base) or "@" in parts.netloc:',
        new="        if is_slack is None or is_base is None:",
        tests=("tests/integration/test_slack_places.py::test_the_token_goes_to_slack_only",),
    ),
    Control(
        name="a parser's processor time",
        file=CHILD,
        old="resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time()) + limits.cpu_s, hard))",
        new="resource.setrlimit(resource.RLIMIT_CPU, (hard, hard))",
        tests=(LIMITS + "::test_processor_time_is_limited",),
    ),
    Control(
        name="a parser's memory",
        file=CHILD,
        old="resource.setrlimit(resource.RLIMIT_AS, (self._used_bytes() + limits.memory_bytes, hard))",
        new="resource.setrlimit(resource.RLIMIT_AS, (hard, hard))",
        tests=(LIMITS + "::test_memory_is_limited",),
    ),
    Control(
        name="a parser opens nothing",
        file=CHILD,
        old="        resource.setrlimit(limit, (0, 0))",
        new="        resource.getrlimit(limit)",
        tests=(LIMITS + "::test_the_child_knows_nothing_and_can_open_nothing",),
    ),
    Control(
        name="Confluence's queries hold quoted values",
        file="connectors/confluence/cql.py",
        old='words.replace("\\\\", "\\\\\\\\").replace(\'"\', \'\\\\"\')',
        new="words",
        tests=("tests/unit/connectors/test_confluence_cql.py",),
    ),
    Control(
        name="Drive's queries hold quoted values",
        file="connectors/google_drive/listing.py",
        old='    escaped = text.replace("\\\\", "\\\\\\\\").replace("\'", "\\\\\'")',
        new="    escaped = text",
        tests=(SECOND_LINES,),
    ),
)

RECORD = (
    Control(
        name="what a command showed is not kept",
        file="src/helpdesk_bot/desk/planning.py",
        old="link=told.link, is_kept=False",
        new="link=told.link",
        tests=("tests/scenarios/test_forget_me.py",),
    ),
    Control(
        name="the audit is a chain",
        file="src/helpdesk_bot/records/audit.py",
        old="        if digest_of(entry, after=self._digest) != entry.digest:",
        new="        if not entry.digest:",
        tests=(AUDIT,),
    ),
    Control(
        name="the audit is only added to",
        file="src/helpdesk_bot/sql/0012_audit.sql",
        old="  raise exception 'the audit is only added to';",
        new="  return coalesce(new, old);",
        tests=(AUDIT,),
    ),
    Control(
        name="the audit's end is known",
        file="src/helpdesk_bot/records/audit.py",
        old="        if (self._number, self._digest) != (self._head.number, self._head.digest):",
        new="        if self._number < 0:",
        tests=(AUDIT,),
    ),
    Control(
        name="every use of an admin's command is written down",
        file="src/helpdesk_bot/commands/commands.py",
        old="            await self._records.audit(\n",
        new="            dict(\n",
        tests=(ADMINS + "::test_what_is_for_admins_is_refused_to_others_and_every_use_is_written_down",),
    ),
    Control(
        name="a forgotten person's names go",
        file="src/helpdesk_bot/records/privacy.py",
        old='    return (*_STEPS, ("Teams contacts", _CONTACT_NAME if stays else _CONTACTS), *_NAMES)',
        new='    return (*_STEPS, ("Teams contacts", _CONTACT_NAME if stays else _CONTACTS))',
        tests=(FORGETTING,),
    ),
    Control(
        name="what is past its time goes",
        file="src/helpdesk_bot/records/retention.py",
        old="delete from helpdesk.press where at < now() - %(working)s",
        new="delete from helpdesk.press where at < now() - %(working)s * 1000",
        tests=(FORGETTING,),
    ),
    Control(
        name="settings are shown without secrets",
        file="src/helpdesk_bot/cli/examining.py",
        old='return "(set)" if value.get_secret_value() else ""',
        new="return value.get_secret_value()",
        tests=("tests/unit/test_settings.py::test_secrets_are_not_shown",),
    ),
    Control(
        name="nothing is deleted on a partial listing",
        file="knowledge/sync/brake.py",
        old="return missing > 0 and (",
        new="return missing < 0 and (",
        tests=("tests/unit/knowledge/test_sync_decisions.py",),
    ),
)

CHANGES = (
    Control(
        name="a change: whoever asked agrees to their own",
        file=AGREEING,
        old="            return click.person_id == proposal.asked_by",
        new="            return bool(click.person_id)",
        tests=(PROPOSAL_RIGHTS + "::test_nobody_else_agrees_to_what_somebody_asked_for_or_declines_it",),
    ),
    Control(
        name="a change: who is no guest when it is proposed",
        file=AGREEING,
        old='return "" if asker is not None and not asker.is_guest else proposed.FOR_COLLEAGUES',
        new='return "" if asker is not None else proposed.FOR_COLLEAGUES',
        tests=(PROPOSAL_RIGHTS + "::test_a_guest_has_nothing_changed",),
    ),
    Control(
        name="a change: who is no guest when it is pressed",
        file=AGREEING,
        old="        if person is None or person.is_guest:",
        new="        if person is None:",
        tests=(PROPOSAL_RIGHTS + "::test_who_became_a_guest_since_agrees_to_nothing",),
    ),
    Control(
        name="a change: who is named for it",
        file=AGREEING,
        old="and one.email.casefold() in approvers",
        new="and approvers",
        tests=(PROPOSAL_RIGHTS + "::test_none_of_those_who_may_not_can_press_any_of_its_buttons",),
    ),
    Control(
        name="a change: never by whoever asked where another is named",
        file=AGREEING,
        old="and one.id != asked_by and",
        new="and",
        tests=(PROPOSAL_RIGHTS + "::test_who_is_named_and_asks_needs_another_who_is_named",),
    ),
    Control(
        name="a change: who reads the place",
        file=AGREEING,
        old="        return readers is None or any(reader.id == click.person_id for reader in readers)",
        new="        return readers is not proposal",
        tests=(PROPOSAL_RIGHTS + "::test_who_is_named_must_read_the_place_and_be_no_guest",),
    ),
    Control(
        name="a change: pressed where it was asked",
        file=AGREEING,
        old="        if not _is_pressed_where_asked(click, proposal.place):",
        new="        if not click.place:",
        tests=(PROPOSAL_RIGHTS + "::test_what_is_done_comes_from_the_row_and_never_from_the_press",),
    ),
    Control(
        name="a change: as the configuration names people now",
        file=AGREEING,
        old="is_as_configured = self._approvers(proposal.tool) == proposal.approvers",
        new="is_as_configured = self._approvers(proposal.tool) is not None",
        tests=(PROPOSAL_RIGHTS + "::test_who_may_agree_is_the_configurations_to_say_until_the_end",),
    ),
    Control(
        name="a change: every press is written down",
        file="src/helpdesk_bot/desk/proposals.py",
        old="            await _write_down(connection, click, found, allowed=not refusal)\n",
        new="",
        tests=(PROPOSAL_RIGHTS + "::test_nobody_else_agrees_to_what_somebody_asked_for_or_declines_it",),
    ),
    Control(
        name="a change: decided once, and in time",
        file="src/helpdesk_bot/records/proposals.py",
        old="where id = %s and state = 'waiting' and due_at > now()",
        new="where id = %s",
        tests=(PROPOSAL_RECORDS + "::test_of_all_who_decide_at_once_one_does",),
    ),
    Control(
        name="a change: not after its time",
        file="src/helpdesk_bot/records/proposals.py",
        old="where id = %s and state = 'waiting' and due_at > now()",
        new="where id = %s and state = 'waiting'",
        tests=(PROPOSAL_RECORDS + "::test_a_change_goes_one_way_only_whatever_happens",),
    ),
    Control(
        name="a change: begun once",
        file="src/helpdesk_bot/records/proposals.py",
        old="where id = %s and state = 'agreed'",
        new="where id = %s and state in ('agreed', 'running')",
        tests=(PROPOSAL_RECORDS + "::test_a_change_goes_one_way_only_whatever_happens",),
    ),
    Control(
        name="a change: none of an edited question",
        file="src/helpdesk_bot/records/questions.py",
        old="    await void_proposals(connection, question.key)\n",
        new="",
        tests=(PROPOSALS + "::test_an_edited_question_has_nothing_waiting",),
    ),
    Control(
        name="a change: none of a question that was taken back",
        file="src/helpdesk_bot/records/questions.py",
        old="                await void_proposals(connection, deletion.question_key)\n",
        new="",
        tests=(PROPOSALS + "::test_a_question_that_is_taken_back_has_nothing_waiting",),
    ),
    Control(
        name="a change: what is stored is what was proposed",
        file=CALLING,
        old="        if not proposal.is_whole:",
        new="        if proposal is None:",
        tests=(PROPOSALS + "::test_what_is_stored_is_what_was_proposed_or_nothing_is_done",),
    ),
    Control(
        name="a change: sent again only where keys are known",
        file=CALLING,
        old="for _ in range(ATTEMPTS if tool.spec.repeatable else 1):",
        new="for _ in range(ATTEMPTS):",
        tests=(PROPOSALS + "::test_a_lost_answer_brings_in_a_person_and_nothing_is_sent_again",),
    ),
    Control(
        name="a change: every sign of it is shown",
        file="src/helpdesk_bot/desk/proposed.py",
        old='return "".join(one if one.isprintable() else one.encode("unicode_escape").decode() for one in text)',
        new="return text",
        tests=(PROPOSALS + "::test_no_argument_can_pass_for_something_else",),
    ),
    Control(
        name="a change: what came back is cleaned",
        file=CALLING,
        old="        text, verdicts = self.guard.clean_passage(text[:MAX_READ_CHARACTERS])\n"
        "        text, redacted = self.guard.clean_answer(text, citations=0)\n",
        new="        verdicts = self.guard.clean_passage(text)[1]\n"
        "        redacted = self.guard.clean_answer(text, citations=0)[1]\n",
        tests=(PROPOSALS + "::test_what_came_back_is_foreign",),
    ),
)

TOOLS = (
    Control(
        name="what tools said is for colleagues when it is posted too",
        file="src/helpdesk_bot/desk/truth.py",
        old="if not audience.may_read(TOLD_READERS) and any(",
        new="if not audience and any(",
        tests=("tests/scenarios/test_tools_and_guests.py",),
    ),
    Control(
        name="arguments fit the schema of their tool",
        file="src/helpdesk_bot/tools/checked.py",
        old="        sent = fitted(spec.name, spec.parameters, arguments)",
        new="        sent = {**arguments} if fitted else {}",
        tests=(MISUSE + "::test_what_does_not_fit_the_schema_is_never_sent",),
    ),
    Control(
        name="arguments stay in their piece of the path",
        file="src/helpdesk_bot/tools/templates.py",
        old="        _check_piece(tool, name, _text(values[name]))",
        new="        _text(values[name])",
        tests=(MISUSE + "::test_no_argument_leaves_its_piece_of_the_path",),
    ),
    Control(
        name="what nobody sees is not sent",
        file="src/helpdesk_bot/tools/arguments.py",
        old="    if any(unicodedata.category(sign) in _INVISIBLE and sign not in allowed for sign in value):",
        new="    if any(unicodedata.category(sign) in allowed for sign in value):",
        tests=(MISUSE + "::test_what_nobody_sees_is_never_sent",),
    ),
    Control(
        name="a tool is pointed inside by an admin's word only",
        file="src/helpdesk_bot/tools/entries.py",
        old="    if not is_private and is_inner_host(httpx.URL(url).host):",
        new="    if not is_inner_host and is_private:",
        tests=("tests/security/test_tool_ssrf.py", "tests/unit/tools/test_tools_file.py"),
    ),
    Control(
        name="a tool follows no redirect",
        file="connectors/http/visit.py",
        old="                    return take_as_it_is(await self._wire.send(asked))",
        new="                    return take_as_it_is(await self._wire.follow(replace(asked, method='GET')))",
        tests=("tests/integration/test_http_tools.py::test_a_redirect_is_not_followed",),
    ),
    Control(
        name="a change that a model picks needs a person",
        file="src/helpdesk_bot/agent/nodes/using.py",
        old="            if not spec.changes:",
        new="            if spec.name:",
        tests=(MISUSE + "::test_no_change_is_made_without_a_persons_click",),
    ),
    Control(
        name="a change that the rules pick needs a person",
        file="src/helpdesk_bot/agent/nodes/using.py",
        old="        elif choice.spec.changes:",
        new="        elif not choice.spec.name:",
        tests=(MISUSE + "::test_no_change_is_made_without_a_persons_click",),
    ),
    Control(
        name="what a tool says proposes nothing that nobody asked for",
        file="src/helpdesk_bot/agent/tooling/proposing.py",
        old="    if not is_first and fit(work.request, spec) < ABOUT_IT:",
        new="    if is_first and fit(work.request, spec) < -ABOUT_IT:",
        tests=(MISUSE + "::test_orders_in_what_a_tool_answers_are_not_followed",),
    ),
    Control(
        name="what others say in the thread fills in nothing",
        file="src/helpdesk_bot/agent/nodes/using.py",
        old='    return state["question"] if asked.thread else state["standalone"]',
        new='    return state["standalone"] if asked else ""',
        tests=(MISUSE + "::test_orders_of_others_in_the_thread_are_not_followed",),
    ),
    Control(
        name="arguments of a form are not made up",
        file="src/helpdesk_bot/agent/nodes/using.py",
        old="    return all(re.search(one, said.casefold()) for one in whole)",
        new="    return bool(said) or bool(formed)",
        tests=(ANSWERS + "::test_a_wrong_call_is_said_to_be_and_may_be_mended",),
    ),
    Control(
        name="tools answer to the staff only",
        file="src/helpdesk_bot/agent/nodes/using.py",
        old="asked.sources is None and asked.audience.may_read(READERS)",
        new="asked.sources is None",
        tests=(ANSWERS + "::test_where_others_read_along_or_sources_are_given_no_tool_is_used",),
    ),
    Control(
        name="a server's tool is what an admin agreed to",
        file="src/helpdesk_bot/tools/mcp_listing.py",
        old="    if plan.pin != listed.pin:",
        new="    if not listed.pin:",
        tests=("tests/unit/tools/test_mcp_listing.py",),
    ),
    Control(
        name="a change is not sent again in another session",
        file="src/helpdesk_bot/tools/mcp_kept.py",
        old="                    if ended.has_begun:",
        new="                    if ended is None:",
        tests=("tests/integration/test_mcp_sessions.py::test_a_lost_change_is_told_at_once_and_not_sent_again",),
    ),
    Control(
        name="a server's tool is looked at before each call",
        file="src/helpdesk_bot/tools/mcp_tool.py",
        old="agreed_spec(self._plan, listing.get(self._plan.remote))",
        new="agreed_spec(self._plan, (self._server.listed or listing).get(self._plan.remote))",
        tests=("tests/integration/test_mcp_sessions.py::test_what_a_tool_says_is_looked_at_before_every_call",),
    ),
    Control(
        name="where a server's tool goes is an admin's word",
        file="src/helpdesk_bot/tools/mcp_listing.py",
        old=" for name in listed if name not in plan.fixed}",
        new=" for name in listed}",
        tests=("tests/unit/tools/test_mcp_listing.py", MISUSE + "::test_where_it_goes_is_nobody_elses_to_say"),
    ),
    Control(
        name="what the configuration fixes is what was agreed to",
        file="src/helpdesk_bot/tools/arguments.py",
        old="    if agreed != spec.fixed:",
        new="    if agreed == {None: spec.fixed}:",
        tests=("tests/integration/test_mcp_tools.py::test_a_change_that_was_agreed_to_for_another_place_is_not_made",),
    ),
    Control(
        name="a tool's answer holds no secret of ours",
        file="src/helpdesk_bot/tools/http_tool.py",
        old="            text = text.replace(secret, REMOVED)",
        new="            text = text.replace(REMOVED, secret)",
        tests=("tests/integration/test_http_tools.py::test_an_answer_that_repeats_our_secret_loses_it",),
    ),
)

CACHE_TESTS = "tests/integration/test_answer_cache.py"
BUDGETS = "tests/integration/test_model_budgets.py"
SPENDING = "src/helpdesk_bot/records/spending.py"

MODELS = (
    Control(
        name="models: no call is begun that a budget has no room for",
        file=SPENDING,
        old="if is_full or (account.limit_usd and cost_usd + estimate.cost_usd > account.limit_usd):",
        new="if is_full and cost_usd < 0:",
        tests=(BUDGETS + "::test_each_budget_stops_what_is_its_own",),
    ),
    Control(
        name="models: what a call cost is charged",
        file=SPENDING,
        old="            set tokens = tokens + %s, cost_usd = cost_usd + %s,\n",
        new="            set tokens = tokens + 0 * %s, cost_usd = cost_usd + 0 * %s,\n",
        tests=(BUDGETS + "::test_a_call_is_settled_once",),
    ),
    Control(
        name="models: one that keeps failing rests",
        file="src/helpdesk_bot/records/model_health.py",
        old="when known.failures + 1 >= %(opens_after)s then",
        new="when known.failures + 1 >= 1000 * %(opens_after)s then",
        tests=("tests/integration/test_model_gateway.py::test_a_model_that_keeps_failing_rests_for_every_process",),
    ),
    Control(
        name="cache: every page it stands on is found for this audience",
        file="src/helpdesk_bot/cache/cache.py",
        old="    if len(places) < len(cited):\n",
        new="    if not places:\n",
        tests=(CACHE_TESTS + "::test_an_answer_of_two_pages_is_not_recalled_for_whoever_may_read_one",),
    ),
    Control(
        name="cache: every page it stands on says the same as then",
        file="src/helpdesk_bot/cache/cache.py",
        old="shown = json.dumps([passage.title, *passage.heading_path, passage.text])",
        new="shown = str(passage.chunk_id)",
        tests=(CACHE_TESTS + "::test_a_changed_page_makes_its_answers_unusable",),
    ),
    Control(
        name="cache: the prompt is part of the question",
        file="src/helpdesk_bot/cache/cache.py",
        old="json.dumps([wanted.prompt_version, wanted.tone, sources, self._settings])",
        new="json.dumps([wanted.tone, sources, self._settings])",
        tests=(CACHE_TESTS + "::test_another_prompt_version_asks_the_model",),
    ),
    Control(
        name="translations: one that may say something else is not said",
        file="src/helpdesk_bot/agent/question/translator.py",
        old="is_kept = translated.text and keeps_what_counts(answer, translated.text)",
        new="is_kept = translated.text and keeps_what_counts(answer, answer)",
        tests=(LANGUAGES + "::test_a_translation_that_says_something_else_is_not_said",),
    ),
    Control(
        name="translations: nothing acts in them",
        file="src/helpdesk_bot/agent/nodes/writing.py",
        old="        return cleaned != text\n",
        new="        return cleaned is None\n",
        tests=(LANGUAGES + "::test_a_translation_that_says_something_else_is_not_said",),
    ),
    Control(
        name="prompts: an answer's version is kept with it",
        file="src/helpdesk_bot/agent/wording/generate.py",
        old="            prompt_version=prompt.version,\n",
        new="",
        tests=(
            "tests/integration/test_agent_models.py::test_a_model_writes_the_answer_and_every_part_of_it_is_recorded",
        ),
    ),
    Control(
        name="prompts: a conversation keeps its version in a trial",
        file="src/helpdesk_bot/prompts/trials.py",
        old="return int.from_bytes(digest[:8]) / 2**64 * 100 < trial.share",
        new='return __import__("random").random() * 100 < trial.share + 0 * len(digest)',
        tests=(
            "tests/integration/test_prompt_registry.py::test_a_trial_gives_a_conversation_the_same_version_every_time",
        ),
    ),
)

CONTROLS = (*RIGHTS, *DOORS, *OUTPUT, *INPUT, *RECORD, *CHANGES, *TOOLS, *MODELS)
