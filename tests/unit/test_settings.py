"""Settings are read whole, once, and a missing one has a name."""

from dataclasses import FrozenInstanceError

import pytest

from echoes.settings import (
    Browsers,
    CheckoutSettings,
    PollingSettings,
    ProviderChoice,
    Settings,
    Stripe,
)

STRIPE = {"STRIPE_SECRET_ARN": "arn:key", "STRIPE_LIVE": "on"}


@pytest.mark.parametrize("missing", STRIPE)
def test_a_missing_variable_is_named(missing: str) -> None:
    """The error names it when the function starts."""
    with pytest.raises(KeyError, match=missing):
        Stripe.from_environ({name: value for name, value in STRIPE.items() if name != missing})


def test_a_default_stands_in_for_a_variable_and_yields_to_it() -> None:
    """Stripe's own address unless another is given."""
    assert Stripe.from_environ(STRIPE) == Stripe(url="", secret_arn="arn:key", live=True)
    elsewhere = {**STRIPE, "STRIPE_URL": "http://127.0.0.1:4568", "STRIPE_LIVE": "off"}
    assert Stripe.from_environ(elsewhere) == Stripe(
        url="http://127.0.0.1:4568", secret_arn="arn:key", live=False
    )


def test_values_are_of_the_kind_they_are_used_as() -> None:
    """Numbers, lists, pairs and what may be absent."""
    assert PollingSettings.from_environ(
        {"POLL_SCALE": "0.1", "RECONCILE_AFTER_SECONDS": "5"}
    ) == PollingSettings(scale=0.1, reconcile_after_seconds=5)
    origins = Browsers.from_environ({"ALLOWED_ORIGINS": "https://a.example, https://b.example"})
    assert origins.allowed_origins == ("https://a.example", "https://b.example")
    prices = CheckoutSettings.from_environ(
        {"WEB_URL": "w", "STRIPE_PRICES": "small@1=p_1, large@1=p_2"}
    )
    assert prices.prices == {"small@1": "p_1", "large@1": "p_2"}
    assert CheckoutSettings.from_environ({"WEB_URL": "w"}).prices == {}
    for unset in ({}, {"FALLBACK_VIDEO_PROVIDER": ""}):
        assert ProviderChoice.from_environ({"VIDEO_PROVIDER": "runway", **unset}).fallback is None


@pytest.mark.parametrize("group", Settings.__subclasses__(), ids=lambda group: group.__name__)
def test_a_group_stays_as_it_was_read(group: type[Settings]) -> None:
    """No part of a function changes what another one reads."""
    read = group.from_environ(_Anything())
    for name in vars(read):
        with pytest.raises(FrozenInstanceError):
            setattr(read, name, "other")


class _Anything(dict[str, str]):
    """An environment in which every variable is set."""

    def __missing__(self, name: str) -> str:
        return "1"
