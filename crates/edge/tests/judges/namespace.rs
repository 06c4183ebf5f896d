//! A network of its own for a test, in which every address and port is free: the test's program is started in it once more.

use std::process::Command;

use crate::judge;

/// Set in the program that runs inside.
const INSIDE: &str = "JUDGES_ARE_INSIDE";

/// How a network of its own is come by: as root, as somebody who may be root of it alone, and as somebody who may become root.
const WAYS: [&[&str]; 3] =
    [&["unshare", "-n"], &["unshare", "-r", "-n"], &["sudo", "-n", "--preserve-env", "unshare", "-n"]];

/// Whether this is inside. Outside the test of this name is run inside, and has to pass there.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests, not of the product")]
pub(crate) fn is_inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let runs = |way: &&&[&str]| {
        let tried = Command::new(way[0]).args(&way[1..]).arg("true").output();
        tried.is_ok_and(|output| output.status.success())
    };
    let Some(way) = WAYS.iter().find(runs) else {
        not_permitted();
        return false;
    };
    let program = std::env::current_exe().expect("this program");
    let mut command = Command::new(way[0]);
    command.args(&way[1..]).arg(program).args(["--exact", test, "--nocapture"]).env(INSIDE, "1");
    let output = command.output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    let is_fine = output.status.success() && said.contains("1 passed");
    assert!(is_fine, "{said}{}", String::from_utf8_lossy(&output.stderr));
    false
}

/// Nothing that could be installed would change that: it is the machine's to permit, in CI too.
#[expect(clippy::print_stderr, reason = "a skipped test that says nothing looks like a passed one")]
fn not_permitted() {
    eprintln!("skipped: a network namespace cannot be had here, unshare -n is not permitted");
}

/// Gives the network these addresses, and nothing else: no way leads out.
pub(crate) fn has(addresses: &[&str]) {
    let ip = judge("ip", "iproute2").expect("it is installed, for the network is there");
    let run = |arguments: &[&str]| {
        let status = Command::new(&ip).args(arguments).status();
        assert!(status.is_ok_and(|status| status.success()), "ip {arguments:?}");
    };
    run(&["link", "set", "lo", "up"]);
    for address in addresses {
        run(&["address", "add", &format!("{address}/32"), "dev", "lo"]);
    }
}
