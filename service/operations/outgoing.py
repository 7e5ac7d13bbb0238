"""Replies on their way out. Whoever can carry one to the customer registers here, in the app's `ready()`.

Called inside the transaction that writes the reply: what it queues is sent when that is committed, or never.
"""

from __future__ import annotations

from collections.abc import Callable

from ..models import TicketMessage

Carry = Callable[[TicketMessage], None]

_carriers: list[Carry] = []


def register_carrier(carry: Carry) -> Carry:
    if carry not in _carriers:
        _carriers.append(carry)
    return carry


def hand_over(reply: TicketMessage) -> None:
    for carry in _carriers:
        carry(reply)
