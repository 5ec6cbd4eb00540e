"""Which repairs are made."""

from dataclasses import dataclass, fields
from typing import Literal

Policy = Literal["on", "off"]


@dataclass(frozen=True)
class RepairOptions:
    """A policy per repair, by its name in the ledger, in the order in which they are made."""

    entities: Policy = "on"
    """HTML entities that outlived their tags."""
    tcvn3: Policy = "on"
    """Text of the TCVN3 (ABC) fonts."""
    vni: Policy = "on"
    """Text of the VNI fonts."""
    viscii: Policy = "on"
    """VISCII read as cp1252 or Latin-1."""
    vps: Policy = "on"
    """VPS read as cp1252 or Latin-1."""
    cp1258: Policy = "on"
    """Windows-1258 read as cp1252."""
    mojibake: Policy = "on"
    """UTF-8 read as cp1252, Latin-1 or cp1258, where a word becomes Vietnamese."""
    lost_bytes: Policy = "on"
    """The same with bytes lost, where only one syllable fits. Inferred."""
    ftfy: Policy = "on"
    """Mojibake of other languages and encodings."""
    invisible: Policy = "on"
    """Characters that nobody sees."""
    space: Policy = "on"
    """Spaces of other kinds, written as plain ones."""
    nfc: Policy = "on"
    """Letters and marks in normal form C, marks in their right order."""
    eth: Policy = "on"
    """Ð for Đ in a Vietnamese word."""
    look_alike: Policy = "on"
    """Cyrillic and Greek letters in a Vietnamese word."""
    plus_sign: Policy = "on"
    """A plus sign that became a space. Inferred."""

    def names(self) -> frozenset[str]:
        """The names of the repairs that are on."""
        return frozenset(field.name for field in fields(self) if getattr(self, field.name) == "on")
