"""Functions of the service stack, as other stacks call them."""

from aws_cdk import ArnFormat, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs.service_function import ALIAS
from infra.environments import Environment
from infra.functions.spec import FunctionSpec


class LiveFunctions(Construct):
    """
    The aliases `live`, known by name, so that nothing is exported.

    Permissions to call them are made in the stack that calls. The functions must exist by then:
    that stack is deployed after theirs.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        self._known: dict[FunctionSpec, lambda_.IFunction] = {}

    def of(self, spec: FunctionSpec) -> lambda_.IFunction:
        """Return the alias of the function built from *spec*."""
        if spec not in self._known:
            self._known[spec] = lambda_.Function.from_function_attributes(
                self,
                spec.name.title().replace("-", ""),
                function_arn=Stack.of(self).format_arn(
                    service="lambda",
                    resource="function",
                    resource_name=f"{self._environment.name_of(spec.name)}:{ALIAS}",
                    arn_format=ArnFormat.COLON_RESOURCE_NAME,
                ),
                # Otherwise permissions are silently omitted if the account is not known.
                same_environment=True,
            )
        return self._known[spec]
