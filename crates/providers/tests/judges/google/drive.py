"""Google's own client walks through what an order needs, at the address that is given, and prints what it understood."""

import json
import sys

from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

base, admin, key = sys.argv[1], sys.argv[2], json.load(sys.stdin)
SCOPE = "https://www.googleapis.com/auth/"
SKU = {"productId": "Google-Apps", "skuId": "1010020027"}


def say(what, value):
    print(json.dumps({"what": what, "value": value}))


def client(name, version, scopes, path=""):
    scopes = [SCOPE + scope for scope in scopes]
    credentials = service_account.Credentials.from_service_account_info(key, scopes=scopes, subject=admin)
    # The address that is given takes the place of the service's path too.
    return build(
        name, version, credentials=credentials, static_discovery=True, client_options={"api_endpoint": base + path}
    )


def domain(directory, sites):
    made = directory.domains().insert(customer="my_customer", body={"domainName": "judged.com"}).execute()
    say("added", [made["domainName"], made["verified"]])
    site = {"type": "INET_DOMAIN", "identifier": "judged.com"}
    proof = sites.webResource().getToken(body={"verificationMethod": "DNS_TXT", "site": site}).execute()
    say("proof", proof["token"].startswith("google-site-verification="))
    try:
        sites.webResource().insert(verificationMethod="DNS_TXT", body={"site": site}).execute()
    except HttpError as no:
        say("early", no.status_code)


def users(directory, licences):
    body = {
        "primaryEmail": "jane@ready.com", "name": {"givenName": "Jane", "familyName": "Doe"},
        "password": "0" * 40, "hashFunction": "SHA-1",
    }
    made = directory.users().insert(body=body).execute()
    say("made", [made["primaryEmail"], made["isMailboxSetup"]])
    try:
        directory.users().insert(body=body).execute()
    except HttpError as no:
        say("again", [no.status_code, no.error_details[0]["reason"]])
    for _ in range(3):
        seen = directory.users().get(userKey="jane@ready.com").execute()
    say("set up", seen["isMailboxSetup"])
    directory.users().photos().update(userKey=made["id"], body={"photoData": "-__-"}).execute()
    directory.users().patch(userKey=made["id"], body={"primaryEmail": "joan@ready.com"}).execute()
    aliases = directory.users().aliases().list(userKey="joan@ready.com").execute()
    say("aliases", [one["alias"] for one in aliases["aliases"]])
    licences.licenseAssignments().insert(**SKU, body={"userId": "joan@ready.com"}).execute()
    given = licences.licenseAssignments().get(**SKU, userId="joan@ready.com").execute()
    say("licence", [given["userId"], given["skuId"]])
    listed = directory.users().list(domain="ready.com", maxResults=1).execute()
    say("listed", [one["primaryEmail"] for one in listed["users"]])
    directory.users().delete(userKey=made["id"]).execute()
    gone = directory.users().list(domain="ready.com", showDeleted="true").execute()
    say("deleted", ["deletionTime" in one for one in gone["users"]])
    directory.users().undelete(userKey=made["id"], body={"orgUnitPath": "/"}).execute()
    say("back", directory.users().get(userKey="joan@ready.com").execute()["id"] == made["id"])


directory = client("admin", "directory_v1", ["admin.directory.domain"])
domain(directory, client("siteVerification", "v1", ["siteverification"], "/siteVerification/v1/"))
users(client("admin", "directory_v1", ["admin.directory.user"]), client("licensing", "v1", ["apps.licensing"]))
