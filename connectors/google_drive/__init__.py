"""Google Drive: folders and shared drives, with who may read what.

    async with GoogleDriveSource(
        name="drive",
        login=ServiceAccount.from_json(key),
        reader=reader,
        scope=Scope(folders=["1AbC"]),
        organisation=Organisation.of(["example.com"]),
    ) as drive:
        async for change in drive.changes(None): ...

A listing is a `Place`: everything beneath the roots, held together by parents and shortcuts. `listing` makes it,
`rights` says who may read what is in it, `exports` fetches a document's text.
"""

from connectors.google_drive.credentials import Login, Person, ServiceAccount
from connectors.google_drive.drive import Addresses
from connectors.google_drive.rights import Organisation
from connectors.google_drive.scope import Scope
from connectors.google_drive.source import GoogleDriveSource

__all__ = ["Addresses", "GoogleDriveSource", "Login", "Organisation", "Person", "Scope", "ServiceAccount"]
