"""What the styles of a Word document say, with what each takes over from the one that it is based on."""
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# pyright: reportUnknownParameterType=false, reportAttributeAccessIssue=false
# lxml.etree is compiled and has no stubs.

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_OFF = {"0", "false", "off"}
_MAX_BASES = 20


def stated(element: etree._Element, *path: str) -> str | None:
    """What the element at the end of the path states as its value: empty where it is there and states none."""
    found = element.find("/".join(f"{W}{name}" for name in path))
    return None if found is None else found.get(f"{W}val", "")


def is_on(value: str | None) -> bool | None:
    """What a value means for a property that is there or not; None where nothing is stated."""
    return None if value is None else value not in _OFF


@dataclass(frozen=True, kw_only=True)
class Styles:
    by_id: Mapping[str, etree._Element]

    @classmethod
    def of(cls, styles: etree._Element) -> "Styles":
        """The first of several styles with the same id counts (ECMA-376 part 1, 17.7.4.17)."""
        found = reversed(list(styles.iterchildren(f"{W}style")))
        return cls(by_id={style.get(f"{W}styleId", ""): style for style in found})

    def stated(self, style_id: str | None, *path: str) -> str | None:
        """What the style states, or the nearest one below it that does."""
        return next((value for style in self.chain(style_id) if (value := stated(style, *path)) is not None), None)

    def chain(self, style_id: str | None) -> Iterator[etree._Element]:
        """The style and those it is based on, each after the one that builds on it."""
        for _ in range(_MAX_BASES):
            style = self.by_id.get(style_id or "")
            if style is None:
                return
            yield style
            style_id = stated(style, "basedOn")
