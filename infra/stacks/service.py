"""What runs: functions, layers, workflows, and rules."""

from pathlib import Path
from typing import Any, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.assembly_workflow import AssemblyWorkflow
from infra.constructs.books_audit import BooksAudit
from infra.constructs.generation_recovery import GenerationRecovery
from infra.constructs.generation_workflow import GenerationWorkflow
from infra.constructs.payment_intake import PaymentIntake
from infra.constructs.photo_intake import MusicIntake, PhotoIntake
from infra.constructs.project_schedule import ProjectSchedule
from infra.constructs.reward_review import RewardReview
from infra.constructs.runtime_layers import RuntimeLayers
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment
from infra.functions import (
    ACCOUNT_API,
    ADMIN_API,
    ASSEMBLE_API,
    ASSEMBLE_JOIN,
    ASSEMBLE_PLAN,
    ASSEMBLE_RENDER,
    ASSEMBLE_SETTLE,
    ASSEMBLE_STOPPED,
    AUDIT_BOOKS,
    AUDIT_PAYMENTS,
    AUDIT_TAMPERING,
    AUTHORIZER,
    BILLING_API,
    FUNCTIONS,
    GENERATE_API,
    GENERATE_FINISH,
    GENERATE_POLL,
    GENERATE_SETTLE,
    GENERATE_STOPPED,
    GENERATE_SUBMIT,
    GENERATE_SWEEP,
    PROJECTS_API,
    PROJECTS_SWEEP,
    REWARDS_REVIEW,
    STATUS_API,
    UPLOAD_API,
    UPLOAD_OPEN_MUSIC,
    UPLOAD_OPEN_PHOTO,
    WEBHOOKS_INGEST,
    WEBHOOKS_SWEEP,
    WEBHOOKS_WORKER,
    FunctionSpec,
)
from infra.stacks.data import DataStack


class ServiceStack(Stack):
    """
    The stateless half: it can be deleted and deployed again at any time.

    Each function is told what it needs, and may do what it needs, in the same line: `let_…`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        data: DataStack,
        layers: Path,
        **properties: Any,  # noqa: ANN401  # the properties of aws_cdk.Stack
    ) -> None:
        super().__init__(
            scope, construct_id, description="Echoes: functions, workflows, rules.", **properties
        )
        self._environment = environment
        self._data = data
        runtime_layers = RuntimeLayers(self, "Layers", platform=environment.platform, folder=layers)
        self.functions = {
            spec: ServiceFunction(
                self,
                spec.name.title().replace("-", ""),
                spec=spec,
                environment=environment,
                layers=runtime_layers,
            )
            for spec in FUNCTIONS
        }
        self.workflow = GenerationWorkflow(
            self,
            "Generation",
            environment=environment,
            tasks={
                "Submit": self.functions[GENERATE_SUBMIT],
                "Poll": self.functions[GENERATE_POLL],
                "Finish": self.functions[GENERATE_FINISH],
                "Settle": self.functions[GENERATE_SETTLE],
            },
        )
        self._equip_api_functions()
        self._equip_workflow_functions()
        self._equip_aftercare()
        PhotoIntake(
            self,
            "PhotoIntake",
            bucket=data.media.photos,
            opener=self.functions[UPLOAD_OPEN_PHOTO],
        )
        MusicIntake(
            self,
            "MusicIntake",
            bucket=data.media.photos,
            opener=self.functions[UPLOAD_OPEN_MUSIC],
        )
        self._equip_audit()
        GenerationRecovery(
            self,
            "GenerationRecovery",
            state_machine=self.workflow.state_machine,
            stopped=self.functions[GENERATE_STOPPED],
            sweep=self.functions[GENERATE_SWEEP],
        )
        self.payments = PaymentIntake(
            self,
            "PaymentIntake",
            environment=environment,
            worker=self.functions[WEBHOOKS_WORKER],
            sweep=self.functions[WEBHOOKS_SWEEP],
        )
        self._equip_payments()
        self._equip_projects()
        self._equip_rewards()
        self._equip_assembly()
        CfnOutput(
            self,
            "GenerationStateMachineArn",
            value=self.workflow.state_machine.state_machine_arn,
        )
        CfnOutput(
            self,
            "AssemblyStateMachineArn",
            value=self.assembly.state_machine.state_machine_arn,
        )

    def _equip_api_functions(self) -> None:
        data, functions = self._data, self.functions
        upload, generate = functions[UPLOAD_API], functions[GENERATE_API]
        status, account = functions[STATUS_API], functions[ACCOUNT_API]
        admin, authorizer = functions[ADMIN_API], functions[AUTHORIZER]

        data.records.grant_write(upload)
        data.records.grant_list(upload)
        data.records.grant_delete(upload)
        data.media.grant_photo_uploads(upload)
        data.media.grant_music_uploads(upload)

        data.ledger.grant_post(generate)
        data.records.grant_write(generate)
        data.records.grant_delete(generate)
        data.media.grant_clip_downloads(generate)
        self.workflow.grant_start_execution(generate)
        data.secrets.grant_sign(generate)
        self._tell_providers(generate)

        data.records.grant_read(status)
        data.media.grant_clip_previews(status)

        data.ledger.grant_read(account)
        data.secrets.grant_sign(account)
        data.media.grant_read_music(account)
        self._tell_providers(account)

        data.ledger.grant_post(admin)

        data.identity.grant_verify_tokens(authorizer)
        data.secrets.grant_sign(authorizer)

        for function in (upload, generate, status):
            data.records.grant_find_by_id(function)
        for function in (upload, generate, status, admin):
            data.access_audit.grant_append(function)
        for function in (upload, generate, account, admin):
            data.idempotency.grant_read_write(function)
        for function in (upload, generate, status, account, admin):
            function.add_environment(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))

    def _equip_workflow_functions(self) -> None:
        data, functions = self._data, self.functions
        submit, poll = functions[GENERATE_SUBMIT], functions[GENERATE_POLL]
        finish, settle = functions[GENERATE_FINISH], functions[GENERATE_SETTLE]

        data.records.grant_write(functions[UPLOAD_OPEN_PHOTO])
        data.media.grant_open_photos(functions[UPLOAD_OPEN_PHOTO])
        data.records.grant_write(functions[UPLOAD_OPEN_MUSIC])
        data.media.grant_open_music(functions[UPLOAD_OPEN_MUSIC])

        data.media.grant_read_photos(submit)
        data.media.grant_create_jobs(submit)
        data.media.grant_follow_jobs(poll)
        data.media.grant_finish_clips(finish)
        self._tell_providers(submit)
        for function in (submit, poll):
            self._tell_pace(function)
        for function in (submit, poll, finish):
            data.records.grant_write(function)
            data.secrets.grant_call_runway(function)

        data.ledger.grant_post(settle)
        data.records.grant_write(settle)
        data.records.grant_delete(settle)

    def _equip_aftercare(self) -> None:
        data = self._data
        stopped, sweep = self.functions[GENERATE_STOPPED], self.functions[GENERATE_SWEEP]
        for function in (stopped, sweep):
            data.ledger.grant_post(function)
            data.records.grant_write(function)
            data.records.grant_delete(function)
            data.media.grant_follow_jobs(function)
            data.secrets.grant_call_runway(function)
        data.ledger.grant_find_open_holds(sweep)
        data.records.grant_find_due(sweep)
        self.workflow.grant_start_execution(sweep)
        self.workflow.grant_describe_and_stop(sweep)

    def _equip_payments(self) -> None:
        data, environment = self._data, self._environment
        billing, ingest = self.functions[BILLING_API], self.functions[WEBHOOKS_INGEST]
        worker, sweep = self.functions[WEBHOOKS_WORKER], self.functions[WEBHOOKS_SWEEP]
        for function in (billing, worker, sweep):
            data.ledger.grant_post(function)
            data.records.grant_write(function)
            data.secrets.grant_call_stripe(function)
        data.records.grant_find_due(sweep)
        data.idempotency.grant_read_write(billing)
        data.records.grant_find_by_id(billing)
        data.access_audit.grant_append(billing)
        billing.add_environment(
            WEB_URL=environment.web_url,
            STRIPE_PRICES=environment.stripe_prices,
            STRIPE_AUTOMATIC_TAX="on" if environment.stripe_automatic_tax else "off",
            STRIPE_ADAPTIVE_PRICING="on" if environment.stripe_adaptive_pricing else "off",
            STRIPE_INVOICES="on" if environment.stripe_invoices else "off",
        )
        data.secrets.grant_verify_stripe_events(ingest)
        self.payments.grant_send_messages(ingest)
        for function in (billing, ingest):
            function.add_environment(ALLOWED_ORIGINS=",".join(environment.allowed_origins))

    def _equip_rewards(self) -> None:
        """Rewards and operators' requests change in one commit with the ledger."""
        data = self._data
        account, admin = self.functions[ACCOUNT_API], self.functions[ADMIN_API]
        review = self.functions[REWARDS_REVIEW]
        data.ledger.grant_post(review)
        for function in (account, admin, review):
            data.records.grant_write(function)
        data.records.grant_find_due(review)
        RewardReview(self, "RewardReview", review=review)
        # Operators have events of Stripe looked at again, and page through accounts.
        data.secrets.grant_call_stripe(admin)
        data.secrets.grant_sign(admin)
        self.payments.grant_send_messages(admin)

    def _equip_projects(self) -> None:
        data = self._data
        projects, sweep = self.functions[PROJECTS_API], self.functions[PROJECTS_SWEEP]
        for function in (projects, sweep):
            data.ledger.grant_post(function)
            data.records.grant_write(function)
            data.records.grant_read_many(function)
            data.records.grant_delete(function)
            self.workflow.grant_start_execution(function)
            self._tell_providers(function)
        data.records.grant_list(projects)
        data.records.grant_find_by_id(projects)
        data.media.grant_clip_previews(projects)
        data.secrets.grant_sign(projects)
        data.access_audit.grant_append(projects)
        data.idempotency.grant_read_write(projects)
        projects.add_environment(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))
        data.records.grant_find_due(sweep)
        data.records.grant_list(sweep)
        data.media.grant_delete_clips(sweep)
        data.media.grant_film_previews(projects)
        data.media.grant_delete_films(sweep)
        ProjectSchedule(self, "ProjectSchedule", sweep=sweep)

    def _equip_assembly(self) -> None:
        data, functions = self._data, self.functions
        api, stopped = functions[ASSEMBLE_API], functions[ASSEMBLE_STOPPED]
        plan, render = functions[ASSEMBLE_PLAN], functions[ASSEMBLE_RENDER]
        join, settle = functions[ASSEMBLE_JOIN], functions[ASSEMBLE_SETTLE]
        self.assembly = AssemblyWorkflow(
            self,
            "Assembly",
            environment=self._environment,
            tasks={"Plan": plan, "Render": render, "Join": join, "Settle": settle},
            stopped=stopped,
        )
        for function in (api, plan, render, join, settle, stopped):
            data.records.grant_write(function)
        data.media.grant_plan_films(plan)
        data.media.grant_render_films(render)
        data.media.grant_join_films(join)
        data.media.grant_film_previews(functions[STATUS_API])
        self.assembly.grant_start_execution(api)
        sweep = functions[PROJECTS_SWEEP]
        self.assembly.grant_start_execution(sweep)
        self.assembly.grant_describe_and_stop(sweep)
        data.media.grant_film_downloads(api)
        data.ledger.grant_read(api)
        data.records.grant_read_many(api)
        data.records.grant_find_by_id(api)
        data.access_audit.grant_append(api)
        data.idempotency.grant_read_write(api)
        api.add_environment(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))

    def _equip_audit(self) -> None:
        data, books = self._data, self.functions[AUDIT_BOOKS]
        data.ledger.grant_audit(books)
        data.records.grant_list(books)
        data.anchor.grant_sign_anchors(books)
        payments = self.functions[AUDIT_PAYMENTS]
        data.ledger.grant_audit(payments)
        data.records.grant_list(payments)
        data.secrets.grant_call_stripe(payments)
        BooksAudit(
            self,
            "BooksAudit",
            entries=cast("dynamodb.ITable", data.ledger.entries),
            books=books,
            payments=payments,
            tampering=self.functions[AUDIT_TAMPERING],
        )

    def _tell_providers(self, function: ServiceFunction) -> None:
        environment = self._environment
        function.add_environment(
            VIDEO_PROVIDER=environment.video_provider,
            FREE_CLIPS="on" if environment.free_clips else "off",
        )
        if environment.fallback_video_provider:
            function.add_environment(FALLBACK_VIDEO_PROVIDER=environment.fallback_video_provider)

    def _tell_pace(self, function: ServiceFunction) -> None:
        function.add_environment(
            POLL_SCALE=str(self._environment.poll_scale),
            RECONCILE_AFTER_SECONDS=str(self._environment.reconcile_after_seconds),
        )

    def function(self, spec: FunctionSpec) -> ServiceFunction:
        """Return the function built from *spec*."""
        return self.functions[spec]
