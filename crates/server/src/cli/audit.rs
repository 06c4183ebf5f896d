//! `mailwright audit`: who did what, and whether the trail of it is whole.

use clap::Args;
use model::audit::Entry;
use model::clock::Time;
use serde_json::json;
use store::audit::{self, Filter, Finding, Report};

use super::admin::Desk;
use super::{Common, Fail, out};
use crate::operator::audit::{MOST, Shown, USUAL};

#[derive(Debug, Args)]
pub(super) struct Options {
    /// Only what was about this partner, by id or name
    #[arg(long, conflicts_with = "check")]
    partner: Option<String>,
    /// Only what was about the order, key, endpoint, … with this id
    #[arg(long, value_name = "ID", conflicts_with = "check")]
    subject: Option<String>,
    /// Only what was done at this time or later, such as 2026-05-08T12:00:00Z
    #[arg(long, value_name = "TIME", conflicts_with = "check")]
    since: Option<String>,
    /// Only what was done before this time
    #[arg(long, value_name = "TIME", conflicts_with = "check")]
    until: Option<String>,
    /// How many at most, the newest first
    #[arg(long, default_value_t = USUAL, value_parser = clap::value_parser!(i64).range(1..=MOST), conflicts_with = "check")]
    limit: i64,
    /// Read the whole trail, and say whether anything in it was changed or taken out
    #[arg(long)]
    check: bool,
    /// The head that an earlier check has shown: whether what it was about is still there
    #[arg(long, value_name = "HASH", requires = "check")]
    head: Option<String>,
}

pub(super) async fn run(options: &Options, common: &Common) -> Result<(), Fail> {
    let desk = Desk::open(common).await?;
    if options.check {
        return check(&desk, options.head.as_deref(), common).await;
    }
    let partner = match &options.partner {
        Some(text) => Some(desk.partner(text).await?.id),
        None => None,
    };
    let filter = Filter {
        partner,
        subject: options.subject.clone(),
        before: None,
        since: time("--since", options.since.as_deref())?,
        until: time("--until", options.until.as_deref())?,
    };
    let entries = audit::list(&mut desk.store.read().await?, &filter, options.limit).await?;
    let shown: Vec<_> = entries.iter().map(Shown::of).collect();
    out::either(common.format, &shown, || table(&entries))
}

fn time(flag: &str, text: Option<&str>) -> Result<Option<Time>, Fail> {
    let Some(text) = text else { return Ok(None) };
    let read = Time::parse(text);
    read.map(Some).ok_or_else(|| Fail::refused(format!("{flag} takes a time such as 2026-05-08T12:00:00Z")))
}

fn table(entries: &[Entry]) -> String {
    let rows = entries.iter().map(|entry| {
        let shown = Shown::of(entry);
        let by = match (&shown.said.key, &shown.said.system_user) {
            (Some(key), _) => (*key).to_owned(),
            (None, user) => user.unwrap_or("operator").to_owned(),
        };
        let from = match (&shown.said.address, shown.said.command) {
            (Some(address), _) => address.clone(),
            (None, command) => command.map(|command| format!("mailwright {command}")).unwrap_or_default(),
        };
        let text = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let (act, subject, partner) = (shown.said.act.to_owned(), text(shown.said.subject), text(shown.said.partner));
        vec![
            shown.at.to_string(),
            act,
            subject,
            by,
            from,
            partner,
            text(shown.said.environment),
            text(shown.said.request),
        ]
    });
    out::table(&["AT", "ACT", "ABOUT", "BY", "FROM", "PARTNER", "ENVIRONMENT", "REQUEST"], rows.collect())
}

async fn check(desk: &Desk, head: Option<&str>, common: &Common) -> Result<(), Fail> {
    let mut db = desk.store.read_at_once().await?;
    let report = audit::check(&mut db).await?;
    let known = match head {
        Some(head) => Some(audit::is_known(&mut db, head).await?),
        None => None,
    };
    let findings: Vec<_> = report.findings.iter().map(words).chain((known == Some(false)).then(cut_off)).collect();
    let value = json!({
        "entries": report.entries, "unsealed": report.unsealed, "seals": report.seals, "head": report.head, "findings": findings,
    });
    out::either(common.format, &value, || text(&report, &findings))?;
    match findings.is_empty() {
        true => Ok(()),
        false => Err(Fail::failed("the audit trail is not as it was written")),
    }
}

fn text(report: &Report, findings: &[String]) -> String {
    let Report { entries, unsealed, seals, head, .. } = report;
    let mut lines = vec![format!("{entries} entries, {seals} seals; {unsealed} entries are not sealed yet.")];
    lines.extend(findings.iter().map(|finding| format!("  {finding}")));
    if findings.is_empty() {
        lines.push("Everything is as it was written, and nothing is missing.".into());
    }
    if !head.is_empty() {
        lines.push(format!("Head: {head}. Keep it elsewhere, and check against it with --head."));
    }
    lines.join("\n")
}

fn words(finding: &Finding) -> String {
    match finding {
        Finding::Changed(id) => format!("{id} does not say what it said when it was written"),
        Finding::Count { seal, were, are } => format!("seal {seal} was made over {were} entries, and there are {are}"),
        Finding::Broken(seal) => format!("seal {seal} does not fit its entries and the seal before it"),
        Finding::SealMissing(seal) => format!("seal {seal} is missing"),
    }
}

fn cut_off() -> String {
    "no seal has the head that was given: the end of the trail was cut off, or it is another trail's".into()
}
