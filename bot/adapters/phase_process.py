"""One phase of an assignment as a child process: own group, small environment, output to a file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from bot.adapters.marked import MARK, kill_marked
from bot.domain.work import WorkOrder

LOG = "phases.log"
"""What the phases print, in the workspace."""
COMMAND = (sys.executable, "-P", "-m", "bot", "work")

INHERITED = (
    *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "SYSTEMROOT"),
    *("http_proxy", "https_proxy", "no_proxy", "all_proxy", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY"),
    *("HTTP_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "LD_LIBRARY_PATH"),
)
"""What a phase may see of the worker's environment: where programs are, language, proxies, certificates."""
AGENT_KEYS = (
    *("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_MODEL"),
    *("CODEX_API_KEY", "OPENAI_API_KEY", "OPENAI_BASE_URL", "COPILOT_GITHUB_TOKEN"),
)
"""What the package's agents need besides (``bot/executors/agents``); given to ``run`` alone, as the workflow
does."""


def environment(environ: Mapping[str, str], phase: str, workspace: Path) -> dict[str, str]:
    """A phase's whole environment: an allow-list, so that no token of the worker gets through."""
    names = (*INHERITED, *((*AGENT_KEYS, *_deployment_keys(workspace)) if phase == "run" else ()))
    kept = {name: environ[name] for name in names if name in environ}
    return {**kept, "TMPDIR": str(workspace / "tmp"), MARK: str(workspace)}


def _deployment_keys(workspace: Path) -> tuple[str, ...]:
    """What the configuration gives to a deployment's command; the order is what the claim wrote."""
    try:
        order = WorkOrder.model_validate_json((workspace / "assignment.json").read_bytes())
    except (OSError, ValidationError):
        return ()
    return order.deployment.keys if order.deployed_by_rule else ()


class PhaseProcess:
    """Implements ``bot.app.worker.machine.Child``."""

    def __init__(self, phase: str, workspace: Path, environ: Mapping[str, str]) -> None:
        """Start it. Raises OSError."""
        (workspace / "tmp").mkdir(parents=True, exist_ok=True)
        self._workspace = workspace
        theirs, self._lifeline = os.pipe()
        try:
            with (workspace / LOG).open("ab") as log:
                self._process = subprocess.Popen(
                    [*COMMAND, phase, "--workspace", str(workspace), "--lifeline", str(theirs)],
                    cwd=workspace,
                    env=environment(environ, phase, workspace),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    pass_fds=(theirs,),
                )
        except OSError:
            os.close(self._lifeline)
            raise
        finally:
            os.close(theirs)

    def ended(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._process.poll()

    def kill(self) -> None:
        """SIGKILL for the group and for what has left it; doing so twice is fine."""
        if self._lifeline < 0:
            return
        with suppress(ProcessLookupError, PermissionError):  # macOS answers EPERM for a group of zombies
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        kill_marked(self._workspace)
        os.close(self._lifeline)
        self._lifeline = -1
