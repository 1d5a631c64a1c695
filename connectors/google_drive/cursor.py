"""Where the next listing of changes starts."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from connectors.documents import Cursor


class DriveCursor(BaseModel):
    """Kept as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    scope: str
    """`Scope.words`: another scope begins with a whole listing."""
    tokens: Mapping[str, str]
    """By log; see `drive.USER_LOG`."""
    unlogged: frozenset[str]
    """Shortcuts and what they lead to outside of these logs: looked at in every listing."""

    def pack(self) -> Cursor:
        return Cursor(value=self.model_dump_json())

    @classmethod
    def unpack(cls, cursor: Cursor | None) -> "DriveCursor | None":
        """None for a cursor that is none of ours."""
        try:
            return cls.model_validate_json(cursor.value) if cursor else None
        except ValidationError:
            return None
