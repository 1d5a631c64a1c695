"""Pages out of templates: everything that they are handed is escaped."""

from datetime import datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from helpdesk_bot.commands.command import age_of
from helpdesk_bot.pages.safe_html import render_answer

NO_STORE = {"Cache-Control": "no-store"}


class Frame:
    """`version` is that of the files that pages name."""

    def __init__(self, *, version: str) -> None:
        self._templates = Environment(
            loader=PackageLoader("helpdesk_bot.console"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._files = f"/console/static/{version}"
        self._templates.filters |= {"moment": _moment, "age": age_of, "markdown": _markdown}

    def show(self, template: str, *, status: int = 200, **facts: Any) -> HTMLResponse:
        """Kept by no browser: what it shows may be read by this person, and at this moment."""
        page = self._templates.get_template(f"{template}.html").render(facts, files=self._files)
        return HTMLResponse(page, status_code=status, headers=NO_STORE)


def _moment(at: datetime) -> Markup:
    return Markup('<time datetime="{}">{} UTC</time>').format(at.isoformat(), f"{at:%Y-%m-%d %H:%M}")


def _markdown(text: str) -> Markup:
    """Made of a closed list of elements: no link, no picture, no script."""
    return Markup(render_answer(text, titles={}))  # noqa: S704 -- what it holds is escaped there
