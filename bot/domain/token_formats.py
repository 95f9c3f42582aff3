"""Keys and tokens by their published formats: narrow enough to refuse a file for.

``bot.domain.masking`` is about what is shown and may strike out too much; a finding here holds work back.
Prefixes and lengths as the providers document them: GitHub ("About authentication to GitHub"), AWS ("IAM
identifiers"), Slack ("Token types"), Google, OpenAI, Anthropic, Stripe, npm, PyPI, GitLab.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FORMATS = {
    "a GitHub token": r"gh[pousr]_[A-Za-z0-9_]{36,}|github_pat_[A-Za-z0-9_]{40,}",
    "an AWS access key": r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}",
    "an AWS secret key": r"(?i:aws_?secret_?(?:access_?)?key)[\"']?\s{0,5}[=:]\s{0,5}[\"']?[A-Za-z0-9/+]{40}",
    "a Slack token": r"xox[abeoprs]-[A-Za-z0-9-]{20,}|xapp-\d-[A-Za-z0-9-]{20,}",
    "a Slack webhook": r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9+/]{40,}",
    "a Google API key": r"AIza[A-Za-z0-9_-]{35}",
    "a Google OAuth token": r"ya29\.[A-Za-z0-9_-]{30,}|GOCSPX-[A-Za-z0-9_-]{28}",
    "an Anthropic key": r"sk-ant-[a-z0-9]{2,12}-[A-Za-z0-9_-]{32,}",
    "an OpenAI key": r"sk-(?:proj|svcacct|admin)-[A-Za-z0-9_-]{32,}|sk-[A-Za-z0-9]{40,64}",
    "a Stripe key": r"[rs]k_live_[A-Za-z0-9]{20,}",
    "an npm token": r"npm_[A-Za-z0-9]{36}",
    "a PyPI token": r"pypi-AgE[A-Za-z0-9_-]{50,}",
    "a GitLab token": r"glpat-[A-Za-z0-9_-]{20,}",
    "a JSON Web Token": r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{20,}",
    "a private key": r"-----BEGIN (?:[A-Z0-9]{1,20} ){0,3}PRIVATE KEY(?: BLOCK)?-----\s{0,9}"
    r"[A-Za-z0-9+/=:\\]{4}",
}
_PATTERN = re.compile(
    r"(?<![A-Za-z0-9_])(?:"
    + "|".join(f"(?P<k{index}>{pattern})" for index, pattern in enumerate(_FORMATS.values()))
    + ")"
)
_KINDS = tuple(_FORMATS)
_PLACEHOLDER = 6
"""A token with fewer different characters behind its prefix is made up, as ``ghp_xxxx…``."""


def kinds_of_secrets(text: str) -> Iterator[tuple[str, int]]:
    """(kind, line from 1) of everything in a text that has the format of a secret; never the secret."""
    line, counted = 1, 0
    for found in _PATTERN.finditer(text):
        if _is_made_up(found[0]):
            continue
        line += text.count("\n", counted, found.start())
        counted = found.start()
        yield _KINDS[int((found.lastgroup or "k0")[1:])], line


def _is_made_up(token: str) -> bool:
    if token.startswith("-----"):
        return False
    return token.endswith("EXAMPLE") or len(set(token[-16:])) < _PLACEHOLDER
