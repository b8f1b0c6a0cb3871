"""The functions' entry points, and the environment they start in."""

from pathlib import Path
from typing import Final

from infra.providers import PROVIDERS

LAMBDAS: Final = Path(__file__).parents[2] / "lambdas"

ENTRY_POINTS: Final = tuple(
    sorted(
        f"lambdas.{file.parent.name}.{file.stem}"
        for file in LAMBDAS.glob("*/*.py")
        if file.stem != "__init__"
    )
)

ENVIRONMENT: Final = {
    "ACCESS_AUDIT_TABLE": "audit",
    "ANCHORS_BUCKET": "anchors",
    "ANCHOR_KEY_ARN": "arn:aws:kms:eu-west-1:1:key/anchors",
    "ASSEMBLY_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:assembly",
    "ALLOWED_ORIGINS": "https://app.echoes.example",
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_REGION": "eu-west-1",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "CLIPS_BUCKET": "clips",
    "CREDIT_ENTRIES_TABLE": "entries",
    "CREDIT_STATE_TABLE": "state",
    "GENERATION_STATE_MACHINE_ARN": "arn:aws:states:eu-west-1:1:stateMachine:generation",
    "IDEMPOTENCY_TABLE": "idempotency",
    "JWKS_URL": "https://issuer.test/keys",
    "PAYMENT_QUEUE_URL": "https://sqs.eu-west-1.amazonaws.com/1/payments.fifo",
    "PHOTOS_BUCKET": "photos",
    "RECONCILE_AFTER_SECONDS": "60",
    "RECORDS_TABLE": "records",
    "SIGNING_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:signing",
    "STRIPE_LIVE": "off",
    "STRIPE_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:stripe",
    "STRIPE_WEBHOOK_SECRETS_ARN": "arn:aws:secretsmanager:eu-west-1:1:secret:webhooks",
    "TOKEN_ISSUER": "https://issuer.test",
    "USER_POOL_CLIENT_ID": "client",
    "VIDEO_PROVIDER": "still-motion",
    "WEB_URL": "https://app.echoes.example",
    **{name: value for provider in PROVIDERS for name, value in provider.variables.items()},
    **{
        provider.secret_variable: f"arn:aws:secretsmanager:eu-west-1:1:secret:{provider.name}"
        for provider in PROVIDERS
    },
}
"""Every variable that some function reads: which one it gets is the business of `infra`."""
