"""What is said about placing work by hand: ``/assign`` and ``/rebalance``."""

from __future__ import annotations

from collections.abc import Sequence

from bot.domain.draft import Draft
from bot.domain.instances import Instance
from bot.domain.models import Project, Task
from bot.domain.outlook import Move, Outlook
from bot.domain.vocabulary import ProjectStatus, QueueName, TaskStatus, WorkerStatus, Workflow
from bot.render.starts import about, hold
from bot.render.text import code, escape, fitted, plural, table

ROOM = 56_000
"""Characters of a table."""
NAMED = 5
"""Workers or tasks that a sentence names."""


def assigned(draft: Draft, project_id: str, task_id: str, worker_id: str, outlook: Outlook) -> str:
    """The reply to ``/assign``: the task is the worker's, or will be."""
    task = draft.projects[project_id].task(task_id)
    title = f" ({escape(task.title, 80)})" if task and task.title else ""
    if task and task.worker == worker_id and task.status.held:
        return f"`{task_id}`{title} is assigned to `{worker_id}`, whose run is being started."
    when = _when(draft, task, worker_id, outlook)
    return (
        f"`{task_id}`{title} is reserved for `{worker_id}`{when}. "
        f"Another `/assign`, or `/rebalance`, changes that; `/why {task_id}` says how it stands."
    )


def _when(draft: Draft, task: Task | None, worker_id: str, outlook: Outlook) -> str:
    """What has to happen first, as the end of a sentence."""
    worker, start = draft.instances.get(worker_id), outlook.start
    if task and start and start.hold:
        return f" and waits: {hold(draft, start.hold, task.workflow, task.not_before)}"
    if worker is None or worker.assignment is None:
        return ", and starts as soon as that is up"
    when = about(start.at - draft.now) if start and start.at and start.at > draft.now else "as soon as it can"
    queue = draft.ordered(QueueName(worker.workflow.value))
    others = sum(item.reserved == worker_id for item in queue[: max(0, outlook.place - 1)])
    after = f"after that and {plural(others, 'other task')}" if others else "right after that"
    return f", which is busy with {code(worker.assignment.task)}: it comes {after}, {when}"


def already_reserved(worker: str, task_id: str) -> str:
    """Asked for twice."""
    return (
        f"Nothing to change: `{task_id}` is reserved for `{worker}` already. "
        f"`/why {task_id}` says when it starts."
    )


def other_workflow(worker: Instance, workflow: Workflow, others: Sequence[str]) -> str:
    """A worker of another pool."""
    return (
        f"Not assigned: `{worker.id}` is a {worker.workflow} worker, and this is {workflow} work. "
        f"{_workers(workflow, others)}"
    )


def not_up(worker: Instance, others: Sequence[str]) -> str:
    """A worker that takes no work."""
    state = {
        WorkerStatus.DRAINING: "finishes its last task and takes no more",
        WorkerStatus.STOPPED: "is stopped",
    }.get(worker.status, f"is {worker.status}")
    there = f" `/health {worker.id}` says how it is started on its machine."
    start = {
        WorkerStatus.OFFLINE: f" `/restart {worker.id}` starts it anew.",
        WorkerStatus.STOPPED: f" `/scale-up {worker.workflow}` starts a worker.",
    }.get(worker.status, "")
    start = there if start and worker.kind == "external" else start
    return f"Not assigned: `{worker.id}` {state}.{start} {_workers(worker.workflow, others)}"


def _workers(workflow: Workflow, ids: Sequence[str]) -> str:
    if not ids:
        return f"No {workflow} worker is up; `/instances {workflow}` lists them all."
    more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
    shown = ", ".join(code(id_) for id_ in ids[:NAMED])
    return f"{workflow.value.capitalize()} workers that are up: {shown}{more}."


def project_over(project: Project) -> str:
    """A project that gets no work done any more, or not now."""
    if project.status is ProjectStatus.STOPPED:
        return f"Not assigned: `{project.id}` is stopped. `/resume {project.id}` lets its work go on."
    return f"Not assigned: `{project.id}` is {project.status}; nothing of it is left to assign."


def wrong_specialty(task: Task, project: Project, worker: Instance) -> str:
    """The worker is meant for other work, and nobody insisted."""
    typed = f"/assign {task.workflow} {project.id} {worker.id} --force"
    does = ", ".join(escape(one, 40) for one in worker.specialties)
    return (
        f"Not assigned: {code(task.id)} needs the specialty **{escape(task.specialty, 40)}**, and "
        f"`{worker.id}` is for {does}. To have it done there all the same: `{typed}`."
    )


def waits_for(task: Task, needs: Sequence[Task]) -> str:
    """The next task has to wait for others, which nothing overrides."""
    more = f" and {len(needs) - NAMED} more" if len(needs) > NAMED else ""
    shown = ", ".join(_state(one) for one in needs[:NAMED])
    return (
        f"Not assigned: {code(task.id)} is not ready; it waits for {shown}{more}. "
        "A task never starts before those that it depends on are done."
    )


def nothing_ready(project: Project, workflow: Workflow, tasks: Sequence[Task]) -> str:
    """No task of this workflow is there to be assigned; ``tasks``: those that it has and are not over."""
    if not tasks:
        stage = f"it is in the stage **{project.stage}**"
        return f"Not assigned: `{project.id}` has no open {workflow} task; {stage}."
    more = f" and {len(tasks) - NAMED} more" if len(tasks) > NAMED else ""
    shown = ", ".join(_state(one) for one in tasks[:NAMED])
    review = next((one for one in tasks if one.status is TaskStatus.REVIEW), None)
    hint = f" `/retry {review.id}` gives it another attempt." if review else ""
    return f"Not assigned: no {workflow} task of `{project.id}` is ready: {shown}{more}.{hint}"


def _state(task: Task) -> str:
    """A task with what is happening to it."""
    where = f", with {code(task.worker)}" if task.worker and task.status.held else ""
    state = "in review" if task.status is TaskStatus.REVIEW else task.status.value
    return f"{code(task.id)} ({state}{where})"


def rebalanced(draft: Draft, moves: Sequence[Move], stay: int) -> str:
    """The reply to ``/rebalance``: each move, why, and what has come of it."""
    rows = [
        [code(one.task), code(one.source), code(one.target), f"{escape(one.why)}{_now(draft, one)}"]
        for one in moves
    ]
    foot = [_stays(stay)] if stay else []
    if cancelled := sum(move.begun for move in moves):
        runs = plural(cancelled, "run")
        foot.insert(0, f"{runs} that had not begun will be cancelled; such an attempt does not count.")
    lines = table(["task", "from", "to", "why"], rows).split("\n")
    head = f"{plural(len(moves), 'task')} moved:\n\n" + "\n".join(lines[:2])
    return fitted(head, lines[2:], "\n" + " ".join(foot), most=ROOM)


def _stays(running: int) -> str:
    if not running:
        return ""
    return f"{plural(running, 'running task')} {'stays' if running == 1 else 'stay'} as before."


def _now(draft: Draft, move: Move) -> str:
    task = draft.projects[move.project].task(move.task)
    return "; starts now" if task and task.worker == move.target and task.status.held else ""


def well_placed(workflows: Sequence[Workflow], looked_at: int, stay: int) -> str:
    """Nothing would improve."""
    where = f" in {workflows[0]}" if len(workflows) == 1 else ""
    if not looked_at:
        return (
            f"Nothing to move{where}: no task is reserved, and none waits for its run to begin. "
            f"{_stays(stay)}{' ' if stay else ''}What is queued goes to whoever is free first."
        )
    tasks = plural(looked_at, "task")
    text = (
        f"Nothing was moved: {tasks}{where} could be, but none would be better off elsewhere. {_stays(stay)}"
    )
    return text.strip()
