"""The whole state as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.archive import Archived
from bot.domain.config import Config
from bot.domain.controls import Controls, Journal
from bot.domain.effects import Outbox
from bot.domain.events.batch import Batch
from bot.domain.hours import Hours
from bot.domain.incidents import Incident
from bot.domain.instances import Instance
from bot.domain.ledger import Ledger
from bot.domain.models import Project, Queue
from bot.domain.moves import Moves
from bot.domain.outputs import ContentOutput, DevelopmentProgress, GenesisOutput
from bot.domain.predictions import Predictions
from bot.domain.records import Alerts, Recent
from bot.domain.showing import Showing
from bot.domain.usage import Usage
from bot.domain.vocabulary import QueueName
from bot.domain.watch import Watch


@dataclass(frozen=True, slots=True)
class State:
    """Every file under ``shared-state/``, typed."""

    projects: Mapping[str, Project] = field(default_factory=dict)
    genesis: Mapping[str, GenesisOutput] = field(default_factory=dict)
    """Project id → what Genesis handed on."""
    development: Mapping[str, DevelopmentProgress] = field(default_factory=dict)
    """Project id → how far Development is."""
    content: Mapping[str, ContentOutput] = field(default_factory=dict)
    """Project id → what Content has made."""
    queues: Mapping[QueueName, Queue] = field(default_factory=lambda: {name: Queue() for name in QueueName})
    instances: Mapping[str, Instance] = field(default_factory=dict)
    ledger: Ledger = Ledger()
    outbox: Outbox = Outbox()
    events: Batch | None = None
    config: Config = Config()
    controls: Controls = Controls()
    alerts: Alerts = Alerts()
    incidents: Mapping[str, Incident] = field(default_factory=dict)
    journal: Journal = Journal()
    recent: Recent = Recent()
    watch: Watch = Watch()
    scaling: Moves = Moves()
    usage: Usage = Usage()
    hours: Hours = Hours()
    predictions: Predictions = Predictions()
    showing: Showing = Showing()
    archived: Archived = Archived()
