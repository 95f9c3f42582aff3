"""Secrets in a worker's output, struck out by their shape before anything is stored or shown."""

from __future__ import annotations

import re

_SHAPES = re.compile(
    r"gh[pousr]_[A-Za-z0-9]{16,}|github_pat_[A-Za-z0-9_]{20,}|sk-[A-Za-z0-9_-]{16,}"
    r"|AIza[A-Za-z0-9_-]{35}|ya29\.[A-Za-z0-9_-]{20,}|glpat-[A-Za-z0-9_-]{20,}|npm_[A-Za-z0-9]{36}"
    r"|A[KS]IA[0-9A-Z]{16}|xox[abprs]-[A-Za-z0-9-]{10,}|(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_NAMED = re.compile(
    r"(?i)((?:token|secret|password|passwd|api[_-]?key)[A-Z0-9_-]{0,60}\s*[=:]\s*)(\"[^\"\n]+\"|'[^'\n]+'|\S+)"
)
"""Nothing before the word is matched, and little after it: time grows with the text, not with its square."""
_HEADER = re.compile(r"(?i)\b(authorization\s*:\s*(?:basic|bearer|token)\s+)\S+")


def masked(text: str) -> str:
    """The text with ``***`` in place of what looks like a token, key or password."""
    text = _SHAPES.sub("***", text)
    text = _HEADER.sub(r"\1***", text)
    return _NAMED.sub(r"\1***", text)
