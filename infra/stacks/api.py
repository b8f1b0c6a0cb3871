"""The REST API, the web ACL before it, and its access log."""

from collections.abc import Sequence
from typing import Any

from aws_cdk import CfnOutput, Stack
from constructs import Construct

from infra.constructs.public_api import PublicApi
from infra.constructs.web_acl import WebAcl
from infra.environments import Environment
from infra.routes import ROUTES, Route


class ApiStack(Stack):
    """
    The API in front of the functions of the service stack, which must be deployed before it.

    It knows them by name: an export of theirs could not be changed or removed while it is in use.
    Stack properties (name, account, region) are given as keywords.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        environment: Environment,
        routes: Sequence[Route] = ROUTES,
        **properties: Any,  # noqa: ANN401  # the properties of aws_cdk.Stack
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Echoes: the public API.",
            # A template may be 1 MB, and the API's body is most of this one.
            suppress_template_indentation=True,
            **properties,
        )
        self.public = PublicApi(self, "PublicApi", environment=environment, routes=routes)
        stage = self.public.api.deployment_stage
        if environment.platform.web_acl:
            WebAcl(self, "WebAcl", environment=environment, stage_arn=stage.stage_arn)
        CfnOutput(self, "ApiUrl", value=stage.url_for_path())
