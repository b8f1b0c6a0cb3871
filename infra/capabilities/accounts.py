"""People: their accounts, what operators do to them, and who calls."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import provider_settings, web_settings
from infra.stacks.data import DataStack


def equip_accounts(service: Service, data: DataStack) -> None:
    """Let the functions of accounts do their work."""
    account = service.functions[functions.accounts.ACCOUNT_API]
    account.add_environment(
        **web_settings(service.environment), **provider_settings(service.environment)
    )
    data.ledger.grant_read(account)
    # A referral is claimed on the owner's own record.
    data.records.grant_write(account)
    data.media.grant_read_music(account)
    data.secrets.grant_sign(account)
    data.idempotency.grant_read_write(account)

    admin = service.functions[functions.accounts.ADMIN_API]
    admin.add_environment(**web_settings(service.environment))
    data.ledger.grant_post(admin)
    # What operators ask for is stored in one transaction with its entries.
    data.records.grant_write(admin)
    data.secrets.grant_sign(admin)
    # Operators replay Stripe's events.
    data.secrets.grant_call_stripe(admin)
    service.payments.grant_send_messages(admin)
    data.access_audit.grant_append(admin)
    data.idempotency.grant_read_write(admin)

    authorizer = service.functions[functions.accounts.AUTHORIZER]
    data.identity.grant_verify_tokens(authorizer)
    data.secrets.grant_sign(authorizer)
