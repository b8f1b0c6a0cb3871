"""Saved queries for operators, ready to run in Logs Insights."""

from dataclasses import dataclass
from typing import Final

from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.environments import Environment
from infra.functions import FUNCTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question, and the commands of Logs Insights that answer it."""

    name: str
    question: str
    commands: tuple[str, ...]

    def text(self) -> str:
        """Return what Logs Insights runs."""
        return "\n| ".join(self.commands)


QUERIES: Final = (
    Query(
        name="one-clip",
        question="Everything about one attempt or request. Replace ID with its id.",
        commands=(
            "fields @timestamp, service, level, message, location",
            "filter correlation_id = 'ID' or attempt_id = 'ID' or attempt.attempt_id = 'ID'",
            "sort @timestamp asc",
            "limit 1000",
        ),
    ),
    Query(
        name="errors",
        question="The most frequent errors.",
        commands=(
            "fields service, message",
            'filter level in ["ERROR", "CRITICAL"]',
            "stats count() as times, latest(@timestamp) as last by service, message",
            "sort times desc",
            "limit 50",
        ),
    ),
    Query(
        name="failed-clips",
        question="Why clips fail.",
        commands=(
            'filter message = "clip failed"',
            "stats count() as clips by error_code, provider, bin(1h)",
            "sort clips desc",
        ),
    ),
    Query(
        name="unknown-submissions",
        question="Attempts that a provider may or may not have accepted.",
        commands=(
            'filter message = "submission outcome unknown"',
            "fields @timestamp, correlation_id, offer",
            "sort @timestamp desc",
        ),
    ),
    Query(
        name="slow-providers",
        question="How long providers take, and how often they are polled.",
        commands=(
            'filter message = "provider finished"',
            "stats pct(run_seconds, 50), pct(run_seconds, 95), avg(polls), count() by bin(1h)",
        ),
    ),
    Query(
        name="rejected-photos",
        question="Why photos are rejected.",
        commands=(
            'filter message = "photo checked" and state = "rejected"',
            "stats count() as photos by reason",
            "sort photos desc",
        ),
    ),
)


class SavedQueries(Construct):
    """`QUERIES`, over the log groups of all functions."""

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        groups = [f"/echoes/{environment.name}/{spec.name}" for spec in FUNCTIONS]
        for query in QUERIES:
            logs.CfnQueryDefinition(
                self,
                query.name.title().replace("-", ""),
                name=f"{environment.name_of('queries')}/{query.name}",
                query_string=f"# {query.question}\n{query.text()}",
                log_group_names=groups,
            )
