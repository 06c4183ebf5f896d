//! The ends of names: which are registries', and under which somebody sells.

/// The part of a name that a registry runs: an end of the public suffix list's first section. What its second section
/// lists (`github.io`, `uk.com`) are names that their owners give others a part of, and ordinary ones.
pub(super) fn of_registry(name: &str) -> Option<&str> {
    let mut rest = name;
    loop {
        let suffix = psl::suffix(rest.as_bytes())?;
        if !suffix.is_known() {
            return None;
        }
        let length = suffix.as_bytes().len();
        let text = &rest[rest.len() - length..];
        if suffix.typ() == Some(psl::Type::Icann) {
            return Some(text);
        }
        rest = text.split_once('.')?.1;
    }
}

/// Ends that are never in the public DNS, or of which nobody outside has one: RFC 6761, 6762, 7686, 8375, 9476, and the
/// names that infrastructure is made of.
pub(super) const SPECIAL: &[&str] =
    &["alt", "arpa", "example", "internal", "invalid", "local", "localhost", "onion", "test"];

/// Whether registrars sell names under an end.
pub(super) fn is_sold(suffix: &str) -> bool {
    let last = suffix.rsplit('.').next().unwrap_or(suffix);
    SOLD.split_ascii_whitespace().any(|one| one == suffix || (one == last && !SECOND.contains(&suffix)))
}

/// Ends below an end that is sold which are kept for somebody.
const SECOND: &[&str] = &[
    "ac.uk",
    "gov.uk",
    "ltd.uk",
    "mod.uk",
    "net.uk",
    "nhs.uk",
    "plc.uk",
    "police.uk",
    "sch.uk",
    "ac.jp",
    "ad.jp",
    "ed.jp",
    "go.jp",
    "lg.jp",
    "edu.au",
    "gov.au",
    "ac.nz",
    "cri.nz",
    "govt.nz",
    "health.nz",
    "mil.nz",
    "parliament.nz",
    "gov.in",
    "mil.in",
    "nic.in",
    "res.in",
    "edu.in",
    "ac.in",
    "ac.za",
    "gov.za",
    "edu.za",
    "mil.za",
    "gov.br",
    "edu.br",
    "mil.br",
    "jus.br",
    "leg.br",
    "gov.cn",
    "edu.cn",
    "ac.cn",
    "mil.cn",
    "gob.mx",
    "edu.mx",
    "ac.kr",
    "go.kr",
    "mil.kr",
    "gc.ca",
    "gov.pl",
    "gouv.fr",
    "gov.it",
    "edu.it",
    "gov.sg",
    "edu.sg",
    "gov.co",
    "edu.co",
    "mil.co",
];

/// What is sold by registrars that anybody can be a customer of: the generic ends that are open, and the countries' that
/// take registrants from anywhere or are commonly sold. Whoever buys learns from the registrar whether it sells this one.
const SOLD: &str = "
    com net org info biz name pro mobi tel asia jobs travel coop xxx cat
    academy accountant accountants actor adult agency airforce apartments app archi army art associates attorney auction
    audio auto autos baby band bar bargains basketball bayern beauty beer berlin best bet bible bid bike bingo bio black
    blog blue boats bond boo book boston bot boutique box broker build builders business buzz cab cafe cam camera camp
    capital car cards care career careers cars casa case cash casino catering center ceo cfd channel charity chat cheap
    christmas church city claims cleaning click clinic clothing cloud club coach codes coffee college cologne community
    company compare computer condos construction consulting contact contractors cooking cool country coupons courses
    credit creditcard cricket cruises cymru cyou dad dance date dating day deal dealer deals degree delivery democrat
    dental dentist desi design dev diamonds diet digital direct directory discount diy doctor dog domains download durban
    earth eco education email energy engineer engineering enterprises equipment esq estate eus events exchange expert
    exposed express fail faith family fan fans farm fashion feedback film finance financial fish fishing fit fitness
    flights florist flowers fly foo food football forex forsale forum foundation free frl fun fund furniture futbol fyi
    gal gallery game games garden gay gent gift gifts gives giving glass global gmbh gold golf graphics gratis green gripe
    group guide guitars guru hair hamburg haus health healthcare help hiphop hiv hockey holdings holiday homes horse
    hospital host hosting hot house how icu immo immobilien inc industries ing ink institute insurance insure
    international investments irish ist istanbul jetzt jewelry joburg juegos kaufen kids kim kitchen kiwi koeln kyoto
    land lat law lawyer lease legal lgbt life lifestyle lighting limited limo link live living llc loan loans locker lol
    london lotto love ltd ltda luxe luxury madrid maison makeup management market marketing markets mba media med meet
    melbourne meme memorial men menu miami mls mom money monster mortgage moto motorcycles mov movie music nagoya navy
    network new news nexus ngo ninja now nrw nyc observer okinawa one ong onl online ooo organic osaka page paris parts
    party pay pet phd photo photography photos physio pics pictures pid pink pizza place plumbing plus poker porn press
    prime productions prof promo properties property protection pub qpon quebec quest racing realestate realty recipes
    red rehab reise reisen rent rentals repair report republican rest restaurant review reviews rich rip rocks rodeo rsvp
    rugby ruhr run ryukyu saarland sale salon sarl school schule science scot security select services sex sexy sh shiksha
    shoes shop shopping show singles site ski skin soccer social software solar solutions soy spa space sport spot srl
    storage store stream studio study style sucks supplies supply support surf surgery swiss sydney systems taipei talk
    tatar tattoo tax taxi team tech technology tennis theater theatre tickets tienda tips tires tirol today tokyo tools top
    tours town toys trade trading training tube university uno vacations vana vegas ventures vet viajes video villas vin
    vip vision vlaanderen vodka voting voto voyage wales wang watch watches webcam website wed wedding whoswho wien wiki
    win wine work works world wtf xin xyz yachts yoga yokohama you zip zone zuerich
    ac ad ae af ag ai am as at au aw ax ba be bg bh bi bj bm bo br bs bt by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv
    cx cy cz de dj dk dm do dz ec ee eg es et eu fi fj fm fo fr ga gd ge gf gg gh gi gl gm gp gq gr gs gt gy hk hm hn hr ht
    hu id ie il im in io iq is it je jm jo jp ke kg ki kn kr kw ky kz la lb lc li lk lt lu lv ly ma mc md me mg mk ml mn mo
    mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re
    ro rs ru rw sa sb sc sd se sg si sk sl sm sn so sr st su sv sx sy tc td tf tg th tj tk tl tm tn to tr tt tv tw tz ua ug
    uk us uy uz vc ve vg vi vn vu wf ws yt za zm zw
    xn--p1ai xn--p1acf xn--80asehdb xn--80aswg xn--j6w193g xn--fiqs8s xn--fiqz9s xn--55qx5d xn--io0a7i xn--3ds443g
    xn--6frz82g xn--90ais xn--e1a4c xn--q9jyb4c xn--h2brj9c xn--vermgensberater-ctb xn--vermgensberatung-pwb xn--d1alf
    xn--j1amh xn--node xn--qxam xn--ngbc5azd xn--czrs0t xn--unup4y xn--vhquv xn--mk1bu44c xn--t60b56a xn--tckwe
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn owners_of_ordinary_names_are_no_registries() {
        for (name, suffix) in [
            ("acme.com", Some("com")),
            ("acme.uk.com", Some("com")),
            ("me.github.io", Some("io")),
            ("acme.co.uk", Some("co.uk")),
            ("a.b.eu.org", Some("org")),
            ("acme.notatld", None),
            ("com", Some("com")),
        ] {
            assert_eq!(of_registry(name), suffix, "{name}");
        }
    }

    #[test]
    fn what_is_kept_for_somebody_is_not_sold() {
        for suffix in ["com", "co.uk", "com.au", "io", "xn--p1ai", "dev"] {
            assert!(is_sold(suffix), "{suffix}");
        }
        for suffix in ["gov", "mil", "edu", "int", "arpa", "gov.uk", "ac.uk", "google", "bmw", "kp"] {
            assert!(!is_sold(suffix), "{suffix}");
        }
    }
}
