"""Buys two domains with a client made from /openapi.json, follows the order, and reads it back."""

import sys
import time

from partner_api_client import AuthenticatedClient
from partner_api_client.api.bundles import get_bundle
from partner_api_client.api.orders import create_order, get_order
from partner_api_client.models import (
    DetailedDomain,
    ErrorBody,
    NewOrder,
    NewPersona,
    NewSequencer,
    Order,
    OrderStatus,
)
from partner_api_client.types import Unset


def place(client: AuthenticatedClient) -> str:
    body = NewOrder(
        user="python@acme.com",
        google_licenses=2,
        microsoft_licenses=1,
        sequencer=NewSequencer(
            provider="smartlead", login_email="peeker@yourcompany.com", login_password="the password"
        ),
        domains=[
            "team-python.com",
            DetailedDomain(domain="python-mail.com", forwarding_url="https://acme.com/offer"),
        ],
        personas=[NewPersona(first_name="Alex", last_name="Rivera", profile_picture_url=None)],
    )
    answer = create_order.sync(client=client, body=body, idempotency_key="python-1")
    assert answer is not None and not isinstance(answer, ErrorBody), answer
    assert answer.data.status == OrderStatus.IN_PROGRESS
    assert answer.data.costs.total_cents == 6800
    return answer.data.id


def completed(client: AuthenticatedClient, order_id: str) -> Order:
    for _ in range(300):
        answer = get_order.sync(order_id, client=client)
        assert answer is not None and not isinstance(answer, ErrorBody), answer
        if answer.data.status == OrderStatus.COMPLETED:
            return answer.data
        time.sleep(0.1)
    raise TimeoutError(f"order {order_id} is not completed")


def main(url: str, key: str) -> None:
    client = AuthenticatedClient(base_url=url, token=key)
    order = completed(client, place(client))
    assert [domain.status.value for domain in order.domains] == ["active", "active"]
    assert [domain.provider for domain in order.domains] == ["google", "microsoft"]
    refused = get_bundle.sync("bun_nobody", client=client)
    assert isinstance(refused, ErrorBody) and refused.error.code.value == "not_found"
    assert not isinstance(refused.error.message, Unset)
    print(f"python: order {order.id} is {order.status.value} for {order.costs.charged_cents} cents")


if __name__ == "__main__":
    main(*sys.argv[1:])
