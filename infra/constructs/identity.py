"""Who people are."""

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_cognito as cognito
from constructs import Construct

from infra.constructs.acknowledgements import acknowledge
from infra.constructs.service_function import ServiceFunction
from infra.environments import Environment


class Identity(Construct):
    """
    The user pool, its one public client, and the group `admin`.

    Passwords never leave the browser: the client signs in by SRP and by refresh tokens alone.
    Stateful: renaming this construct replaces the pool, and nobody could sign in any more.
    """

    def __init__(self, scope: Construct, construct_id: str, *, environment: Environment) -> None:
        super().__init__(scope, construct_id)
        self._environment = environment
        protected = environment.platform.threat_protection
        self.pool = cognito.UserPool(
            self,
            "Pool",
            user_pool_name=environment.name_of("people"),
            self_sign_up_enabled=True,
            sign_in_aliases=cognito.SignInAliases(email=True),
            sign_in_case_sensitive=False,
            auto_verify=cognito.AutoVerifiedAttrs(email=True),
            keep_original=cognito.KeepOriginalAttrs(email=True),
            standard_attributes=cognito.StandardAttributes(
                email=cognito.StandardAttribute(required=True, mutable=True)
            ),
            password_policy=cognito.PasswordPolicy(
                min_length=12,
                require_digits=True,
                require_lowercase=True,
                require_uppercase=True,
                require_symbols=True,
                temp_password_validity=Duration.days(3),
            ),
            account_recovery=cognito.AccountRecovery.EMAIL_ONLY,
            mfa=cognito.Mfa.OPTIONAL,
            mfa_second_factor=cognito.MfaSecondFactor(otp=True, sms=False),
            feature_plan=cognito.FeaturePlan.PLUS if protected else None,
            standard_threat_protection_mode=(
                cognito.StandardThreatProtectionMode.FULL_FUNCTION if protected else None
            ),
            deletion_protection=environment.keeps_data,
            removal_policy=(
                RemovalPolicy.RETAIN if environment.keeps_data else RemovalPolicy.DESTROY
            ),
        )
        self.client = self.pool.add_client(
            "Web",
            auth_flows=cognito.AuthFlow(user_srp=True),
            disable_o_auth=True,
            generate_secret=False,
            prevent_user_existence_errors=True,
            enable_token_revocation=True,
            access_token_validity=Duration.hours(1),
            id_token_validity=Duration.hours(1),
            refresh_token_validity=Duration.days(30),
        )
        self.pool.add_group(
            "Admins", group_name="admin", description="Operators: read everything, audited."
        )
        acknowledge(
            self.pool,
            {
                "AwsSolutions-COG2": (
                    "People making clips of family photos choose whether they want a second "
                    "factor; the app offers it, and docs/deploy.md asks it of admins."
                )
            },
        )

    def grant_verify_tokens(self, function: ServiceFunction) -> None:
        """Let *function* verify access tokens of the pool; the keys are public."""
        pool_id = self.pool.user_pool_id
        issuer = f"https://cognito-idp.{Stack.of(self).region}.amazonaws.com/{pool_id}"
        keys = self._environment.platform.endpoint_url
        function.add_environment(
            TOKEN_ISSUER=issuer,
            USER_POOL_CLIENT_ID=self.client.user_pool_client_id,
            JWKS_URL=f"{f'{keys}/{pool_id}' if keys else issuer}/.well-known/jwks.json",
        )
