// Asks the official JavaScript library whether it accepts one signed webhook.
//
// stdin:  {"secret", "headers": {"webhook-id", "webhook-timestamp", "webhook-signature"}, "body", "now"?}
//         "now" (Unix seconds) sets the judge's clock for tests that run on a clock of their own.
// exit:   0 accepted, 1 refused (the reason is on stderr), 2 the question is malformed or the library is missing.

import { readFileSync } from "node:fs";

const REQUIRED_HEADERS = ["webhook-id", "webhook-timestamp", "webhook-signature"];

function finish(code, sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(code);
}

function readQuestion() {
  let question;
  try {
    question = JSON.parse(readFileSync(0, "utf8"));
  } catch (error) {
    finish(2, `stdin is not JSON: ${error.message}`);
  }
  const texts = [question?.secret, question?.body, ...REQUIRED_HEADERS.map((name) => question?.headers?.[name])];
  if (texts.some((text) => typeof text !== "string")) {
    finish(2, `expected the strings secret, body and headers ${REQUIRED_HEADERS.join(", ")}`);
  }
  if (question.now !== undefined && !Number.isFinite(question.now)) {
    finish(2, "now must be a number of Unix seconds");
  }
  return question;
}

const { Webhook } = await import("standardwebhooks").catch((error) => finish(2, `run install.sh first: ${error.message}`));
const { secret, headers, body, now } = readQuestion();
if (now !== undefined) {
  Date.now = () => now * 1000;
}
try {
  new Webhook(secret).verify(body, headers);
} catch (error) {
  finish(1, `refused: ${error.message}`);
}
