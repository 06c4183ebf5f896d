//! Where the vendor's services are: of the worldwide cloud, and of those that states have to themselves. See
//! <https://learn.microsoft.com/graph/deployments>.

use super::Fields;
use super::service::Service;

/// The addresses of the services of one cloud.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hosts {
    /// Where tokens are asked for.
    pub(super) login: String,
    /// Where domains and users are.
    pub(super) graph: String,
    /// Where the mail service is managed.
    pub(super) exchange: String,
}

impl Hosts {
    /// Those that the operator has named, and the others of the cloud that they have named; `None` for a cloud that there is not.
    pub(super) fn of(fields: &Fields) -> Option<Self> {
        let [login, graph, exchange] = match fields.cloud.as_str() {
            "" | "global" => [super::LOGIN_URL, super::GRAPH_URL, super::EXCHANGE_URL],
            "us_government" => {
                ["https://login.microsoftonline.us", "https://graph.microsoft.us", "https://outlook.office365.us"]
            }
            "china" => [
                "https://login.chinacloudapi.cn",
                "https://microsoftgraph.chinacloudapi.cn",
                "https://partner.outlook.cn",
            ],
            _ => return None,
        };
        let said = |own: &str, usual: &str| if own.is_empty() { usual } else { own }.trim_end_matches('/').to_owned();
        Some(Self {
            login: said(&fields.login_url, login),
            graph: said(&fields.graph_url, graph),
            exchange: said(&fields.exchange_url, exchange),
        })
    }

    /// What a token for a service is asked for: everything that the application was granted there.
    pub(super) fn scope(&self, service: Service) -> String {
        let host = match service {
            Service::Graph => &self.graph,
            Service::Exchange => &self.exchange,
        };
        format!("{host}/.default")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(cloud: &str, graph_url: &str) -> Option<Hosts> {
        Hosts::of(&Fields { cloud: cloud.into(), graph_url: graph_url.into(), ..Fields::default() })
    }

    #[test]
    fn each_cloud_has_hosts_of_its_own_and_each_host_can_be_another() {
        assert_eq!(hosts("", ""), hosts("global", ""));
        let all = ["global", "us_government", "china"].map(|cloud| hosts(cloud, "").expect("a cloud"));
        for (n, one) in all.iter().enumerate() {
            for other in &all[n + 1..] {
                assert!(one.login != other.login && one.graph != other.graph && one.exchange != other.exchange);
            }
        }
        let own = hosts("us_government", "https://dod-graph.microsoft.us/").expect("a cloud");
        assert_eq!(own.scope(Service::Graph), "https://dod-graph.microsoft.us/.default");
        assert_eq!(own.scope(Service::Exchange), "https://outlook.office365.us/.default");
        assert_eq!(hosts("moon", ""), None);
    }
}
