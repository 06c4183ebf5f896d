// Buys two domains with a client made from /openapi.json, follows the order, and reads it back.

import { strict as assert } from "node:assert";
import { setTimeout as pause } from "node:timers/promises";

import createClient, { type Middleware } from "openapi-fetch";

import type { components, paths, webhooks } from "./schema.js";

type Order = components["schemas"]["Order"];
type OrderCompleted = webhooks["order.completed"]["post"]["requestBody"]["content"]["application/json"];

const [url, key] = process.argv.slice(2);
assert(url && key, "usage: order.js URL KEY");

const authorized: Middleware = {
  onRequest({ request }) {
    request.headers.set("Authorization", `Bearer ${key}`);
    return request;
  },
};
const api = createClient<paths>({ baseUrl: url });
api.use(authorized);

async function place(): Promise<string> {
  const { data, error } = await api.POST("/partner/v1/orders", {
    params: { header: { "Idempotency-Key": "typescript-1" } },
    body: {
      user: "typescript@acme.com",
      google_licenses: 2,
      microsoft_licenses: 1,
      sequencer: { provider: "smartlead", login_email: "peeker@yourcompany.com", login_password: "the password" },
      domains: ["team-typescript.com", { domain: "typescript-mail.com", forwarding_url: "https://acme.com/offer" }],
      personas: [{ first_name: "Alex", last_name: "Rivera", profile_picture_url: null }],
    },
  });
  assert(data, `refused: ${error?.error.code}`);
  assert.equal(data.data.status, "in_progress");
  assert.equal(data.data.costs.total_cents, 6800);
  return data.data.id;
}

async function completed(id: string): Promise<Order> {
  for (let tries = 0; tries < 300; tries++) {
    const { data } = await api.GET("/partner/v1/orders/{id}", { params: { path: { id } } });
    if (data?.data.status === "completed") return data.data;
    await pause(100);
  }
  throw new Error(`order ${id} is not completed`);
}

const order = await completed(await place());
assert.deepEqual(order.domains.map((domain) => domain.status), ["active", "active"]);
assert.deepEqual(order.domains.map((domain) => domain.provider), ["google", "microsoft"]);

const told = await api.GET("/partner/v1/events", { params: { query: { type: "order.completed", per_page: 1 } } });
// The same call can answer with a stream, which is text.
const page = told.data as { data: unknown[] } | undefined;
const event = page?.data[0] as OrderCompleted | undefined;
assert.deepEqual(event?.data, order);

const refused = await api.GET("/partner/v1/orders/{id}", { params: { path: { id: "ord_nobody" } } });
assert.equal(refused.error?.error.code, "not_found");
console.log(`typescript: order ${order.id} is ${order.status} for ${order.costs.charged_cents} cents`);
