"""Payments: credits are ordered, Stripe's events arrive, and the ledger follows."""

from infra import functions
from infra.capabilities.service import Service
from infra.capabilities.settings import web_settings
from infra.stacks.data import DataStack
from infra.switches import on_off


def equip_payments(service: Service, data: DataStack) -> None:
    """Let the functions of payments do their work."""
    environment = service.environment
    billing = service.functions[functions.payments.BILLING_API]
    billing.add_environment(
        **web_settings(environment),
        WEB_URL=environment.web_url,
        STRIPE_PRICES=environment.stripe_prices,
        STRIPE_AUTOMATIC_TAX=on_off(on=environment.stripe_automatic_tax),
        STRIPE_ADAPTIVE_PRICING=on_off(on=environment.stripe_adaptive_pricing),
        STRIPE_INVOICES=on_off(on=environment.stripe_invoices),
    )
    data.ledger.grant_post(billing)
    data.records.grant_write(billing)
    data.records.grant_find_by_id(billing)
    data.secrets.grant_call_stripe(billing)
    data.access_audit.grant_append(billing)
    data.idempotency.grant_read_write(billing)

    # Strangers call it: it can verify and queue, and reach nothing else.
    ingest = service.functions[functions.payments.WEBHOOKS_INGEST]
    ingest.add_environment(**web_settings(environment))
    data.secrets.grant_verify_stripe_events(ingest)
    service.payments.grant_send_messages(ingest)

    reconcile = service.functions[functions.payments.WEBHOOKS_RECONCILE]
    data.ledger.grant_post(reconcile)
    data.records.grant_write(reconcile)
    data.secrets.grant_call_stripe(reconcile)

    sweep = service.functions[functions.payments.WEBHOOKS_SWEEP]
    data.ledger.grant_post(sweep)
    data.records.grant_write(sweep)
    data.records.grant_find_due(sweep)
    data.secrets.grant_call_stripe(sweep)
