"""GitHub's closing keywords: which issues of the same repository a text closes when it lands."""

from __future__ import annotations

import re

_CODE = re.compile(r"^(```|~~~).*?^\1|`[^`\n]*`|<!--.*?-->", re.DOTALL | re.MULTILINE)


def closed_by(text: str, full_name: str) -> list[int]:
    """The numbers that ``text`` names after a keyword, each once, in their order.

    ``Closes #3``, ``fixed: #4``, ``resolves owner/name#5`` and the issue's address count, upper or lower
    case; text in code and in HTML comments does not.
    """
    here = re.escape(full_name)
    pattern = re.compile(
        r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+"
        rf"(?:(?:{here})?#|https?://[^\s/]+/{here}/issues/|GH-)(\d{{1,9}})\b",
        re.IGNORECASE,
    )
    return list(dict.fromkeys(int(number) for number in pattern.findall(_CODE.sub(" ", text))))
