"""A small CDK app with one resource of every kind that needs a fix in the local cloud."""

import sys
from pathlib import Path

import aws_cdk as cdk
from aws_cdk import (
    aws_apigateway as apigw,
)
from aws_cdk import (
    aws_dynamodb as dynamodb,
)
from aws_cdk import (
    aws_events as events,
)
from aws_cdk import (
    aws_events_targets as targets,
)
from aws_cdk import (
    aws_lambda as lambda_,
)
from aws_cdk import (
    aws_lambda_destinations as destinations,
)
from aws_cdk import (
    aws_lambda_event_sources as sources,
)
from aws_cdk import (
    aws_s3 as s3,
)
from aws_cdk import (
    aws_secretsmanager as secretsmanager,
)
from aws_cdk import (
    aws_sqs as sqs,
)
from aws_cdk import (
    aws_stepfunctions as sfn,
)
from constructs import Construct

HERE = Path(__file__).parent / "fixture"
PROBLEM = '{"type":"about:blank","detail":$context.error.messageString,"id":"$context.requestId"}'
CORS = {"Access-Control-Allow-Origin": "'*'", "X-Request": "context.requestId"}


class StatefulStack(cdk.Stack):
    """The table, bucket and secret, in a stack of their own so that one depends on another."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        self.calls = dynamodb.Table(
            self,
            "Calls",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            sort_key=dynamodb.Attribute(name="sk", type=dynamodb.AttributeType.STRING),
            billing_mode=dynamodb.BillingMode.PAY_PER_REQUEST,
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
        self.global_table = dynamodb.TableV2(
            self,
            "Global",
            partition_key=dynamodb.Attribute(name="pk", type=dynamodb.AttributeType.STRING),
            time_to_live_attribute="expires_at",
            point_in_time_recovery_specification=dynamodb.PointInTimeRecoverySpecification(
                point_in_time_recovery_enabled=True
            ),
        )
        self.photos = s3.Bucket(
            self,
            "Photos",
            encryption=s3.BucketEncryption.S3_MANAGED,
            enforce_ssl=True,
            event_bridge_enabled=True,
            object_ownership=s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
            cors=[
                s3.CorsRule(
                    allowed_methods=[s3.HttpMethods.POST],
                    allowed_origins=["http://localhost:5173"],
                    allowed_headers=["*"],
                )
            ],
            lifecycle_rules=[
                s3.LifecycleRule(
                    id="abandoned", prefix="waiting/", expiration=cdk.Duration.days(1)
                ),
                s3.LifecycleRule(
                    id="parts", abort_incomplete_multipart_upload_after=cdk.Duration.days(2)
                ),
            ],
        )
        cdk.Tags.of(self.photos).add("holds", "photos")
        self.key = secretsmanager.Secret(self, "Key")


class FixtureStack(cdk.Stack):
    """Functions behind aliases, and everything that calls them."""

    def __init__(self, scope: Construct, name: str, stateful: StatefulStack) -> None:
        super().__init__(scope, name)
        self.stateful = stateful
        self.code = lambda_.Code.from_asset(str(HERE / "function"))
        self.layer = lambda_.LayerVersion(
            self, "Layer", code=lambda_.Code.from_asset(str(HERE / "layer"))
        )
        self.dead = sqs.Queue(self, "Dead")
        self.missed = sqs.Queue(self, "Missed")
        self.work = self._function("Work", "work", dead_letter_queue=self.dead)
        self.single = self._function("Single", "work", reserved_concurrent_executions=1)
        self._api()
        self._queue()
        self._events()
        self._machine()
        self._configured()
        cdk.CfnOutput(self, "SecretRef", value=stateful.key.secret_arn)
        for label, value in {
            "CallsTable": stateful.calls.table_name,
            "GlobalTable": stateful.global_table.table_name,
            "PhotosBucket": stateful.photos.bucket_name,
            "WorkName": self.work.lambda_.function_name,
            "WorkArn": self.work.function_arn,
            "SingleArn": self.single.function_arn,
            "DeadUrl": self.dead.queue_url,
            "MissedUrl": self.missed.queue_url,
        }.items():
            cdk.CfnOutput(self, label, value=value)

    def _function(self, label: str, handler: str, **more: object) -> lambda_.Alias:
        function = lambda_.Function(
            self,
            label,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=lambda_.Architecture.ARM_64,
            handler=f"handlers.{handler}",
            code=self.code,
            layers=[self.layer],
            timeout=cdk.Duration.seconds(10),
            environment={"CALLS": self.stateful.calls.table_name},
            **more,  # type: ignore[arg-type]
        )
        self.stateful.calls.grant_write_data(function)
        self.stateful.key.grant_read(function)
        return lambda_.Alias(
            self, f"{label}Live", alias_name="live", version=function.current_version
        )

    def _api(self) -> None:
        backend = self._function("Api", "api")
        authorize = self._function("Authorize", "authorize")
        api = apigw.RestApi(
            self,
            "Rest",
            binary_media_types=["image/png"],
            deploy_options=apigw.StageOptions(
                stage_name="v",
                variables={"colour": "blue"},
                throttling_rate_limit=500,
                throttling_burst_limit=500,
                method_options={
                    "/v1/slow/GET": apigw.MethodDeploymentOptions(
                        throttling_rate_limit=0.1, throttling_burst_limit=2
                    )
                },
            ),
        )
        for label, kind in {
            "Any4": apigw.ResponseType.DEFAULT_4_XX,
            "Any5": apigw.ResponseType.DEFAULT_5_XX,
            "Unauthorized": apigw.ResponseType.UNAUTHORIZED,
            "Denied": apigw.ResponseType.ACCESS_DENIED,
        }.items():
            api.add_gateway_response(
                label,
                type=kind,
                response_headers=CORS,
                templates={"application/json": PROBLEM},
            )
        api.add_gateway_response(
            "NotFound",
            type=apigw.ResponseType.MISSING_AUTHENTICATION_TOKEN,
            status_code="404",
            response_headers=CORS,
            templates={"application/json": PROBLEM.replace("about:blank", "no-such-route")},
        )
        integration = apigw.LambdaIntegration(backend, proxy=True, allow_test_invoke=False)
        by_request = apigw.RequestAuthorizer(
            self,
            "ByRequest",
            handler=authorize,
            identity_sources=[apigw.IdentitySource.header("Authorization")],
            results_cache_ttl=cdk.Duration.minutes(5),
        )
        by_token = apigw.TokenAuthorizer(
            self, "ByToken", handler=authorize, results_cache_ttl=cdk.Duration.seconds(0)
        )
        v1 = api.root.add_resource("v1")
        v1.add_resource("open").add_method("ANY", integration)
        v1.add_resource("slow").add_method("GET", integration)
        v1.add_resource("mine").add_method("GET", integration, authorizer=by_request)
        v1.add_resource("token").add_method("GET", integration, authorizer=by_token)
        clip = v1.add_resource("clips").add_resource("{id}")
        clip.add_method("GET", integration, authorizer=by_request)
        preflighted = v1.add_resource("preflight")
        preflighted.add_method("POST", integration)
        preflighted.add_cors_preflight(
            allow_origins=["http://localhost:5173"], allow_headers=["Idempotency-Key"]
        )
        v1.add_resource("mocked").add_method(
            "GET",
            apigw.MockIntegration(
                request_templates={"application/json": '{"statusCode": 405}'},
                integration_responses=[
                    apigw.IntegrationResponse(
                        status_code="405",
                        response_templates={"application/json": '{"id":"$context.requestId"}'},
                    )
                ],
            ),
            method_responses=[apigw.MethodResponse(status_code="405")],
        )
        v1.add_resource("rest").add_proxy(default_integration=integration)
        cdk.CfnOutput(self, "ApiUrl", value=api.url)

    def _queue(self) -> None:
        inbox = sqs.Queue(
            self,
            "Inbox",
            visibility_timeout=cdk.Duration.seconds(12),
            dead_letter_queue=sqs.DeadLetterQueue(queue=self.dead, max_receive_count=1),
        )
        reader = self._function("Reader", "from_queue")
        reader.add_event_source(
            sources.SqsEventSource(inbox, batch_size=5, report_batch_item_failures=True)
        )
        cdk.CfnOutput(self, "InboxUrl", value=inbox.queue_url)

    def _events(self) -> None:
        events.Rule(
            self,
            "Uploaded",
            event_pattern=events.EventPattern(
                source=["aws.s3"],
                detail_type=["Object Created"],
                detail={"bucket": {"name": [self.stateful.photos.bucket_name]}},
            ),
            targets=[
                targets.LambdaFunction(
                    self.work,
                    dead_letter_queue=self.missed,
                    retry_attempts=1,
                    event=events.RuleTargetInput.from_object(
                        {"do": "record", "key": events.EventField.from_path("$.detail.object.key")}
                    ),
                )
            ],
        )
        events.Rule(
            self,
            "Failing",
            event_pattern=events.EventPattern(source=["fixture"], detail_type=["Fail"]),
            targets=[targets.LambdaFunction(self.work, dead_letter_queue=self.missed)],
        )
        events.Rule(
            self,
            "Ended",
            event_pattern=events.EventPattern(
                source=["aws.states"],
                detail_type=["Step Functions Execution Status Change"],
                detail={"status": ["FAILED", "TIMED_OUT", "ABORTED"]},
            ),
            targets=[targets.LambdaFunction(self.work)],
        )
        events.Rule(
            self,
            "EveryMinute",
            schedule=events.Schedule.rate(cdk.Duration.minutes(1)),
            targets=[
                targets.LambdaFunction(
                    self.work, event=events.RuleTargetInput.from_object({"do": "schedule"})
                )
            ],
        )

    def _machine(self) -> None:
        machine = sfn.StateMachine(
            self,
            "Machine",
            definition_body=sfn.DefinitionBody.from_file(str(HERE / "machine.asl.json")),
            definition_substitutions={"WorkArn": self.work.function_arn},
        )
        self.work.grant_invoke(machine)
        cdk.CfnOutput(self, "MachineArn", value=machine.state_machine_arn)

    def _configured(self) -> None:
        lost = sqs.Queue(self, "Lost")
        once = self._function("Once", "work")
        once.configure_async_invoke(retry_attempts=0, on_failure=destinations.SqsDestination(lost))
        cdk.CfnOutput(self, "LostUrl", value=lost.queue_url)
        cdk.CfnOutput(self, "OnceArn", value=once.function_arn)


def main() -> None:
    """Synthesise into the directory named on the command line."""
    app = cdk.App(outdir=None if len(sys.argv) == 1 else sys.argv[1])
    stateful = StatefulStack(app, "FixtureState")
    FixtureStack(app, "Fixture", stateful)
    app.synth()


if __name__ == "__main__":
    main()
