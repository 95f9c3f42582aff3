"""The gates that every piece of content passes, whoever wrote it (docs/agents.md)."""

from bot.executors.gates.completeness import set_problems
from bot.executors.gates.judging import Gate, Verdict, Written, judge
from bot.executors.gates.project import Project, project_of

__all__ = ["Gate", "Project", "Verdict", "Written", "judge", "project_of", "set_problems"]
