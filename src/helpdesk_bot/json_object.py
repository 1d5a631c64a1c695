"""What JSON calls an object, where nothing is known of its values."""

from typing import TypeAlias

JsonObject: TypeAlias = dict[str, object]
