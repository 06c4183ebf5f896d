//! The sites that are served, and the requests for them.

use model::redirect::{Site, Status};

/// How many hosts are asked for, far apart.
const ASKED: usize = 10_000;

/// The host of a site.
pub(crate) fn host(number: usize) -> String {
    format!("team-acme-{number}.com")
}

/// A site.
pub(crate) fn site(number: usize) -> Site {
    let target = format!("https://acme-{}.com", number % 1_000);
    Site { host: host(number), target, status: Status::Moved, keeps_path: true, hsts: None }
}

/// Requests as wrk sends them, made before anything is measured.
pub(crate) fn script(sites: usize) -> String {
    // A step that shares no factor with any round number of sites.
    let hosts: Vec<_> = (0..ASKED).map(|n| format!("\"{}\"", host(n * 7_919 % sites))).collect();
    format!(
        "local requests, at = {{}}, 0\nfor _, host in ipairs({{{}}}) do\n\
         requests[#requests + 1] = wrk.format(\"GET\", \"/pricing?from=mail\", {{ [\"Host\"] = host }})\nend\n\
         request = function()\nat = at % #requests + 1\nreturn requests[at]\nend\n",
        hosts.join(",")
    )
}
