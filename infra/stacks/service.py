"""What runs: functions, layers, workflows, and rules."""

from pathlib import Path
from typing import Any, cast

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_dynamodb as dynamodb
from constructs import Construct

from infra.constructs.assembly_workflow import AssemblyWorkflow
from infra.constructs.books_audit import BooksAudit
from infra.constructs.generation_recovery import Aftercare
from infra.constructs.generation_workflow import GenerationWorkflow
from infra.constructs.payment_intake import PaymentIntake
from infra.constructs.photo_intake import MusicIntake, PhotoIntake
from infra.constructs.project_schedule import ProjectCare
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
        Aftercare(
            self,
            "Aftercare",
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

        data.studio.let_write(upload)
        data.studio.let_list(upload)
        data.studio.let_delete(upload)
        data.media.let_take_in_photos(upload)
        data.media.let_take_in_music(upload)

        data.ledger.let_post(generate)
        data.studio.let_write(generate)
        data.studio.let_delete(generate)
        data.media.let_give_out_clips(generate)
        self.workflow.let_start(generate)
        data.secrets.let_sign(generate)
        self._tell_providers(generate)

        data.studio.let_read(status)
        data.media.let_show_clips(status)

        data.ledger.let_read(account)
        data.secrets.let_sign(account)
        data.media.let_play_music(account)
        self._tell_providers(account)

        data.ledger.let_post(admin)

        data.identity.let_verify(authorizer)
        data.secrets.let_sign(authorizer)

        for function in (upload, generate, status):
            data.studio.let_find_by_id(function)
        for function in (upload, generate, status, admin):
            data.audit.let_note(function)
        for function in (upload, generate, account, admin):
            data.answers.let_remember(function)
        for function in (upload, generate, status, account, admin):
            function.knows(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))

    def _equip_workflow_functions(self) -> None:
        data, functions = self._data, self.functions
        submit, poll = functions[GENERATE_SUBMIT], functions[GENERATE_POLL]
        finish, settle = functions[GENERATE_FINISH], functions[GENERATE_SETTLE]

        data.studio.let_write(functions[UPLOAD_OPEN_PHOTO])
        data.media.let_open_photos(functions[UPLOAD_OPEN_PHOTO])
        data.studio.let_write(functions[UPLOAD_OPEN_MUSIC])
        data.media.let_open_music(functions[UPLOAD_OPEN_MUSIC])

        data.media.let_read_photos(submit)
        data.media.let_order_jobs(submit)
        data.media.let_follow_jobs(poll)
        data.media.let_finish_clips(finish)
        self._tell_providers(submit)
        for function in (submit, poll):
            self._tell_pace(function)
        for function in (submit, poll, finish):
            data.studio.let_write(function)
            data.secrets.let_call_runway(function)

        data.ledger.let_post(settle)
        data.studio.let_write(settle)
        data.studio.let_delete(settle)

    def _equip_aftercare(self) -> None:
        data = self._data
        stopped, sweep = self.functions[GENERATE_STOPPED], self.functions[GENERATE_SWEEP]
        for function in (stopped, sweep):
            data.ledger.let_post(function)
            data.studio.let_write(function)
            data.studio.let_delete(function)
            data.media.let_follow_jobs(function)
            data.secrets.let_call_runway(function)
        data.ledger.let_find_open_holds(sweep)
        data.studio.let_find_unattended(sweep)
        self.workflow.let_start(sweep)
        self.workflow.let_look_and_stop(sweep)

    def _equip_payments(self) -> None:
        data, environment = self._data, self._environment
        billing, ingest = self.functions[BILLING_API], self.functions[WEBHOOKS_INGEST]
        worker, sweep = self.functions[WEBHOOKS_WORKER], self.functions[WEBHOOKS_SWEEP]
        for function in (billing, worker, sweep):
            data.ledger.let_post(function)
            data.studio.let_write(function)
            data.secrets.let_call_stripe(function)
        data.studio.let_find_unattended(sweep)
        data.answers.let_remember(billing)
        data.studio.let_find_by_id(billing)
        data.audit.let_note(billing)
        billing.knows(
            WEB_URL=environment.web_url,
            STRIPE_PRICES=environment.stripe_prices,
            STRIPE_AUTOMATIC_TAX="on" if environment.stripe_automatic_tax else "off",
            STRIPE_ADAPTIVE_PRICING="on" if environment.stripe_adaptive_pricing else "off",
            STRIPE_INVOICES="on" if environment.stripe_invoices else "off",
        )
        data.secrets.let_hear_stripe(ingest)
        self.payments.let_put(ingest)
        for function in (billing, ingest):
            function.knows(ALLOWED_ORIGINS=",".join(environment.allowed_origins))

    def _equip_rewards(self) -> None:
        """Rewards and operators' requests change in one commit with the ledger."""
        data = self._data
        account, admin = self.functions[ACCOUNT_API], self.functions[ADMIN_API]
        review = self.functions[REWARDS_REVIEW]
        data.ledger.let_post(review)
        for function in (account, admin, review):
            data.studio.let_write(function)
        data.studio.let_find_unattended(review)
        RewardReview(self, "RewardReview", review=review)
        # Operators have events of Stripe looked at again, and page through accounts.
        data.secrets.let_call_stripe(admin)
        data.secrets.let_sign(admin)
        self.payments.let_put(admin)

    def _equip_projects(self) -> None:
        data = self._data
        projects, sweep = self.functions[PROJECTS_API], self.functions[PROJECTS_SWEEP]
        for function in (projects, sweep):
            data.ledger.let_post(function)
            data.studio.let_write(function)
            data.studio.let_read_many(function)
            data.studio.let_delete(function)
            self.workflow.let_start(function)
            self._tell_providers(function)
        data.studio.let_list(projects)
        data.studio.let_find_by_id(projects)
        data.media.let_show_clips(projects)
        data.secrets.let_sign(projects)
        data.audit.let_note(projects)
        data.answers.let_remember(projects)
        projects.knows(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))
        data.studio.let_find_unattended(sweep)
        data.studio.let_list(sweep)
        data.media.let_erase_clips(sweep)
        data.media.let_show_films(projects)
        data.media.let_erase_films(sweep)
        ProjectCare(self, "ProjectCare", sweep=sweep)

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
            data.studio.let_write(function)
        data.media.let_plan_films(plan)
        data.media.let_render_films(render)
        data.media.let_join_films(join)
        data.media.let_show_films(functions[STATUS_API])
        self.assembly.let_start(api)
        sweep = functions[PROJECTS_SWEEP]
        self.assembly.let_start(sweep)
        self.assembly.let_look_and_stop(sweep)
        data.media.let_give_out_films(api)
        data.ledger.let_read(api)
        data.studio.let_read_many(api)
        data.studio.let_find_by_id(api)
        data.audit.let_note(api)
        data.answers.let_remember(api)
        api.knows(ALLOWED_ORIGINS=",".join(self._environment.allowed_origins))

    def _equip_audit(self) -> None:
        data, books = self._data, self.functions[AUDIT_BOOKS]
        data.ledger.let_audit(books)
        data.studio.let_list(books)
        data.anchor.let_anchor(books)
        payments = self.functions[AUDIT_PAYMENTS]
        data.ledger.let_audit(payments)
        data.studio.let_list(payments)
        data.secrets.let_call_stripe(payments)
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
        function.knows(
            VIDEO_PROVIDER=environment.video_provider,
            FREE_CLIPS="on" if environment.free_clips else "off",
        )
        if environment.fallback_video_provider:
            function.knows(FALLBACK_VIDEO_PROVIDER=environment.fallback_video_provider)

    def _tell_pace(self, function: ServiceFunction) -> None:
        function.knows(
            POLL_SCALE=str(self._environment.poll_scale),
            RECONCILE_AFTER_SECONDS=str(self._environment.reconcile_after_seconds),
        )

    def function(self, spec: FunctionSpec) -> ServiceFunction:
        """Return the function built from *spec*."""
        return self.functions[spec]
