"""Days of a fleet with given working times, and the play that begins in the midst of one."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from bot.domain.config import Config
from bot.domain.outputs import GenesisOutput, PlannedIssue, Priority, Size
from bot.domain.vocabulary import QueueName
from bot.policies.forecast.compiling import compiled, open_projects
from bot.policies.forecast.pieces import Outcome
from bot.policies.forecast.playing import Play
from bot.policies.forecast.world import Plan
from bot.policies.projects.planning import plan_development
from tests.core.driven import Driven, Given, Times
from tests.core.worlds import output


def script(seed: int, failures: int) -> Times:
    """Times in whole minutes, so that much happens at the same moment; some of them over the limit."""

    def times(task: str, worker: str, number: int) -> tuple[int, Outcome]:
        digest = sha256(f"{seed} {task} {number} {worker}".encode()).digest()
        minutes = 61 if digest[0] == 0 else 1 + digest[0] % 9
        if digest[1] < failures:
            return minutes * 60, Outcome.FAILED
        changes = task.endswith(".review") and digest[2] < failures
        return minutes * 60, Outcome.CHANGES if changes else Outcome.DONE

    return times


def plan(project: str) -> GenesisOutput:
    """One to three features, of which some follow from others or touch the same files."""
    digest = sha256(project.encode()).digest()
    issues = tuple(
        PlannedIssue(
            key=f"part-{number}",
            title=f"Part {number}",
            body="…",
            acceptance=("it works",),
            specialty="performance" if number and digest[number] % 7 == 0 else "feature",
            days=1 + digest[number + 3] % 3,
            milestone="MVP",
            depends_on=(f"part-{number - 1}",) if number and digest[number + 6] % 2 else (),
            touches=("site/**",) if digest[number + 9] % 2 else (),
        )
        for number in range(1 + digest[0] % 3)
    )
    url = f"https://github.example/acme/{project}"
    return output(title=project, issues=issues, repository=f"acme/{project}", repository_url=url)


def a_day(
    config: Config, times: Times, wishes: list[tuple[Size, Priority, str, int]], steps: int, said: list[tuple]
) -> Driven:
    """Ideas come one after the other, then people give commands; then some time passes."""
    day = Driven(config, times, plan)
    for issue, (size, priority, region, wait) in enumerate(wishes, 1):
        where = f" --region {region}" if region else ""
        day.say(f"/dispatch-genesis Idea --size {size} --priority {priority}{where}", issue)
        day.run(until=day.now + timedelta(minutes=wait))
    for _ in range(steps):
        day.step()
    for number, (kind, *facts) in enumerate(said):
        match kind:
            case "assign":
                workflow, project, worker = facts
                if waiting := day.state.queues[QueueName(workflow.value)].items:
                    whose = waiting[project % len(waiting)].project
                    day.say(f"/assign {workflow} {whose} {workflow.value[:3]}-{worker} --force", 99)
            case "priority":
                day.say(f"/priority idea-{facts[0] + 1} {facts[1]}", 99)
            case "pause":
                day.say(f"/pause {facts[0]}", 99)
            case "triage":
                day.say(f"/priority-triage {facts[0]}", 99)
            case "rebalance":
                day.say("/rebalance", 99)
            case "say":
                day.say(facts[0], 99)
        for _ in range(number % 2):
            day.step()
    return day


def played(day: Driven) -> tuple[list[tuple[str, str, datetime, datetime]], dict[str, datetime | None]]:
    """What the play makes of the day from now on."""
    draft = day.draft()
    world = compiled(draft, open_projects(draft))
    for idea in world.ideas:
        if idea.plans:
            made = plan_development(idea.project, plan(idea.project.id), day.now)
            idea.plans = (Plan(made, len(idea.project.id)),)
    log: list[tuple[str, str, datetime, datetime]] = []
    play = Play(world, Given(day), log=log.append).run()
    ends = {
        idea.project.id: None if end is None else datetime.fromtimestamp(end, day.now.tzinfo)
        for idea, end in zip(world.ideas, play.ends, strict=True)
    }
    return log, ends
