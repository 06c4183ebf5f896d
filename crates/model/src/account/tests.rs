use super::*;
use crate::clock::{SECOND, Time};

fn entrant(account: &str) -> Entrant {
    Entrant {
        account: account.into(),
        hosts: None,
        sends: None,
        tlds: vec![],
        most_domains: None,
        most_users: None,
        seat_cents: None,
        serves_what_it_sells: false,
    }
}

fn lineup(role: Role, entrants: Vec<Entrant>) -> Lineup {
    Lineup { roles: HashMap::from([(role, entrants)]), ..Lineup::default() }
}

fn chosen<'a>(lineup: &'a Lineup, role: Role, name: &str, have: &Assigned, load: &Load) -> Option<&'a str> {
    let name = DomainName::stored(name);
    choose(lineup, role, Need { name: &name, mail: Some(MailProvider::Google), users: 2, sequencer: None, have }, load)
}

fn load(role: Role, of: &[(&str, i64)]) -> Load {
    of.iter().map(|(account, has)| ((role, (*account).to_owned()), Has::domains(*has))).collect()
}

#[test]
fn the_first_with_room_has_it_and_whoever_is_there_for_such_names_comes_before() {
    let small = Entrant { most_domains: Some(2), ..entrant("small") };
    let io = Entrant { tlds: vec!["io".into()], ..entrant("io") };
    let lineup = lineup(Role::Dns, vec![small, entrant("large"), io]);
    let none = Assigned::default();
    let at = |name: &str, has| chosen(&lineup, Role::Dns, name, &none, &load(Role::Dns, &[("small", has)]));
    assert_eq!(at("acme.com", 1), Some("small"));
    assert_eq!(at("acme.com", 2), Some("large"));
    assert_eq!(at("acme.io", 0), Some("io"));
    assert_eq!(at("acmeio", 0), Some("small"), "an ending is a whole label");
    assert_eq!(chosen(&lineup, Role::Mail, "acme.com", &none, &Load::new()), None);
}

#[test]
fn where_all_are_full_nobody_has_it() {
    let lineup = lineup(Role::Dns, vec![Entrant { most_domains: Some(1), ..entrant("one") }]);
    let full = load(Role::Dns, &[("one", 1)]);
    assert_eq!(chosen(&lineup, Role::Dns, "acme.com", &Assigned::default(), &full), None);
}

#[test]
fn an_account_with_room_may_have_one_more() {
    let lineup = lineup(Role::Registrar, vec![Entrant { most_domains: Some(2), ..entrant("small") }, entrant("large")]);
    let full = load(Role::Registrar, &[("small", 2), ("large", 9_000)]);
    let has_room = |account: &str, load: &Load| lineup.has_room(Role::Registrar, account, load);
    assert!(has_room("small", &Load::new()) && has_room("large", &full));
    assert!(!has_room("small", &full) && !has_room("nobody", &full));
}

#[test]
fn an_even_spread_gives_to_whoever_has_fewest() {
    let lineup = Lineup { spread: Some(Spread::Even), ..lineup(Role::Dns, vec![entrant("one"), entrant("two")]) };
    let none = Assigned::default();
    assert_eq!(chosen(&lineup, Role::Dns, "a.com", &none, &load(Role::Dns, &[("one", 3), ("two", 2)])), Some("two"));
    assert_eq!(chosen(&lineup, Role::Dns, "a.com", &none, &load(Role::Dns, &[("one", 2), ("two", 2)])), Some("one"));
}

#[test]
fn what_is_served_only_where_it_is_sold_goes_there_or_nowhere() {
    let seller = Entrant { serves_what_it_sells: true, ..entrant("closed") };
    let mut lineup = lineup(Role::Dns, vec![entrant("open"), entrant("closed")]);
    lineup.roles.insert(Role::Registrar, vec![seller]);
    let have = Assigned { registrar: Some("closed".into()), ..Assigned::default() };
    assert_eq!(chosen(&lineup, Role::Dns, "acme.com", &have, &Load::new()), Some("closed"));
    lineup.roles.insert(Role::Dns, vec![entrant("open")]);
    assert_eq!(chosen(&lineup, Role::Dns, "acme.com", &have, &Load::new()), None);
}

#[test]
fn a_mail_account_hosts_what_it_hosts() {
    let microsoft = Entrant { hosts: Some(MailProvider::Microsoft), ..entrant("microsoft") };
    let google = Entrant { hosts: Some(MailProvider::Google), ..entrant("google") };
    let lineup = lineup(Role::Mail, vec![microsoft, google]);
    assert_eq!(chosen(&lineup, Role::Mail, "acme.com", &Assigned::default(), &Load::new()), Some("google"));
}

#[test]
fn a_role_once_given_stays() {
    let mut have = Assigned::default();
    for role in Role::ALL {
        have.give(*role, "first");
        have.give(*role, "second");
        assert_eq!(have.get(*role), (*role != Role::Observer).then_some("first"));
    }
}

fn sells(account: &str, price_cents: i64, renewal_price_cents: i64) -> NameAnswer {
    let verdict = Verdict::Buyable { price_cents, renewal_price_cents, usable_for: vec![] };
    NameAnswer::new(DomainName::stored("acme.io"), verdict).by(account)
}

fn says(account: &str, why: Unavailable) -> NameAnswer {
    NameAnswer::not(DomainName::stored("acme.io"), why).by(account)
}

#[test]
fn of_several_registrars_one_sells_and_what_is_certain_is_told() {
    let io = Entrant { tlds: vec!["io".into()], ..entrant("io") };
    let mut lineup = lineup(Role::Registrar, vec![entrant("one"), entrant("two")]);
    let name = DomainName::stored("acme.io");
    let by = |lineup: &Lineup, answers| lineup.merge(&name, answers).account;
    let both = || vec![sells("two", 900, 5_000), sells("one", 1_000, 1_200)];
    assert_eq!(by(&lineup, both()).as_deref(), Some("one"), "by preference");
    lineup.choice = Some(Choice::LowestTotal);
    assert_eq!(by(&lineup, both()).as_deref(), Some("one"), "a cheap first year is not a cheap name");
    assert_eq!(by(&lineup, vec![sells("one", 900, 900), sells("two", 900, 800)]).as_deref(), Some("two"));
    assert_eq!(by(&lineup, vec![says("one", Unavailable::Premium), sells("two", 1, 1)]).as_deref(), Some("two"));
    lineup.roles.insert(Role::Registrar, vec![entrant("one"), io]);
    assert_eq!(by(&lineup, vec![sells("one", 1, 1), sells("io", 9, 9)]).as_deref(), Some("io"));
    let no = |answers| lineup.merge(&name, answers).verdict;
    let told = no(vec![says("one", Unavailable::Errored), says("two", Unavailable::Taken)]);
    assert_eq!(told, Verdict::Not(Unavailable::Taken));
    assert_eq!(no(vec![]), Verdict::Not(Unavailable::Errored));
    let at = |seconds| NameAnswer::errored(name.clone(), Some(Time(seconds * SECOND)));
    let soonest = lineup.merge(&name, vec![at(60), at(20), at(90)]);
    assert_eq!(soonest.retry_at, Some(Time(20 * SECOND)), "whoever knows first is asked again first");
}

#[test]
fn inboxes_go_to_the_sequencer_that_the_order_names() {
    let of = |account: &str, sends| Entrant { sends: Some(sends), ..entrant(account) };
    let (file, instantly) = (of("file", SequencerProvider::Csv), of("instantly", SequencerProvider::Instantly));
    let mut lineup = lineup(Role::Sequencer, vec![file, instantly]);
    let (name, have) = (DomainName::stored("acme.com"), Assigned::default());
    let chosen = |lineup: &Lineup, wanted| {
        let need = Need { name: &name, mail: None, users: 0, sequencer: Some(wanted), have: &have };
        choose(lineup, Role::Sequencer, need, &Load::new()).map(str::to_owned)
    };
    let expect = |account: &str| Some(account.to_owned());
    assert_eq!(chosen(&lineup, SequencerProvider::Instantly), expect("instantly"), "though another comes first");
    assert_eq!(chosen(&lineup, SequencerProvider::Smartlead), expect("file"), "the usual one is whoever there is");
    lineup.roles.insert(Role::Sequencer, vec![of("file", SequencerProvider::Csv)]);
    assert_eq!(chosen(&lineup, SequencerProvider::Instantly), None);
    assert!(!lineup.sends(SequencerProvider::Instantly) && lineup.sends(SequencerProvider::Smartlead));
    let smartlead = of("smartlead", SequencerProvider::Smartlead);
    lineup.roles.insert(Role::Sequencer, vec![of("file", SequencerProvider::Csv), smartlead]);
    assert_eq!(chosen(&lineup, SequencerProvider::Smartlead), expect("smartlead"));
}
