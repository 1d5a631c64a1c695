"""What Confluence says, as far as it is used. What is missing stays None: "not said" is not "nobody" or "nothing"."""

from datetime import UTC, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

T = TypeVar("T")


def _or_empty(value: object) -> object:
    return "" if value is None else value


Words = Annotated[str, BeforeValidator(_or_empty)]
"""Text that may be missing or null, which says as little."""


class _Payload(BaseModel):
    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)


class Links(_Payload):
    base: Words = ""
    """The site's own address, context path included."""
    next: Words = ""
    webui: Words = ""
    download: Words = ""


class PartialList(_Payload, Generic[T]):
    """A list inside another answer. It may go on elsewhere."""

    results: list[T]
    size: int | None = None
    limit: int | None = None
    links: Links = Field(default=Links(), alias="_links")

    @property
    def goes_on(self) -> bool:
        return bool(self.links.next) or (self.limit is not None and 0 < self.limit <= len(self.results))


class User(_Payload):
    """A person: Cloud gives `accountId`, Data Center `userKey` and `username`. `email` is empty where it is hidden."""

    account_id: Words = Field(default="", alias="accountId")
    user_key: Words = Field(default="", alias="userKey")
    username: Words = ""
    email: str | None = None
    display_name: str | None = Field(default=None, alias="displayName")
    type: Words = ""
    account_type: Words = Field(default="", alias="accountType")
    account_status: Words = Field(default="", alias="accountStatus")

    @property
    def id(self) -> str:
        return self.account_id or self.user_key or self.username

    @property
    def is_person(self) -> bool:
        """Somebody who signs in as themselves: no app, no customer of a service desk, no closed account."""
        return self.account_type in {"", "atlassian"} and self.account_status in {"", "active"}


class Group(_Payload):
    """`id` is what Cloud knows it by; a name can change there. Data Center has names only."""

    id: Words = ""
    name: Words = ""

    @property
    def key(self) -> str:
        return self.id or self.name


class Subjects(_Payload):
    user: PartialList[User] | None = None
    group: PartialList[Group] | None = None


class Restriction(_Payload):
    """Who may do one thing with one content."""

    restrictions: Subjects | None = None


class Restrictions(_Payload):
    read: Restriction | None = None


class Space(_Payload):
    id: Words = ""
    key: str
    name: Words = ""
    type: Words = ""
    status: Words = "current"
    permissions: list["SpacePermission"] | None = None


class Operation(_Payload):
    """`operation` in Cloud, `operationKey` in Data Center."""

    operation: Words = ""
    operation_key: Words = Field(default="", alias="operationKey")
    target_type: Words = Field(default="", alias="targetType")

    @property
    def is_reading_the_space(self) -> bool:
        return (self.operation or self.operation_key, self.target_type) == ("read", "space")


class SpacePermission(_Payload):
    """As `expand=permissions` gives it. Without subjects and with neither flag it is meant for a class of people."""

    operation: Operation
    subjects: Subjects | None = None
    anonymous: bool = Field(default=False, alias="anonymousAccess")
    unlicensed: bool = Field(default=False, alias="unlicensedAccess")


class Subject(_Payload):
    """Of a Data Center permission: a user (`known`), a group, or the anonymous user."""

    type: Words = ""
    user_key: Words = Field(default="", alias="userKey")
    username: Words = ""
    name: Words = ""
    display_name: str | None = Field(default=None, alias="displayName")


class GrantedPermission(_Payload):
    """As Data Center's `space/KEY/permissions` gives it."""

    operation: Operation
    subject: Subject | None = None


class ClassOfPeople(_Payload):
    principal_type: Words = Field(default="", alias="principalType")
    principal_id: Words = Field(default="", alias="principalId")


class RoleAssignment(_Payload):
    """Of Cloud's role-based space permissions."""

    principal: ClassOfPeople


def _as_time(value: object) -> object:
    """Data Center may say milliseconds, and a zone as +0200."""
    if isinstance(value, int | float):
        return datetime.fromtimestamp(value / 1000, UTC)
    return value


class Version(_Payload):
    number: int
    when: Annotated[AwareDatetime, BeforeValidator(_as_time)] | None = None


class Label(_Payload):
    name: str
    prefix: Words = "global"


class Extensions(_Payload):
    media_type: Words = Field(default="", alias="mediaType")


class Metadata(_Payload):
    labels: PartialList[Label] | None = None


class Storage(_Payload):
    value: str


class Body(_Payload):
    storage: Storage | None = None


class Ancestor(_Payload):
    id: str
    title: Words = ""


class Container(_Payload):
    id: Words = ""


class Content(_Payload):
    """A page, a blog post, a comment or an attachment."""

    id: str
    type: str
    status: Words = "current"
    title: Words = ""
    space: Space | None = None
    version: Version | None = None
    ancestors: list[Ancestor] | None = None
    container: Container | None = None
    restrictions: Restrictions | None = None
    metadata: Metadata | None = None
    extensions: Extensions | None = None
    body: Body | None = None
    links: Links = Field(default=Links(), alias="_links")


class Answer(_Payload):
    """One page of any listing."""

    results: list[dict[str, Any]]
    limit: int | None = None
    links: Links = Field(default=Links(), alias="_links")
