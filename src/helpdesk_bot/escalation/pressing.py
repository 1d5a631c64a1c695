"""What people press and fill in about a case, and what they see for it."""

from connectors.documents import AccessRule
from helpdesk_bot.escalation import phrases
from helpdesk_bot.escalation.adding import Adding
from helpdesk_bot.escalation.case import Actor, Case, CaseState, Cause, IllegalMove, Move, TakenAlready
from helpdesk_bot.escalation.forms import YES, answer_form, reassign_form, resolve_form
from helpdesk_bot.escalation.members import Members
from helpdesk_bot.escalation.moves import Moves, News, Wish
from helpdesk_bot.escalation.office_hours import in_words
from helpdesk_bot.escalation.opening import Opening
from helpdesk_bot.escalation.packets import Packets
from helpdesk_bot.escalation.parts import Parts
from helpdesk_bot.escalation.reopening import Reopening
from helpdesk_bot.escalation.saving import MESSAGE, PREFIX, Saving, WrongForm, approval, curated_id_of
from helpdesk_bot.events import Action, Click, FormName, Place, Question, Submission
from helpdesk_bot.messages import Button, Form, Notice, Style
from helpdesk_bot.records import Planned


class Pressing:
    def __init__(
        self,
        parts: Parts,
        *,
        moves: Moves,
        opening: Opening,
        reopening: Reopening,
        adding: Adding,
        members: Members,
        packets: Packets,
    ) -> None:
        self._parts = parts
        self._cases = parts.cases
        self._records = parts.records
        self._moves = moves
        self._opening = opening
        self._reopening = reopening
        self._adding = adding
        self._saving = Saving(parts)
        self._members = members
        self._packets = packets

    async def click(self, click: Click) -> Form | Notice | None:
        match click.action:
            case Action.ASK_PERSON:
                return await self.ask_person(click.value, by=click.person_id, place=click.place, key=click.key)
            case Action.SAVE if click.value.startswith(MESSAGE):
                return await self._save_message(click)
            case Action.APPROVE | Action.DECLINE:
                return await self._decide(click)
            case Action.CLAIM | Action.ANSWER | Action.REASSIGN | Action.RESOLVE | Action.SAVE:
                return await self._press_case(click)
            case _:
                return Notice(text=phrases.NO_CASE)

    async def submit(self, submission: Submission) -> Notice | None:
        if submission.form is FormName.SAVE:
            return await self._submit_save(submission)
        question = await self._records.find_question(submission.value)
        if question is None:
            return Notice(text=phrases.NO_CASE)
        match submission.form:
            case FormName.ANSWER:
                answer = submission.fields.get("answer", "")
                return await self._move(submission, question, Move.ANSWER, answer=answer, done=phrases.SENT)
            case FormName.REASSIGN:
                return await self._reassign(submission, question)
            case FormName.RESOLVE:
                done = await self._move(submission, question, Move.RESOLVE, done=phrases.RESOLVED)
                return await self._offer_saving(submission, question) or done
            case _:
                return Notice(text=phrases.NO_CASE)

    async def ask_person(
        self, question_key: str, *, by: str, place: Place, key: str, cause: Cause = Cause.ASKED, comment: str = ""
    ) -> Notice:
        """Bring in a person for a question that the bot answered; whoever reads the question may."""
        question = await self._records.find_question(question_key)
        if question is None or question.place.channel != place.channel:
            return Notice(text=phrases.NO_CASE)
        tried = await self._cases.list_tried(question_key)
        planned = await self._opening.find_packet(question, cause=cause, tried=tried, comment=comment)
        if planned is None:
            return Notice(text=self._opening.promise(question, reached=False))
        opened = await self._opening.open(question, planned, cause=cause, by=by, key=key)
        if not opened and comment:
            await self._adding.add_comment(question, comment, by=by, key=key)
        opened = opened or await self._reopening.open_again(question, by=by)
        if opened:
            return Notice(text=self._opening.promise(question, reached=True))
        case = await self._moves.find(question_key)
        holder = (
            await self._packets.name_of(question.place.platform, case.claimed_by) if case and case.claimed_by else ""
        )
        return Notice(text=phrases.known_already(holder))

    # Cases

    async def _press_case(self, click: Click) -> Form | Notice | None:
        question = await self._records.find_question(click.value)
        case = await self._moves.find(click.value)
        if question is None or case is None:
            return Notice(text=phrases.NO_CASE)
        if click.action is Action.CLAIM:
            return await self._move(click, question, Move.CLAIM)
        actor = await self._members.actor(click.person_id, case, pressed_in=click.place)
        if click.action is Action.RESOLVE and click.person_id == case.asked_by:
            return await self._move(click, question, Move.RESOLVE, done=phrases.RESOLVED)
        if refusal := await self._refusal(click.action, case, actor, question):
            return refusal
        return await self._form(click, case, question)

    async def _refusal(self, action: Action, case: Case, actor: Actor, question: Question) -> Notice | None:
        """What would be refused when the form is sent off is better refused before it is filled in."""
        if not (actor.is_helper or actor.is_admin):
            return Notice(text="That is for the people in the channel where this was asked for help.")
        if case.is_over and action is not Action.SAVE:
            return Notice(text="This is closed already; nothing was changed.")
        if action is Action.RESOLVE and not (actor.is_admin or case.claimed_by == actor.person_id):
            name = await self._packets.name_of(question.place.platform, case.claimed_by) if case.claimed_by else ""
            return Notice(text=f"Only {name or 'whoever claims it'}, whoever asked, or an admin can resolve it.")
        return None

    async def _form(self, click: Click, case: Case, question: Question) -> Form | Notice:
        match click.action:
            case Action.ANSWER:
                return answer_form(case.question_key)
            case Action.REASSIGN:
                return reassign_form(case.question_key)
            case Action.RESOLVE:
                return resolve_form(case.question_key)
            case _:
                owner = await self._packets.name_of(question.place.platform, click.person_id)
                tried = await self._cases.list_tried(case.question_key)
                return self._saving.form_for_case(case, question, owner=owner, has_sources=bool(tried))

    async def _move(
        self,
        press: Click | Submission,
        question: Question,
        move: Move,
        *,
        to: str = "",
        answer: str = "",
        done: str = "",
    ) -> Notice | None:
        """Make the move and say so to whoever waits for it; `done` is for whoever pressed."""
        case = await self._moves.find(question.key)
        if case is None:
            return Notice(text=phrases.NO_CASE)
        actor = await self._members.actor(press.person_id, case, pressed_in=press.place)
        news = await self._news(question, move, actor, to=to, answer=answer)
        wish = Wish(
            question_key=question.key, key=press.key, move=move, by=actor, at=self._parts.now(), to=to, answer=answer
        )
        try:
            moved = await self._moves.make(wish, news=news)
        except TakenAlready as taken:
            return await self._say_who_has_it(question, taken.holder)
        except IllegalMove as refused:
            return Notice(text=str(refused))
        return Notice(text=done) if moved and done else None

    async def _news(self, question: Question, move: Move, actor: Actor, *, to: str, answer: str) -> News:
        """What the asker is told, once for each move that concerns them."""
        name = await self._packets.name_of(question.place.platform, to or actor.person_id)
        is_asker = actor.person_id == question.person_id
        text = {
            Move.CLAIM: phrases.claimed(name),
            Move.REASSIGN: phrases.claimed(name),
            Move.ANSWER: phrases.answered(name, answer),
            Move.RESOLVE: "" if is_asker else phrases.resolved(name),
            Move.WITHDRAW: "",
            Move.REOPEN: "",
            Move.RELEASE: "",
        }[move]

        def tell(after: Case) -> list[Planned]:
            solved = Button(action=Action.RESOLVE, value=question.key, label="That solved it", style=Style.PRIMARY)
            notice = Notice(text=text, person_id=question.person_id, buttons=(solved,) if move is Move.ANSWER else ())
            marker = f"case:{question.key}:{after.version}"
            return [Planned(place=question.place, message=notice, marker=marker)] if text else []

        return tell

    async def _reassign(self, submission: Submission, question: Question) -> Notice | None:
        to = submission.fields.get("person", "")
        if to and not await self._members.is_colleague(question.place.platform, to):
            return Notice(text="A guest can't take a case; nothing was changed.")
        return await self._move(submission, question, Move.REASSIGN, to=to, done="Reassigned.")

    async def _say_who_has_it(self, question: Question, holder: str) -> Notice:
        case = await self._moves.find(question.key)
        name = await self._packets.name_of(question.place.platform, holder)
        since = (
            in_words(case.claimed_at, self._parts.plan.hours.time_zone) if case and case.claimed_at else "a moment ago"
        )
        return Notice(text=phrases.taken(name, since))

    # Knowledge

    async def _offer_saving(self, submission: Submission, question: Question) -> Notice | None:
        case = await self._moves.find(question.key)
        if submission.fields.get("save") != YES or case is None or case.state is not CaseState.RESOLVED:
            return None
        button = Button(action=Action.SAVE, value=question.key, label="Write it down", style=Style.PRIMARY)
        return Notice(text="Resolved. Now the answer, for everybody who asks next:", buttons=(button,))

    async def _save_message(self, click: Click) -> Form | Notice:
        if not await self._members.is_colleague(click.place.platform, click.person_id):
            return Notice(text="Guests can't save answers.")
        owner = await self._packets.name_of(click.place.platform, click.person_id)
        first = await self._members.first_words(click.place)
        return self._saving.form_for_message(click, question=first, owner=owner)

    async def _submit_save(self, submission: Submission) -> Notice | None:
        platform = submission.place.platform
        question = await self._records.find_question(submission.value)
        case = await self._moves.find(submission.value)
        may_approve = await self._members.is_admin(platform, submission.person_id)
        if case is not None:
            actor = await self._members.actor(submission.person_id, case, pressed_in=submission.place)
            if not (actor.is_helper or actor.is_admin):
                return Notice(text="That is for the people in the channel where this was asked for help.")
            may_approve = may_approve or case.claimed_by == submission.person_id
        elif not await self._members.is_colleague(platform, submission.person_id):
            return Notice(text="Guests can't save answers.")
        place = question.place if question else submission.place
        try:
            draft_id = await self._saving.draft(
                submission,
                question_key=question.key if question else None,
                place=place,
                source_rules=await self._source_rules(submission.value) if question else [],
            )
        except WrongForm as wrong:
            return Notice(text=str(wrong))
        if draft_id is None:
            return None
        return approval(draft_id, submission.fields.get("question", ""), may_approve=may_approve)

    async def _source_rules(self, question_key: str) -> list[AccessRule]:
        return await self._parts.list_rules(
            [passage.chunk_id for passage in await self._cases.list_tried(question_key)]
        )

    async def _decide(self, click: Click) -> Notice:
        """Whoever has the case that a draft came from may decide about it, and every admin."""
        if not click.value.startswith(PREFIX):
            return Notice(text=phrases.NO_CASE)
        draft = await self._saving.find(curated_id_of(click.value))
        if draft is None:
            return Notice(text=phrases.NO_CASE)
        case = await self._moves.find(draft.question_key) if draft.question_key else None
        is_holder = case is not None and case.claimed_by == click.person_id
        may_decide = is_holder or await self._members.is_admin(click.place.platform, click.person_id)
        await self._records.audit(
            platform=click.place.platform,
            person_id=click.person_id,
            action="curated",
            allowed=may_decide,
            words=f"{click.action.value} {draft.id}",
        )
        if not may_decide:
            return Notice(text="Whoever had the case, or an admin, decides about this.")
        return await self._saving.decide(click)
