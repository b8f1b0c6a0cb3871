"""The secrets functions read at run time."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_secretsmanager as secretsmanager
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment
from infra.providers import PROVIDERS, ProviderSpec
from infra.switches import on_off

_ROTATION = "AwsSolutions-SMG4"


class ServiceSecrets(Construct):
    """
    The API keys of the providers and of Stripe, what Stripe signs with, and our own signing secret.

    All are made with a random value. An operator puts the real ones in (docs/deploy.md,
    docs/stripe.md); nothing in a template or in a variable ever holds one.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        removal = RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY
        self._environment = environment
        self.providers = {
            provider.name: self._provider_key(provider, removal) for provider in PROVIDERS
        }
        self.signing = secretsmanager.Secret(
            self,
            "Signing",
            secret_name=environment.name_of("signing"),
            description="Signs guest tokens and list cursors.",
            generate_secret_string=secretsmanager.SecretStringGenerator(
                password_length=64, exclude_punctuation=True
            ),
            removal_policy=removal,
        )
        self.stripe = secretsmanager.Secret(
            self,
            "Stripe",
            secret_name=environment.name_of("stripe-api-key"),
            description="The API key of Stripe. Put the real one in by hand.",
            removal_policy=removal,
        )
        self.stripe_webhooks = secretsmanager.Secret(
            self,
            "StripeWebhooks",
            secret_name=environment.name_of("stripe-webhook-secrets"),
            description="The signing secrets of Stripe's webhook endpoints, one a line.",
            removal_policy=removal,
        )
        for secret in (self.stripe, self.stripe_webhooks):
            acknowledge(
                secret, {_ROTATION: "Stripe issues it in its dashboard; it is put in by hand."}
            )
        acknowledge(
            self.signing,
            {_ROTATION: "Guest tokens live a day; it is replaced by hand when it may have leaked."},
        )

    def _provider_key(
        self, provider: ProviderSpec, removal: RemovalPolicy
    ) -> secretsmanager.Secret:
        secret = secretsmanager.Secret(
            self,
            provider.title,
            secret_name=self._environment.name_of(f"{provider.name}-api-key"),
            description=f"The API key of {provider.title}. Put the real one in by hand.",
            removal_policy=removal,
        )
        acknowledge(secret, {_ROTATION: provider.why_no_rotation})
        return secret

    def grant_call_providers(self, function: ServiceFunction) -> None:
        """Let *function* read the key of each provider, and set how each is called."""
        for provider in PROVIDERS:
            secret = self.providers[provider.name]
            function.add_environment(
                **{
                    variable: self._environment.provider_variables.get(variable, value)
                    for variable, value in provider.variables.items()
                },
                **{provider.secret_variable: secret.secret_arn},
            )
            function.allow(["secretsmanager:GetSecretValue"], [secret.secret_arn])

    def grant_call_stripe(self, function: ServiceFunction) -> None:
        """Let *function* read Stripe's key, and set where Stripe is."""
        function.add_environment(
            STRIPE_URL=self._environment.stripe_url,
            STRIPE_LIVE=on_off(on=self._environment.stripe_live),
            STRIPE_SECRET_ARN=self.stripe.secret_arn,
        )
        function.allow(["secretsmanager:GetSecretValue"], [self.stripe.secret_arn])

    def grant_verify_stripe_events(self, function: ServiceFunction) -> None:
        """Let *function* verify Stripe's messages. It never learns the key to call Stripe."""
        function.add_environment(
            STRIPE_LIVE=on_off(on=self._environment.stripe_live),
            STRIPE_WEBHOOK_SECRETS_ARN=self.stripe_webhooks.secret_arn,
            STRIPE_API_VERSIONS=self._environment.stripe_api_versions,
        )
        function.allow(["secretsmanager:GetSecretValue"], [self.stripe_webhooks.secret_arn])

    def grant_sign(self, function: ServiceFunction) -> None:
        """Let *function* sign and verify guest tokens and cursors."""
        function.add_environment(SIGNING_SECRET_ARN=self.signing.secret_arn)
        function.allow(["secretsmanager:GetSecretValue"], [self.signing.secret_arn])
