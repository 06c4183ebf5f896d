//! A backup that was restored does not know what was bought after it was made.

use std::path::Path;
use std::process::Output;

use super::stage::Live;
use crate::program::{refused, run};

async fn command(live: &Live, folder: &Path, args: &[&str]) -> Output {
    let config = folder.join("mailwright.toml");
    if !config.exists() {
        std::fs::write(&config, live.configured()).unwrap();
    }
    run(&folder.join("data"), &[&["--config", config.to_str().unwrap()], args].concat()).await
}

#[tokio::test]
async fn buying_goes_on_once_nothing_in_an_account_is_unknown() {
    let (live, folder) = (Live::new().await, tempfile::tempdir().unwrap());
    let folder = folder.path();
    let said = async |args: &[&str]| {
        let output = command(&live, folder, args).await;
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    };
    let backup = folder.join("backup.db");
    said(&["migrate"]).await;
    said(&["partners", "create", "--name", "Acme"]).await;
    said(&["backup", backup.to_str().unwrap()]).await;
    // Bought after the backup was made.
    live.place(&["acme-late.com"]).await;
    live.rig.settle_all().await;
    let told = said(&["restore", backup.to_str().unwrap()]).await;
    assert!(told.contains("Buying is paused"), "{told}");
    refused(&command(&live, folder, &["resume"]).await, &["acme-late.com lies in first", "--adopt", "--anyway"]);
    live.namecom.server.fail_always(Some(doubles::Fault::Broken));
    refused(&command(&live, folder, &["resume"]).await, &["first does not say what lies in it"]);
    live.namecom.server.fail_no_more();
    let adopt = ["reconcile", "--adopt", "acme-late.com", "--partner", "Acme"];
    let adopted = command(&live, folder, &adopt).await;
    let told = String::from_utf8_lossy(&adopted.stdout).into_owned();
    assert!(told.contains("acme-late.com is in the inventory of Acme"), "{told}");
    assert!(said(&["resume"]).await.contains("Buying goes on"));
    said(&["pause"]).await;
    said(&["resume"]).await;
}
