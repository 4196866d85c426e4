"""The trust documents of an event, as a client believes them (spec/trust.md)."""

from huma.protocol.trust.documents import Seen, TrustedDocuments
from huma.protocol.trust.metadata import RoleName
from huma.protocol.trust.state import TrustState, parse_state, render_state

__all__ = ["RoleName", "Seen", "TrustState", "TrustedDocuments", "parse_state", "render_state"]
