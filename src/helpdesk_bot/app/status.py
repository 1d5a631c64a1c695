"""The status pages that settings name."""

from contextlib import AsyncExitStack

from helpdesk_bot.errors import NotConfigured
from helpdesk_bot.settings import Settings
from helpdesk_bot.tools.status_pages import StatusPages, open_status_pages, read_page


async def status_of(settings: Settings, *, stack: AsyncExitStack) -> StatusPages:
    """Open until `stack` ends; nothing is asked yet. Raises NotConfigured for an address that can't be asked."""
    opened = open_status_pages(
        [read_page(name, written) for name, written in settings.status_pages.items()],
        aliases=settings.status_aliases,
        in_private_network=settings.status_private_networks,
        way_out=settings.way_out,
    )
    try:
        return await stack.enter_async_context(opened)
    except ValueError as error:
        raise NotConfigured(f"STATUS_PAGES: {error}") from error
