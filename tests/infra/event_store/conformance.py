"""The library's test cases. Their module also tests an AES cipher, whose package we have no use for."""

import sys
from types import ModuleType

_absent = "eventsourcing.cipher" not in sys.modules
if _absent:
    _stand_in = ModuleType("eventsourcing.cipher")
    _stand_in.AESCipher = None  # type: ignore[attr-defined]  # only named, never called
    sys.modules["eventsourcing.cipher"] = _stand_in

from eventsourcing.tests.persistence import (  # noqa: E402 - after its stand-in
    ApplicationRecorderTestCase,
    NonInterleavingNotificationIDsBaseCase,
)

if _absent:
    del sys.modules["eventsourcing.cipher"]

__all__ = ["ApplicationRecorderTestCase", "NonInterleavingNotificationIDsBaseCase"]
