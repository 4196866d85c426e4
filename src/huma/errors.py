"""Every error of ours: whose fault it is, a stable code for machines, a hint for a tired person.

    HumaError
     ├─ UsageError           you: wrong arguments, a wrong event.toml                  exit 2
     ├─ VerificationError    them: what they sent is not what the broadcaster signed   exit 5
     │   ├─ MalformedError       it does not parse, or breaks a limit of the spec
     │   ├─ SignatureError       it parses and the signature is not good
     │   ├─ DigestError          other bytes than those named
     │   └─ StaleError           signed, yet behind what is already believed
     ├─ TransportError       the network, a server, a time-out                         exit 1
     ├─ StoreError           a store refuses, is full, is gone                         exit 1
     ├─ NoMirrorError        nothing left to ask                                       exit 4
     ├─ KeyStoreError        keys are missing, locked, readable by others, spent       exit 1
     ├─ MediaError           a source or an encoder                                    exit 1
     └─ BugError             us                                                        exit 1

What a censor does is data (a verdict with its evidence), never an exception of its own.
"""

from __future__ import annotations


class HumaError(Exception):
    """The root of the tree. `code` is stable; `hint` says what to do next."""

    code = "error"
    hint = ""
    exit_code = 1

    def __init__(self, message: str, *, code: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if code is not None:
            self.code = code
        if hint is not None:
            self.hint = hint

    def as_dict(self) -> dict[str, str]:
        """The error as one JSON object of `--json`."""
        return {"code": self.code, "message": self.message, "hint": self.hint}


class UsageError(HumaError):
    """The person at the keyboard can mend this."""

    code = "usage"
    hint = "See --help."
    exit_code = 2


class VerificationError(HumaError):
    """What was received is not what the broadcaster signed."""

    code = "verification"
    hint = "Ask another mirror. Keep the file: it is evidence."
    exit_code = 5


class MalformedError(VerificationError):
    """It does not parse, or it breaks a limit of the specification."""

    code = "malformed"


class SignatureError(VerificationError):
    """It parses, and the signature is not good."""

    code = "bad-signature"


class DigestError(VerificationError):
    """Other bytes than those named."""

    code = "digest-mismatch"


class StaleError(VerificationError):
    """Signed, yet behind what is already believed."""

    code = "behind"


class TransportError(HumaError):
    """The network, a server, or a time-out."""

    code = "transport"
    hint = "Check the connection, then try again."


class StoreError(HumaError):
    """A store refuses, is full, or is gone."""

    code = "store"
    hint = "Look at the store; publishing to the others goes on."


class NoMirrorError(HumaError):
    """No mirror is left to ask."""

    code = "no-mirror"
    hint = "Get a fresh link from the organiser."
    exit_code = 4


class KeyStoreError(HumaError):
    """Keys are missing, locked, readable by others, or spent."""

    code = "keys"
    hint = "Run huma check on the event's folder."


class MediaError(HumaError):
    """A source or an encoder."""

    code = "media"
    hint = "Check the source: does it play elsewhere? huma live test shows whether the rest works."


class BugError(HumaError):
    """A mistake of this software."""

    code = "bug"
    hint = "Please report it with the lines above. Take out names of folders and all addresses first."
