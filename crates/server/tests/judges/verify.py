"""Asks the official Python library whether it accepts one signed webhook.

stdin: {"secret", "headers": {"webhook-id", "webhook-timestamp", "webhook-signature"}, "body", "now"?}
       "now" (Unix seconds) sets the judge's clock for tests that run on a clock of their own.
exit:  0 accepted, 1 refused (the reason is on stderr), 2 the question is malformed or the library is missing.
"""

import json
import sys
from datetime import datetime, timezone
from typing import Any, NoReturn

REQUIRED_HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")


def finish(code: int, sentence: str) -> NoReturn:
    print(sentence, file=sys.stderr)
    sys.exit(code)


try:
    from standardwebhooks import webhooks
except ImportError as error:
    finish(2, f"run install.sh first: {error}")


def read_question() -> dict[str, Any]:
    try:
        question = json.loads(sys.stdin.buffer.read())
    except ValueError as error:
        finish(2, f"stdin is not JSON: {error}")
    if not isinstance(question, dict) or not isinstance(question.get("headers"), dict):
        finish(2, "expected an object with the object headers")
    texts = [question.get("secret"), question.get("body")]
    texts += [question["headers"].get(name) for name in REQUIRED_HEADERS]
    if not all(isinstance(text, str) for text in texts):
        finish(2, f"expected the strings secret, body and headers {', '.join(REQUIRED_HEADERS)}")
    if not isinstance(question.get("now", 0), (int, float)):
        finish(2, "now must be a number of Unix seconds")
    return question


def set_clock(seconds: float) -> None:
    """The library offers no clock of its own to set, so its view of `datetime` is replaced."""

    class StoppedClock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return cls.fromtimestamp(seconds, tz=tz or timezone.utc)

    webhooks.datetime = StoppedClock  # type: ignore[misc]


def main() -> None:
    question = read_question()
    if "now" in question:
        set_clock(question["now"])
    try:
        webhooks.Webhook(question["secret"]).verify(question["body"], question["headers"])
    except Exception as error:  # whatever stops the library is a refusal
        finish(1, f"refused: {error}")


main()
