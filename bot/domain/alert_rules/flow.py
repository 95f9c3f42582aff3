"""What stands in the way of the work: queues that grow, workflows that fail or have become slow."""

from __future__ import annotations

from bot.domain.alert_rules.rule import Rule
from bot.domain.alerting import Severity

OVERFLOW = Rule(
    id="queue-overflow",
    of="queue",
    severity=Severity.WARNING,
    condition="more tasks wait in a queue than `queueing.overflow`",
    ends="the queue is a quarter below that",
    calls=True,
    causes={
        "": "{waiting} in the {queue} queue, more than {mark}",
        "still": "{waiting} in the {queue} queue after an overflow, which is over at {relief}",
    },
    advice={
        "": "Add workers with /scale-up {queue}, or have only urgent work done for now with "
        "/priority-triage urgent.",
        "review": "Look at them with /queues review, then /retry or /discard each.",
        "paused": "{queue} is paused, so that none of them starts: /unpause {queue} ends that.",
        "triage": "No worker may be added and it grew, so only {level} tasks of it are assigned until it "
        "is shorter; /priority-triage off ends that. /emergency-scale-up {queue} adds workers.",
        "grows": "It grows, and no worker may be added. Triage was not begun: it would hold back all or "
        "nothing of what may start there. /emergency-scale-up {queue} adds workers; /priority says which "
        "projects matter most.",
    },
    commands={
        "": ("/scale-up {queue}", "/emergency-scale-up {queue}", "/priority-triage urgent"),
        "review": ("/queues review",),
        "paused": ("/unpause {queue}",),
        "triage": ("/emergency-scale-up {queue}", "/priority-triage off"),
        "grows": ("/emergency-scale-up {queue}",),
    },
)
SLOW = Rule(
    id="slow",
    of="workflow",
    severity=Severity.WARNING,
    condition="the median completion time of the latest window is above `degradation.factor` times the usual",
    ends="it is under `degradation.clear` times the usual",
    causes={
        "": "{workflow} has become slow: half of its latest {window} tasks took more than {now}, usual are "
        "{usual} ({times:.1f} times). Slowest specialty: {specialty}. Slowest worker: {worker}"
    },
    advice={
        "": "/health {slowest} shows that worker; other workers are preferred to one that is much slower "
        "than its peers. /bottlenecks says whether more {workflow} workers would help."
    },
    commands={
        "": ("/health-check {slowest}", "/bottlenecks"),
    },
)
FAILING = Rule(
    id="failing",
    of="workflow",
    severity=Severity.CRITICAL,
    condition="a workflow was paused by the rule: its last `breaker.workflow_failures` tasks all failed",
    ends="the pause ends",
    causes={"": "{workflow} was paused: {why}"},
    advice={
        "": "Look at what went wrong with /queues review and /alerts, and mend it. Then /unpause {workflow} "
        "lets its tasks start again; only failures after that count anew."
    },
    commands={
        "": ("/queues review", "/unpause {workflow}"),
    },
)
