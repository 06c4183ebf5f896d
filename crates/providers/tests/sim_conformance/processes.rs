//! Several processes on one memory. A second `Sim` shares nothing with the first but the database.

use futures_util::future::join_all;
use model::action::ActionReason;
use model::run::StepName;
use providers::trouble::{Refused, Trouble};

use crate::support::{Sandbox, file, open};
use crate::until::Until as _;

pub(crate) async fn sell_a_name_once(sandbox: &Sandbox) {
    let casts = [sandbox.cast.clone(), sandbox.again().await.cast()];
    let tries = (0..16).map(|n| {
        let mut call = sandbox.call("wanted.com", StepName::RegisterName);
        call.reference = format!("run_{n}/register_name");
        let registrar = casts[n % 2].registrar.clone();
        tokio::spawn(async move { registrar.ensure_registered(&call, 1_300).await.until() })
    });
    let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let taken = Err(Trouble::Refused(Refused::Ask(ActionReason::NameTaken)));
    assert_eq!(answers.iter().filter(|answer| **answer == taken).count(), 15);
    assert_eq!(sandbox.count("registered", "wanted.com").await, 1);
}

pub(crate) async fn lose_no_call(sandbox: &Sandbox) {
    let casts = [sandbox.cast.clone(), sandbox.again().await.cast()];
    let sales = (0..400).map(|n| {
        let call = sandbox.call(&format!("many{n}.com"), StepName::RegisterName);
        let registrar = casts[n % 2].registrar.clone();
        tokio::spawn(async move { registrar.ensure_registered(&call, 1_300).await.until().is_ok() })
    });
    assert!(join_all(sales).await.into_iter().all(Result::unwrap));
    assert_eq!(sandbox.ledger().await.len(), 400);
}

pub(crate) async fn open_at_once(url: &str) {
    for sim in join_all((0..8).map(|_| open(url))).await {
        assert_eq!(sim.ledger(None).await.unwrap(), []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_sell_a_name_twice() {
    sell_a_name_once(&Sandbox::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_lose_no_call_under_load() {
    lose_no_call(&Sandbox::new().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_may_open_a_new_file_at_once() {
    let folder = tempfile::tempdir().unwrap();
    open_at_once(&file(&folder)).await;
}
