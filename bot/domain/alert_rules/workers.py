"""Workers that fail, are stuck or silent, may not join, or never come for their tasks."""

from __future__ import annotations

from bot.domain.alert_rules.rule import DAY, Rule
from bot.domain.alerting import Severity

BREAKER = Rule(
    id="breaker",
    of="worker",
    severity=Severity.WARNING,
    condition="a worker was taken out after `breaker.worker_failures` failures in a row; critical where no "
    "worker of its workflow is left",
    ends="it succeeds again, is restarted or stopped",
    causes={
        "": "{worker} failed {times} in a row: it gets nothing before {until}, then one task",
        "everybody": "{worker} failed {times} in a row: it gets nothing before {until}, then one task. No "
        "{workflow} worker is left that takes work: its queue waits, nothing is lost",
    },
    severities={"everybody": Severity.CRITICAL},
    advice={
        "": "Look at its failures: is it the worker, or the work? A success of that one task ends this; "
        "/restart {worker} lets it take work at once."
    },
    commands={
        "": ("/health-check {worker}", "/restart {worker}"),
    },
)
STUCK = Rule(
    id="stuck",
    of="worker",
    severity=Severity.WARNING,
    condition="a task shows no progress for `pools.*.stuck_minutes`, else half of its time limit",
    ends="it gets on, or is over",
    causes={
        "": "{worker} has been at {task} since {since}, longer than the {minutes} after which it counts as "
        "stuck",
        "silent": "{worker} has shown no progress on {task} since {since}; {minutes} are allowed in "
        "{workflow}",
    },
    advice={
        "": "A run on Actions cannot tell how it gets on, so look at its log; at its time limit, {limit}, it "
        "is cancelled, and the attempt counts as failed. `/restart {worker}` ends it now, without counting "
        "the attempt.",
        "silent": "Unless it gets on it is stopped at {stop}: that attempt counts as failed, and the task is "
        "tried again. `/restart {worker}` ends it now, without counting the attempt.",
    },
    commands={
        "": ("/restart {worker}",),
        "silent": ("/restart {worker}",),
    },
)
OFFLINE = Rule(
    id="worker-offline",
    of="process",
    severity=Severity.WARNING,
    condition="a worker process was silent for `health.heartbeat_minutes`, and its restart, where one is "
    "configured, has not brought it back within `external.restart_minutes`",
    ends="it is heard of again, or its workers are stopped",
    causes={"": "The worker process {process}{slots} has not been heard of since {last}; it held {held}"},
    advice={
        "": "Look at its machine, and start it there: `{command}`. The alert ends when it is heard of. If it "
        "does not come back, others take its place, and it is forgotten after {days:g} days.",
        "restarted": "{workflow} was dispatched to start it and did not bring it back: look at its run. "
        "Look at its machine, and start it there: `{command}`. The alert ends when it is heard of. If it "
        "does not come back, others take its place, and it is forgotten after {days:g} days.",
    },
    commands={
        "": ("{command}",),
        "restarted": ("{command}",),
    },
)
PROCESSES = Rule(
    id="worker-processes",
    severity=Severity.WARNING,
    condition="more worker processes are live than `external.processes`",
    ends="there are no more than that",
    causes={
        "": "{live} worker processes are live, more than {most}: their beats share {pushes:g} pushes a "
        "minute, so each is heard of every {seconds} s, and one that dies is noticed after {noticed}"
    },
    advice={
        "": "Run fewer processes with more slots each: `orchestrator worker --slots n` beats once for all "
        "slots."
    },
)
REFUSED = Rule(
    id="worker-refused",
    of="process",
    severity=Severity.WARNING,
    condition="a worker process asked to join under an id of another process or workflow",
    ends="it has joined, or a day is over",
    lasts=DAY,
    causes={
        "workflow": "A worker process asked to join as {process} for {asked}, but {slot} is a worker of "
        "{workflow}",
        "slot": "A worker process asked to join as {process} for {asked}, but {slot} is a slot of the "
        "process {holder}",
    },
    advice={"": "Start it with another --id, or stop what has this one; nothing was changed."},
)
RUNS = Rule(
    id="runs-not-starting",
    severity=Severity.WARNING,
    condition="the runs of a worker did not begin within `health.start_minutes`, twice in a row",
    ends="one begins",
    causes={"": "the runs of {workers} do not begin, {times} times in a row or more"},
    advice={
        "": "Look at the runs of {workflow} under Actions: is the workflow enabled, is a runner with its "
        "labels online, are there minutes left?"
    },
)
CLAIMS = Rule(
    id="work-not-taken",
    severity=Severity.WARNING,
    condition="a worker process did not come for its task within `health.start_minutes`, twice in a row",
    ends="it comes for one",
    causes={"": "the processes of {workers} do not come for their tasks, {times} times in a row or more"},
    advice={"": "Look at their logs: each is heard of, but takes nothing; start it anew on its machine."},
)
