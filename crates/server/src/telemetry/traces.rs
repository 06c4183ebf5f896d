//! Where traces are sent, as the configuration says it.

use std::path::{Path, PathBuf};

use ::traces::{Collector, Headers};
use serde::Deserialize;
use store::file_modes;
use url::Url;

/// See the table `traces` in `config.default.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "config.default.toml explains each")]
pub struct Traces {
    pub endpoint: String,
    pub sample_ratio: f64,
    pub headers_file: PathBuf,
}

impl Traces {
    /// What cannot be, although every value has the right type. Each sentence begins with the key that it is about.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let mut problems = vec![];
        match self.url() {
            // An address with a login in it is not shown.
            Some(Ok(url)) if !url.username().is_empty() || url.password().is_some() => {
                problems
                    .push("traces.endpoint has a login in it; send it as a header, from traces.headers_file".into());
            }
            Some(Err(())) => problems.push("traces.endpoint is not an http or https address".into()),
            Some(Ok(_)) | None => {}
        }
        if !(0.0..=1.0).contains(&self.sample_ratio) {
            problems.push(format!("traces.sample_ratio = {} is out of range; use 0 to 1", self.sample_ratio));
        }
        problems
    }

    /// The file of headers, when there is one.
    #[must_use]
    pub fn headers_file(&self) -> Option<&Path> {
        Some(self.headers_file.as_path()).filter(|path| !path.as_os_str().is_empty())
    }

    /// Whom traces are sent to; `None` when nobody collects them.
    ///
    /// # Errors
    /// A sentence that begins with the key that it is about.
    pub fn collector(&self) -> Result<Option<Collector>, String> {
        let Some(Ok(url)) = self.url() else { return Ok(None) };
        let headers = self.headers_file().map(read).transpose()?.unwrap_or_default();
        Collector::at(&url, headers).map(Some).map_err(|error| format!("traces.endpoint cannot be used: {error}"))
    }

    fn url(&self) -> Option<Result<Url, ()>> {
        if self.endpoint.is_empty() {
            return None;
        }
        let url = Url::parse(&self.endpoint).ok().filter(|url| matches!(url.scheme(), "http" | "https"));
        Some(url.ok_or(()))
    }
}

fn read(path: &Path) -> Result<Headers, String> {
    let said = |what: String| format!("traces.headers_file {}: {what}", path.display());
    if let Some(remedy) = file_modes::remedy(path) {
        return Err(said(format!("others on this machine can read it; run `{remedy}`")));
    }
    let text = file_modes::read_secret(path)
        .map_err(|error| said(format!("it cannot be read: {error}; correct the path or its permissions")))?;
    Headers::read(&text).map_err(|error| said(error.to_string()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn traces(endpoint: &str) -> Traces {
        Traces { endpoint: endpoint.into(), sample_ratio: 1.0, headers_file: PathBuf::new() }
    }

    #[test]
    fn what_cannot_be_is_told_without_repeating_a_login() {
        for fine in ["", "http://127.0.0.1:4318", "https://otlp.example.com/x"] {
            assert!(traces(fine).problems().is_empty(), "{fine}");
        }
        for wrong in
            ["collector:4318", "ftp://x", "https://me:hunter2@example.com", "https://hunter2@example.com", "hunter2"]
        {
            let problems = traces(wrong).problems();
            assert!(problems.len() == 1 && problems[0].starts_with("traces.endpoint "), "{problems:?}");
            assert!(!problems[0].contains("hunter2"), "{problems:?}");
        }
        for ratio in [-0.1, 1.1, f64::NAN] {
            let problems = Traces { sample_ratio: ratio, ..traces("") }.problems();
            assert!(problems[0].starts_with("traces.sample_ratio "), "{problems:?}");
        }
    }

    #[test]
    fn a_file_of_headers_is_its_owners_and_is_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("headers");
        let with_file = Traces { headers_file: file.clone(), ..traces("http://127.0.0.1:4318") };
        assert!(with_file.collector().unwrap_err().starts_with("traces.headers_file "));
        let mode = |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        std::fs::write(&file, "hunter2").unwrap();
        mode(0o644);
        assert!(with_file.collector().unwrap_err().contains("chmod"));
        mode(0o600);
        let error = with_file.collector().unwrap_err();
        assert!(error.contains("line 1") && !error.contains("hunter2"), "{error}");
        std::fs::write(&file, "x-key: hunter2\n").unwrap();
        let collector = with_file.collector().unwrap().expect("one");
        assert!(!format!("{collector:?}").contains("hunter2"));
    }
}
