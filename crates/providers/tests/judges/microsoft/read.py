"""Microsoft's own client walks through what an order needs, at the address that is given, and prints what it understood.

What its types do not know would be kept beside them: an answer that has more of that than `@odata.…` ends the walk.
"""

import asyncio
import json
import sys

import httpx
from kiota_abstractions.authentication import AuthenticationProvider
from msgraph import GraphRequestAdapter, GraphServiceClient
from msgraph.generated.models.assigned_license import AssignedLicense
from msgraph.generated.models.domain import Domain
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.generated.models.password_profile import PasswordProfile
from msgraph.generated.models.user import User
from msgraph.generated.users.item.assign_license.assign_license_post_request_body import AssignLicensePostRequestBody
from msgraph.generated.users.item.user_item_request_builder import UserItemRequestBuilder
from kiota_abstractions.base_request_configuration import RequestConfiguration

base, tenant, application, secret = sys.argv[1:5]


class Bearer(AuthenticationProvider):
    def __init__(self, token):
        self.token = token

    async def authenticate_request(self, request, additional_authentication_context=None):
        request.headers.try_add("Authorization", f"Bearer {self.token}")


def known(value, where):
    """The same value, of which nothing is unknown to the client's types."""
    if isinstance(value, list):
        for one in value:
            known(one, where)
    if hasattr(value, "additional_data"):
        odd = [name for name in value.additional_data or {} if not name.startswith("@odata.")]
        if odd:
            sys.exit(f"{where}: {type(value).__name__} has {odd}")
        for name, inner in vars(value).items():
            if name != "additional_data":
                known(inner, f"{where}.{name}")
    return value


def say(what, value):
    print(json.dumps({"what": what, "value": value}))


async def domains(client):
    made = known(await client.domains.post(Domain(id="more.com")), "add")
    say("added", [made.id, made.is_verified, made.authentication_type])
    one = client.domains.by_domain_id("judged.com")
    proof = known(await one.verification_dns_records.get(), "proof").value
    say("proof", [[type(record).__name__, record.label, record.ttl] for record in proof])
    say("text", proof[0].text.startswith("MS=ms"))
    say("verified", known(await one.verify.post(), "verify").is_verified)
    await one.patch(Domain(supported_services=["Email"]))
    say("serves", known(await one.get(), "domain").supported_services)
    wanted = known(await one.service_configuration_records.get(), "records").value
    say("wanted", [[type(record).__name__, record.supported_service] for record in wanted])
    say("exchange", [wanted[0].mail_exchange, wanted[0].preference, wanted[2].canonical_name, wanted[3].port])
    say("domains", sorted(domain.id for domain in known(await client.domains.get(), "domains").value))


def jane():
    password = PasswordProfile(password="Secret-4711", force_change_password_next_sign_in=False)
    return User(
        account_enabled=True, display_name="Jane Doe", given_name="Jane", surname="Doe", mail_nickname="jane",
        user_principal_name="jane@judged.com", usage_location="US", employee_type="mailwright", password_profile=password,
    )


async def users(client):
    sku = known(await client.subscribed_skus.get(), "skus").value[0]
    say("sku", [sku.sku_part_number, sku.consumed_units, sku.prepaid_units.enabled])
    made = known(await client.users.post(jane()), "make")
    say("made", [made.user_principal_name, made.display_name])
    try:
        await client.users.post(jane())
    except ODataError as no:
        say("again", [no.response_status_code, no.error.code, no.error.details[0].code])
    one = client.users.by_user_id(made.id)
    licence = AssignedLicense(sku_id=sku.sku_id, disabled_plans=[])
    body = AssignLicensePostRequestBody(add_licenses=[licence], remove_licenses=[])
    known(await one.assign_license.post(body), "license")
    fields = ["id", "userPrincipalName", "mail", "proxyAddresses", "assignedLicenses", "usageLocation", "employeeType"]
    query = UserItemRequestBuilder.UserItemRequestBuilderGetQueryParameters(select=fields)
    seen = known(await one.get(RequestConfiguration(query_parameters=query)), "look")
    say("seen", [seen.mail, seen.proxy_addresses, seen.usage_location, seen.employee_type])
    say("licensed", seen.assigned_licenses[0].sku_id == sku.sku_id)
    await one.photo.content.put(b"\x89PNG")
    say("photo", known(await one.photo.get(), "photo").width)
    await one.patch(User(user_principal_name="joan@judged.com", mail="joan@judged.com"))
    seen = known(await one.get(RequestConfiguration(query_parameters=query)), "look again")
    say("renamed", [seen.user_principal_name, seen.proxy_addresses])
    used = known(await client.domains.by_domain_id("judged.com").domain_name_references.get(), "used").value
    say("used", [type(one).__name__ for one in used])
    await one.delete()
    back = known(await client.directory.deleted_items.by_directory_object_id(made.id).restore.post(), "restore")
    say("back", [type(back).__name__, back.id == made.id])


async def main():
    form = {
        "grant_type": "client_credentials", "client_id": application, "client_secret": secret,
        "scope": "https://graph.microsoft.com/.default",
    }
    token = httpx.post(f"{base}/{tenant}/oauth2/v2.0/token", data=form).json().get("access_token", "none")
    adapter = GraphRequestAdapter(Bearer(token))
    adapter.base_url = f"{base}/v1.0"
    client = GraphServiceClient(request_adapter=adapter)
    await domains(client)
    await users(client)


asyncio.run(main())
