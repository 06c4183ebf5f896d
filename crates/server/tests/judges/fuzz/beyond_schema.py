"""What no schema can say: the fields whose values can be well-formed and wrong all the same.

Valid data that is refused as `invalid_request` counts as fine only when every fault is at one of these fields. If a
run ends with a field that is missing here, first try to say the rule in the description of the field (bounds, a
pattern, a format); only a rule that cannot be said there belongs into this table, with its reason.

A key is a field, or `operation:field` when only that call has the rule; `*` is every field. Positions in lists are
left out: `domains[3].forwarding_url` is `forwarding_url`, and `domains[3]` is `domains[]`.
"""

FIELDS = {
    # Lists
    "page_token": "only tokens that came from us, for this list and these filters, are good",
    "after": "it has to be an event that exists",
    # Names and addresses
    "domains": "its names are looked at together",
    "domains[]": "which names can be registered is in the public suffix list; each may be there once",
    "domain": "which names can be registered is in the public suffix list",
    "replacement_domain": "which names can be registered is in the public suffix list",
    "user": "an address has to be one that mail can go to",
    "email": "an address has to be one that mail can go to",
    "login_email": "an address has to be one that mail can go to; a login is whole, and left out only beside an API key",
    "login_password": "a login is whole, and left out only beside an API key",
    "url": "only public hosts are let in",
    "forwarding_url": "only public hosts are let in",
    "profile_picture_url": "only public hosts are let in",
    "first_name": "a mailbox's address is made of it: it needs a letter that can be spelt in ASCII",
    "last_name": "a mailbox's address is made of it: it needs a letter that can be spelt in ASCII",
    # Numbers that depend on each other
    "google_percent": "both shares or neither, and together they make 100",
    "microsoft_percent": "both shares or neither, and together they make 100",
    "monthly_sending_volume": "the largest depends on the split",
    "google_licenses": "at least one licence in all",
    # Records
    "quote_id": "the quote has to be for the same names and size",
    "resolve_pending_action:*": "which field answers depends on what is asked",
}
