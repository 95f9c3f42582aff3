"""Effects are values: what a commit asks to be done outside, kept in the outbox until there is evidence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.domain.alerting import Severity
from bot.domain.base import Document, Frozen, Time

Reaction = Literal["rocket", "confused", "eyes"]
ALERT_LABEL = "alert"
"""What the issue of an alert carries."""


class Reply(Frozen):
    """A comment by the bot; answers a command where ``comment`` is given."""

    kind: Literal["reply"] = "reply"
    issue: int | None = Field(description="None: the issue of ``project``, once that is filed")
    project: str = ""
    body: str
    comment: int | None = Field(default=None, description="the command's comment, which gets the reaction")
    reaction: Reaction | None = None
    becomes: Literal["progress", "delivery"] | None = Field(
        default=None, description="what its comment is to ``project`` from then on"
    )


class React(Frozen):
    """A reaction without a reply: to strangers."""

    kind: Literal["react"] = "react"
    comment: int
    reaction: Reaction


class Dispatch(Frozen):
    """Start a worker's run for an assignment."""

    kind: Literal["dispatch"] = "dispatch"
    worker: str
    task: str
    project: str
    lease: int
    workflow: str
    runs_on: tuple[str, ...] = Field(default=(), description="labels of the runner; empty: the default's")

    @property
    def assignment(self) -> str:
        """What the run is named after."""
        return f"{self.task}@{self.lease}"


class Cancel(Frozen):
    """End the run of an assignment whose lease was taken back."""

    kind: Literal["cancel"] = "cancel"
    task: str
    lease: int
    project: str
    workflow: str
    run_id: int | None = Field(default=None, description="None: to be found by its name")

    @property
    def assignment(self) -> str:
        """What the run is named after."""
        return f"{self.task}@{self.lease}"


class StartProcess(Frozen):
    """Have the configured workflow start a silent worker process again."""

    kind: Literal["start-process"] = "start-process"
    process: str
    workflow: str


class FileIssue(Frozen):
    """File an issue of the bot's own: an alert for administrators, an incident report."""

    kind: Literal["file-issue"] = "file-issue"
    about: str = Field(pattern=r"^(alert|incident)/[a-z0-9-]{1,80}$", description="what it is looked up by")
    title: str
    body: str
    labels: tuple[str, ...] = ()


class ShowAlert(Frozen):
    """The issue of an alert is due: what it says is worked out from the newest state."""

    kind: Literal["show-alert"] = "show-alert"
    alert: str
    issue: int | None = Field(default=None, description="None: the alert's, as an older program has asked")
    closed: bool | None = Field(default=None, description="to be closed or reopened; None: left as it is")


class Notify(Frozen):
    """Tell the addresses outside, by a run that knows them; none of them is in the state."""

    kind: Literal["notify"] = "notify"
    alert: str = Field(description="the one that the message begins with")
    severity: Severity
    title: str
    body: str


class MergePull(Frozen):
    """Merge a project's pull request at its head, or bring that up to date with its base first."""

    kind: Literal["merge-pull"] = "merge-pull"
    project: str
    key: str
    repository: str = Field(description="owner/name")
    number: int
    head: str = Field(description="merged only if this is still the head")
    method: Literal["squash", "merge", "rebase"] = "squash"
    title: str = Field(default="", max_length=250, description="of the commit that merging makes")
    update: bool = Field(default=False, description="only merge the base into its branch")


class CloseIssue(Frozen):
    """Close a planned issue of a project whose work is done, where no pull request closes it."""

    kind: Literal["close-issue"] = "close-issue"
    project: str
    key: str
    repository: str = Field(description="owner/name")
    number: int


class OpenIssue(Frozen):
    """File the issue of a project that was asked for on another project's issue."""

    kind: Literal["open-issue"] = "open-issue"
    project: str


class Labels(Frozen):
    """The labels of a project's issue are due; which ones is worked out from the newest state."""

    kind: Literal["labels"] = "labels"
    project: str


class Progress(Frozen):
    """How far a project is, is due to be written anew; what it says is worked out from the newest state."""

    kind: Literal["progress"] = "progress"
    project: str


class Status(Frozen):
    """The pinned issue is due to be filed, or to be written anew, from the newest state."""

    kind: Literal["status"] = "status"


Effect = Annotated[
    Reply
    | React
    | Dispatch
    | Cancel
    | StartProcess
    | OpenIssue
    | CloseIssue
    | FileIssue
    | ShowAlert
    | Notify
    | MergePull
    | Labels
    | Progress
    | Status,
    Field(discriminator="kind"),
]


class GenesisDone(Frozen):
    """To be told in the project's thread: Genesis is complete."""

    project: str


class AwaitsApproval(Frozen):
    """To be told in the project's thread: it enters its next stage when somebody approves that."""

    project: str


class Deployed(Frozen):
    """To be told in the project's thread: the milestone that starts Content."""

    project: str


class Completed(Frozen):
    """To be told in the project's thread: all three stages are done."""

    project: str


class ToReview(Frozen):
    """To be told in the project's thread: a task has used up its attempts."""

    project: str
    task: str


class Halted(Frozen):
    """To be told in the project's thread: every run of a stopped project was seen ended."""

    project: str


class Closed(Frozen):
    """To be told in the project's thread: nobody answered, so the closed issue's project is stopped."""

    project: str


class AlertTold(Frozen):
    """To be told in an issue of the alert's own: that it is open, has become worse, is over."""

    alert: str
    what: Literal["open", "worse", "over"]


class AlertsSent(Frozen):
    """To be told outside: what has become of some alerts, (id, what) each."""

    alerts: tuple[tuple[str, Literal["open", "worse", "over"]], ...]


class ToMerge(Frozen):
    """To be told in the project's thread: a pull request is ready, and a person has to merge it."""

    project: str
    key: str


class Stalled(Frozen):
    """To be told in the project's thread: GitHub does not say what a pull request's merge hangs on."""

    project: str
    key: str


Notice = GenesisDone | AwaitsApproval | Deployed | Completed | ToReview | Halted | Closed | ToMerge | Stalled
"""What the bot says in a project's thread by itself; worded once everything is settled."""


class OutboxEntry(Frozen):
    """An effect that was asked for and not yet seen done."""

    id: str = Field(description="{event id}/{n}: the marker that its evidence carries")
    effect: Effect
    asked_at: Time
    claimed_at: Time = Field(description="when the latest delivery of it was claimed")
    attempt: int = Field(default=1, ge=1)


class Outbox(Document):
    """``outbox.json``: in the order in which it was asked for."""

    entries: tuple[OutboxEntry, ...] = ()
