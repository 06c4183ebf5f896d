//! Tables of facts and what is decided about an order.

use super::*;
use crate::bundle::{Bundle, BundleStatus, Sizing, Terms};
use crate::change::Change;
use crate::clock::{HandClock, MINUTE, Now};
use crate::domain::{Domain, DomainName, MailProvider, NameAnswer, Unavailable, Verdict};
use crate::id::{Id, Ids, QuoteId};
use crate::ledger::LineKind;
use crate::money::PriceBook;
use crate::quote::{Quote, WINDOW};
use crate::refusal::{Code, Fault, Refusal};
use crate::spend::{Allowance, Limited};
use crate::world::Scope;

const NOON: Time = Time(1_778_241_600_000_000);
const BOTH: &[MailProvider] = &[MailProvider::Google, MailProvider::Microsoft];

fn now() -> Now {
    Now { server: NOON, offset: 0 }
}

fn later(micros: i64) -> Now {
    Now { server: NOON, offset: micros }
}

fn ids() -> Ids {
    Ids::seeded(HandClock::at(NOON), 1)
}

fn scope() -> Scope {
    Scope { partner: PartnerId::opaque("org_1"), world: World::live() }
}

fn bundle(status: BundleStatus) -> Bundle {
    Bundle {
        id: BundleId::opaque("bun_1"),
        partner: scope().partner,
        world: scope().world,
        terms: Terms {
            name: "Small".into(),
            monthly_sending_volume: 880,
            google_percent: None,
            send_on_weekends: false,
            google_inboxes_per_domain: 2,
        },
        status,
        created_at: Time(0),
        version: 1,
    }
}

#[test]
fn no_web_address_of_an_order_leads_to_itself() {
    let mut order = placing(&["a.com", "b.com"]);
    order.forwarding_url = Some("https://www.b.com/x".into());
    let field = |order: &Placing| {
        let refusal = check_records(order, &facts(), &Sizing::default()).err()?;
        let fault = refusal.faults().next()?;
        Some((fault.code, fault.field.clone()?))
    };
    let told = |field: &str| Some((Code::InvalidRequest, field.to_owned()));
    assert_eq!(field(&order), told("forwarding_url"));
    order.domains[1].forwarding_url = Some("https://acme.com".into());
    assert_eq!(field(&order), None);
    order.domains[0].forwarding_url = Some("https://a.com".into());
    assert_eq!(field(&order), told("domains[0].forwarding_url"));
}

/// An order with the bundle, which needs one domain of each provider.
fn placing(names: &[&str]) -> Placing {
    let wanted = |name: &&str| Wanted { name: DomainName::stored(*name), forwarding_url: None, provider: None };
    Placing {
        user: Some(UserRef::Email("alex@acme.com".into())),
        size: Size::Bundle(BundleId::opaque("bun_1")),
        sequencer: Some(SequencerLogin {
            provider: crate::order::SequencerProvider::Smartlead,
            client_id: None,
            login_email: Some("peeker@acme.com".into()),
            login_password: Some(Secret::plain("x")),
            api_key: None,
        }),
        domains: names.iter().map(wanted).collect(),
        personas: vec![],
        forwarding_url: None,
        max_total_cents: None,
        quote_id: None,
        reference: None,
        metadata: BTreeMap::new(),
        dkim: None,
    }
}

fn facts() -> Facts {
    Facts { bundle: Some(bundle(BundleStatus::Active)), ..Facts::default() }
}

fn answer(name: &str, verdict: Verdict) -> NameAnswer {
    NameAnswer::new(DomainName::stored(name), verdict)
}

fn buyable(name: &str, price_cents: Cents, usable_for: &[MailProvider]) -> NameAnswer {
    answer(name, Verdict::Buyable { price_cents, renewal_price_cents: 1_500, usable_for: usable_for.to_vec() })
}

fn buyables(names: &[&str]) -> Vec<NameAnswer> {
    names.iter().map(|name| buyable(name, 1_300, BOTH)).collect()
}

fn book(licenses: Cents, margin: Cents) -> Rules {
    let book = PriceBook { google_license_cents: licenses, domain_margin_cents: margin, ..PriceBook::default() };
    Rules { book, ..Rules::default() }
}

fn codes<'a>(faults: impl IntoIterator<Item = &'a Fault>) -> Vec<(Code, &'a str)> {
    faults.into_iter().map(|fault| (fault.code, fault.field.as_deref().unwrap_or_default())).collect()
}

fn quote_of(placing: &Placing, facts: &Facts, answers: &[NameAnswer], rules: &Rules, now: Now) -> Quoted {
    quote(&Submitted { scope: &scope(), placing, facts, answers, rules, now }, vec![], &ids())
}

mod surveys {
    use super::*;

    fn look(placing: &Placing, shape: Vec<Fault>, facts: &Facts, answers: &[NameAnswer]) -> Survey {
        let (scope, rules) = (scope(), Rules::default());
        survey(&Submitted { scope: &scope, placing, facts, answers, rules: &rules, now: now() }, shape)
    }

    #[test]
    fn the_faults_of_every_stage_are_listed() {
        let mut placing = placing(&["a.com", "b.com", "c.com"]);
        placing.user = Some(UserRef::Id(UserId::opaque("usr_1")));
        placing.max_total_cents = Some(1);
        placing.quote_id = Some(QuoteId::opaque("quo_1"));
        placing.domains[0].provider = Some(MailProvider::Microsoft);
        let allowance = Allowance { of: Limited::Key, limit_cents: 1, spent_cents: 0 };
        let facts =
            Facts { bundle: Some(bundle(BundleStatus::Archived)), allowances: vec![allowance], ..Facts::default() };
        let answers =
            [buyable("a.com", 1_300, &[MailProvider::Google]), answer("b.com", Verdict::Not(Unavailable::Premium))];
        let found = look(&placing, vec![], &facts, &answers);
        assert_eq!(
            codes(&found.faults),
            [
                (Code::NotFound, "user"),
                (Code::NotFound, "quote_id"),
                (Code::BundleArchived, "bundle_id"),
                (Code::DomainCountMismatch, "domains"),
                (Code::DomainUnavailable, "domains[1]"),
                (Code::PriceChanged, "max_total_cents"),
                (Code::SpendLimitExceeded, ""),
                (Code::DomainProviderMismatch, "domains[0].provider"),
            ]
        );
        assert_eq!((found.rows.len(), found.assignment.len()), (1, 0));
    }

    #[test]
    fn names_are_assigned_once_nothing_is_wrong_with_them() {
        let names = ["a.com", "b.com"];
        let look = |shape| look(&placing(&names), shape, &facts(), &buyables(&names));
        assert_eq!(look(vec![]).assignment.len(), 2);
        for (field, assigned) in [
            ("forwarding_url", 2),
            ("domains[1].forwarding_url", 2),
            ("domains[1].provider", 0),
            ("domains[2]", 0),
            ("domains[2].domain", 0),
        ] {
            let found = look(vec![Fault::invalid(field, "Send another.")]);
            assert_eq!((found.assignment.len(), found.faults.len()), (assigned, 1), "{field}");
        }
    }

    #[test]
    fn faults_stand_where_the_body_has_them() {
        let mut order = placing(&["a.com", "b.com"]);
        order.domains[1].provider = Some(MailProvider::Microsoft);
        let answers =
            [answer("a.com", Verdict::Not(Unavailable::Taken)), buyable("b.com", 1_300, &[MailProvider::Google])];
        let lost = |n: usize| Fault::invalid(format!("domains[{n}]"), "Not a name.");
        let found = look(&order, vec![lost(0), lost(2)], &facts(), &answers);
        assert_eq!(
            codes(&found.faults[2..]),
            [(Code::DomainUnavailable, "domains[1]"), (Code::DomainProviderMismatch, "domains[3].provider")]
        );
    }

    #[test]
    fn counts_are_told_in_words() {
        for (names, sent) in [
            (vec![], "This size needs 2 domains and 0 were sent. Add 2 more."),
            (vec!["a.com"], "This size needs 2 domains and 1 was sent. Add 1 more."),
            (vec!["a.com", "b.com", "c.com"], "This size needs 2 domains and 3 were sent. Remove 1."),
        ] {
            assert_eq!(look(&placing(&names), vec![], &facts(), &buyables(&names)).faults[0].message, sent);
        }
        let mut one = placing(&["a.com", "b.com"]);
        one.size = Size::Licenses { google: 2, microsoft: 0, google_inboxes_per_domain: 2 };
        let message = look(&one, vec![], &facts(), &[]).faults[0].message.clone();
        assert_eq!(message, "This size needs 1 domain and 2 were sent. Remove 1.");
    }
}

mod quoted {
    use super::*;

    const NAMES: [&str; 2] = ["a.com", "b.com"];

    /// A quote for the two names: `a.com` is assigned to Microsoft, `b.com` to Google; 6800 cents.
    fn quoted(answers: &[NameAnswer], rules: &Rules) -> Quote {
        let made = quote_of(&placing(&NAMES), &facts(), answers, rules, now());
        made.change.quotes.into_iter().next().unwrap()
    }

    fn plain() -> Quote {
        quoted(&buyables(&NAMES), &Rules::default())
    }

    struct Case {
        placing: Placing,
        facts: Facts,
        answers: Vec<NameAnswer>,
        rules: Rules,
        now: Now,
    }

    /// An order that names the quote, placed at once with nothing changed.
    fn case(quote: Quote) -> Case {
        let placing = Placing { quote_id: Some(quote.id.clone()), ..placing(&NAMES) };
        let facts = Facts { quote: Some(quote), ..facts() };
        Case { placing, facts, answers: buyables(&NAMES), rules: Rules::default(), now: now() }
    }

    impl Case {
        fn try_place(&self) -> Result<Change, Refusal> {
            let Self { placing, facts, answers, rules, now } = self;
            let submitted = Submitted { scope: &scope(), placing, facts, answers, rules, now: *now };
            place(&submitted, &ids()).map(|placed| placed.change)
        }

        #[track_caller]
        fn placed(&self) -> (Cents, Vec<Domain>, Change) {
            let change = self.try_place().unwrap();
            let booked: Cents = change.lines.iter().map(|line| line.amount_cents).sum();
            assert_eq!(booked, change.orders.insert[0].total_cents);
            (booked, change.domains.insert.clone(), change)
        }

        #[track_caller]
        fn refused(&self, code: Code, field: &str) -> serde_json::Value {
            let refusal = self.try_place().unwrap_err();
            assert_eq!(codes(refusal.faults()), [(code, field)], "{}", refusal.body());
            refusal.body()["error"]["details"].clone()
        }
    }

    #[test]
    fn a_held_price_is_paid_whatever_the_registrar_asks_now() {
        for (asked, most) in [(1_300, 1_300), (2_000, 2_000), (900, 1_300)] {
            let mut case = case(plain());
            case.answers[0] = buyable("a.com", asked, BOTH);
            let (total, domains, _) = case.placed();
            assert_eq!(total, 6_800);
            let row = &domains[0];
            assert_eq!((row.price_cents, row.cost_cents, row.renewal_price_cents), (1_300, most, 1_500), "{asked}");
        }
    }

    #[test]
    fn the_most_to_pay_for_a_further_year_is_the_registrars_price_without_the_margin() {
        for (renewal, most) in [(1_500, 1_500), (1_900, 1_900), (900, 1_500)] {
            let mut case = case(quoted(&buyables(&NAMES), &book(600, 200)));
            let verdict =
                Verdict::Buyable { price_cents: 1_300, renewal_price_cents: renewal, usable_for: BOTH.to_vec() };
            case.answers[0] = answer("a.com", verdict);
            let (_, domains, _) = case.placed();
            assert_eq!((domains[0].renewal_price_cents, domains[0].renewal_cost_cents), (1_700, most), "{renewal}");
        }
    }

    #[test]
    fn what_the_operator_changes_meanwhile_does_not_count() {
        let mut case = case(quoted(&buyables(&NAMES), &book(600, 200)));
        case.rules = book(9_000, 5_000);
        let (total, domains, change) = case.placed();
        assert_eq!((total, domains[0].price_cents, domains[0].renewal_price_cents), (7_200, 1_500, 1_700));
        let google = change.lines.iter().find(|line| line.kind == LineKind::GoogleLicense).unwrap();
        assert_eq!(google.unit_cents, 600);
        case.facts.quote = None;
        case.placing.quote_id = None;
        assert_eq!(case.placed().0, 2 * 6_300 + 2 * 9_000 + 3_000);
    }

    #[test]
    fn names_go_where_the_quote_said() {
        let mut case = case(plain());
        case.placing.domains.reverse();
        let (_, domains, _) = case.placed();
        let told: Vec<_> = domains.iter().map(|one| (one.name.as_str(), one.provider.unwrap().as_str())).collect();
        assert_eq!(told, [("b.com", "google"), ("a.com", "microsoft")]);
        case.answers[0] = buyable("a.com", 1_300, &[MailProvider::Google]);
        case.refused(Code::DomainProviderMismatch, "domains[1].provider");
    }

    #[test]
    fn the_window_ends_after_fifteen_minutes_of_partner_time() {
        let mut case = case(plain());
        case.answers[0] = buyable("a.com", 2_000, BOTH);
        case.now = later(WINDOW - 1);
        assert_eq!(case.placed().0, 6_800);
        case.now = later(WINDOW);
        let details = case.refused(Code::PriceChanged, "quote_id");
        assert_eq!(details, serde_json::json!({ "expected_cents": 6_800, "actual_cents": 7_500 }));
        case.answers[0] = buyable("a.com", 1_200, BOTH);
        case.refused(Code::PriceChanged, "quote_id");
    }

    #[test]
    fn an_expired_quote_is_taken_at_the_same_total() {
        let mut case = case(plain());
        case.now = later(60 * MINUTE);
        case.answers = vec![buyable("a.com", 1_400, BOTH), buyable("b.com", 1_200, BOTH)];
        let (total, domains, _) = case.placed();
        assert_eq!((total, domains[0].price_cents, domains[0].cost_cents), (6_800, 1_400, 1_400));
        assert_eq!(domains[0].provider, Some(MailProvider::Microsoft));
    }

    #[test]
    fn the_partners_own_most_still_counts() {
        let mut case = case(plain());
        case.placing.max_total_cents = Some(6_799);
        case.refused(Code::PriceChanged, "max_total_cents");
    }

    #[test]
    fn other_names_are_refused_and_told() {
        let mut case = case(plain());
        case.placing.domains = placing(&["b.com", "c.com"]).domains;
        let details = case.refused(Code::InvalidRequest, "quote_id");
        assert_eq!(details, serde_json::json!({ "added_domains": ["c.com"], "missing_domains": ["a.com"] }));
        case.placing.domains = placing(&NAMES).domains;
        case.placing.domains[1].provider = Some(MailProvider::Microsoft);
        let details = case.refused(Code::InvalidRequest, "quote_id");
        assert_eq!(details["pinned_domains"], serde_json::json!(["b.com"]));
        case.placing.domains[1].provider = Some(MailProvider::Google);
        case.placed();
    }

    #[test]
    fn another_size_is_refused_and_told() {
        let mut case = case(plain());
        case.placing.size = Size::Licenses { google: 1, microsoft: 1, google_inboxes_per_domain: 2 };
        let details = case.refused(Code::InvalidRequest, "quote_id");
        assert_eq!(
            (&details["quoted_size"]["google_licenses"], &details["order_size"]["google_licenses"]),
            (&2.into(), &1.into())
        );
        case.placing.size = Size::Licenses { google: 2, microsoft: 1, google_inboxes_per_domain: 2 };
        case.placed();
    }

    #[test]
    fn a_changed_bundle_and_other_names_are_told_together() {
        let mut case = case(plain());
        case.facts.bundle.as_mut().unwrap().terms.monthly_sending_volume = 3_000;
        case.placing.domains.pop();
        let refusal = case.try_place().unwrap_err();
        assert_eq!(
            codes(refusal.faults()),
            [
                (Code::InvalidRequest, "quote_id"),
                (Code::InvalidRequest, "quote_id"),
                (Code::DomainCountMismatch, "domains")
            ]
        );
    }

    #[test]
    fn a_quote_that_does_not_exist_is_not_found() {
        let mut case = case(plain());
        case.facts.quote = None;
        case.refused(Code::NotFound, "quote_id");
    }

    #[test]
    fn a_name_that_is_gone_is_unavailable_as_ever() {
        for moment in [now(), later(WINDOW)] {
            let mut case = case(plain());
            case.now = moment;
            case.answers[1] = answer("b.com", Verdict::Not(Unavailable::Taken));
            case.refused(Code::DomainUnavailable, "domains[1]");
        }
    }

    #[test]
    fn an_order_never_costs_more_than_its_quote_said() {
        let answers = [buyable("a.com", 1_300, BOTH), answer("b.com", Verdict::Not(Unavailable::Taken))];
        let case = case(quoted(&answers, &Rules::default()));
        let details = case.refused(Code::PriceChanged, "quote_id");
        assert_eq!(details, serde_json::json!({ "expected_cents": 5_500, "actual_cents": 6_800 }));
    }

    #[test]
    fn a_problem_that_is_solved_is_none() {
        let mut dear = placing(&NAMES);
        dear.max_total_cents = Some(1);
        let made = quote_of(&dear, &facts(), &buyables(&NAMES), &Rules::default(), now());
        assert_eq!(made.view.problems.len(), 1);
        assert_eq!(case(made.change.quotes.into_iter().next().unwrap()).placed().0, 6_800);
    }

    #[test]
    fn a_quote_does_not_hold_another_one() {
        let order = Placing { quote_id: Some(plain().id), ..placing(&NAMES) };
        let facts = Facts { quote: Some(plain()), ..facts() };
        let dearer = [buyable("a.com", 2_000, BOTH), buyable("b.com", 1_300, BOTH)];
        let again = |now| quote_of(&order, &facts, &dearer, &Rules::default(), now);
        let within = again(now());
        assert_eq!((within.view.costs.total_cents, within.view.problems.len()), (7_500, 0));
        assert_eq!(within.change.quotes[0].names[0].cost.unwrap().first_cents, 2_000);
        assert_eq!(again(later(WINDOW)).view.problems[0].code, "price_changed");
    }

    #[test]
    fn spend_limits_are_held_against_the_held_price() {
        let allowance = |limit_cents| Allowance { of: Limited::Partner, limit_cents, spent_cents: 10_000 };
        let mut case = case(plain());
        case.answers[0] = buyable("a.com", 2_000, BOTH);
        case.facts.allowances = vec![allowance(16_800)];
        case.facts.placed_with = Some(KeyId::opaque("key_1"));
        assert_eq!(case.placed().2.orders.insert[0].api_key, Some(KeyId::opaque("key_1")));
        case.facts.allowances = vec![allowance(16_799)];
        let details = case.refused(Code::SpendLimitExceeded, "");
        assert_eq!(details["order_cents"], 6_800);
    }
}
