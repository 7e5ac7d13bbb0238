"""Files of messages: which are taken, and how they are kept.

They come from anybody. Their names are cleaned, they are never shown but only saved (crm/files), and programs are not
taken at all: neither by what they are called nor by what they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from crm.accounts.models import User
from crm.files.names import clean_file_name
from crm.files.operations import store_file
from crm.tenancy.context import current_tenant_id
from crm.tenancy.models import Tenant

from .models import TicketAttachment, TicketMessage

MOST_FILES = 10

# What Windows, macOS or a browser would run when somebody opens it.
_RUN = """
app apk bat chm cmd com cpl dll dmg exe gadget hta inf ins iso jar js jse jnlp lnk msc msi msp mst pif pkg ps1 psm1 reg
run scf scr sh sys url vb vbe vbs vhd vxd wsc wsf wsh xll
"""
RUN_ENDINGS = frozenset(f".{ending}" for ending in _RUN.split())
# How programs begin: Windows, Linux, macOS (both orders of bytes, and several in one), scripts, Java, Android.
_PROGRAMS = (
    b"MZ",
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"dex\n",
    b"#!",
    # A link of Windows, which runs what it says.
    b"L\x00\x00\x00\x01\x14\x02\x00",
)
_HEAD = 16


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file that is to be kept with a message. `source` is read from its beginning."""

    name: str
    source: IO[bytes]

    @classmethod
    def of_bytes(cls, name: str, content: bytes) -> NewFile:
        return cls(name, BytesIO(content))


def is_program(name: str, head: bytes) -> bool:
    """`head` are the first bytes. Of "list.pdf.exe" the last ending counts, as it does when it is opened."""
    # Windows leaves dots and blanks at the end of a name out.
    ending = PurePosixPath(clean_file_name(name).lower().rstrip(" .")).suffix
    return ending in RUN_ENDINGS or head.startswith(_PROGRAMS)


def head_of(source: IO[bytes]) -> bytes:
    source.seek(0)
    head = source.read(_HEAD)
    source.seek(0)
    return head


def refuse_programs(files: Sequence[UploadedFile]) -> None:
    """Raises ValidationError, with words for whoever has chosen them."""
    found = [str(file.name) for file in files if is_program(str(file.name), head_of(file))]
    if found:
        words = _("“%(name)s” is a program, and programs are not taken. Leave it out.")
        raise ValidationError(words, params={"name": found[0]}, code="program")


def new_files(files: Sequence[UploadedFile]) -> list[NewFile]:
    """What a form has taken."""
    return [NewFile(str(file.name), file) for file in files]


def attach(*, message: TicketMessage, files: Sequence[NewFile], user: User | None = None) -> list[TicketAttachment]:
    """Keep files with a message that was just written, in its transaction."""
    if not files:
        return []
    tenant = Tenant.objects.get(pk=current_tenant_id())
    kept = [
        TicketAttachment(
            ticket_id=message.ticket_id,
            message=message,
            file=store_file(tenant=tenant, source=one.source, name=one.name, user=user),
        )
        for one in files
    ]
    return TicketAttachment.objects.bulk_create(kept)
