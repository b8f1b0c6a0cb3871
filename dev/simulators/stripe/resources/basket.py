"""What is in a Checkout Session: line items, with prices of the catalogue or their own."""

from dev.simulators.core.response import JsonObject
from dev.simulators.stripe.clock import Clock
from dev.simulators.stripe.errors import invalid, missing
from dev.simulators.stripe.identifiers import fresh
from dev.simulators.stripe.resources.catalogue import new_price, new_product
from dev.simulators.stripe.store import Store


class Basket:
    """Turns the line items of a request into those of a session."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def fill(self, given: list[JsonObject]) -> tuple[list[JsonObject], str]:
        """Return line items and their currency; raise `StripeFailure` for a bad price."""
        lines = [self._line(line, number) for number, line in enumerate(given)]
        currencies = {line["currency"] for line in lines}
        if len(currencies) > 1:
            message = f"All line items must use one currency: {', '.join(sorted(currencies))}."
            raise invalid(message, param="line_items")
        return lines, currencies.pop()

    def _line(self, line: JsonObject, number: int) -> JsonObject:
        price, name = self._price(line, number)
        amount = int(price["unit_amount"]) * int(line["quantity"])
        return {
            "id": fresh("li"),
            "object": "item",
            "amount_discount": 0,
            "amount_subtotal": amount,
            "amount_tax": 0,
            "amount_total": amount,
            "currency": price["currency"],
            "description": name,
            "price": price,
            "quantity": line["quantity"],
        }

    def _price(self, line: JsonObject, number: int) -> tuple[JsonObject, str]:
        at = self._clock.now()
        if "price" in line:
            param = f"line_items[{number}][price]"
            price = self._store.get("price", line["price"])
            if price is None:
                raise missing("price", line["price"], param=param, status=400)
            if not price["active"]:
                message = "The price specified is inactive. This field only accepts active prices."
                raise invalid(message, param=param)
            product = self._store.get("product", price["product"]) or {"name": price["id"]}
            return price, str(product["name"])
        data = line["price_data"]
        if "product" in data:
            found = self._store.get("product", data["product"])
            if found is None:
                raise missing("product", data["product"], param="line_items", status=400)
            product = found
        else:
            product = new_product(data["product_data"]["name"], at=at)
            self._store.put("product", product)
        price = new_price(
            product, unit_amount=data["unit_amount"], currency=data["currency"], at=at, active=False
        )
        self._store.put("price", price)
        return price, str(product["name"])
