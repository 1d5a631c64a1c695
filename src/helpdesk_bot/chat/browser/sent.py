"""What the page sends, checked for its form."""

import json
from typing import Annotated, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request

from helpdesk_bot.chat.browser.refusals import Refused
from helpdesk_bot.events import Action, FormName
from helpdesk_bot.pages.origin import is_from_our_page
from knowledge.letters import storable

MAX_ID = 2**63 - 1
"""The largest bigint of Postgres."""

MAX_FIELDS = 20
MAX_CONVERSATIONS = 30
UNREADABLE = "The help desk couldn't read that. Reload the page and try again."


def _storable(text: object) -> object:
    """Postgres takes neither NUL nor half of a surrogate pair; JSON can hold both."""
    return storable(text) if isinstance(text, str) else text


_Text = Annotated[str, BeforeValidator(_storable), StringConstraints(strip_whitespace=True)]


class ConversationWanted(BaseModel):
    conversation: str | None = None


class ConversationsListed(BaseModel):
    conversations: Annotated[list[str], Field(max_length=MAX_CONVERSATIONS)]


class QuestionSent(BaseModel):
    conversation: str
    client_id: UUID
    text: _Text


class DeletionSent(BaseModel):
    conversation: str
    client_id: UUID


class VoteSent(BaseModel):
    conversation: str
    message_id: Annotated[int, Field(le=MAX_ID)]
    value: Literal[-1, 0, 1]


class ClickSent(BaseModel):
    conversation: str
    press_id: UUID
    """Names the press, so that a request that is sent again is the same one."""
    message_id: Annotated[int, Field(le=MAX_ID)]
    action: Action
    value: str


class FormSent(BaseModel):
    conversation: str
    press_id: UUID
    form: FormName
    value: _Text
    fields: Annotated[dict[_Text, _Text], Field(max_length=MAX_FIELDS)]


Body = TypeVar("Body", bound=BaseModel)


async def read_body(request: Request, model: type[Body]) -> Body:
    """The JSON body of a request from our own page."""
    if not is_from_our_page(request):
        raise Refused(403, "Only the help desk's own page may send this.")
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Send this as application/json.")
    try:
        return model.model_validate(json.loads(await request.body()))
    except HTTPException as error:
        raise Refused(error.status_code, "That is more than the help desk takes at once. Shorten it.") from error
    except (ValidationError, ValueError, RecursionError) as error:
        raise Refused(400, UNREADABLE) from error
