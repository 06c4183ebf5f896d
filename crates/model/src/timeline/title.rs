//! What a step is called for customers.

use crate::run::StepName;

/// What a step does, in words a customer can read. A step that has no words of its own is called by its name.
pub(crate) fn title(step: StepName) -> String {
    let words = match step.as_str() {
        "register_name" => "Buy the name",
        "create_zone" => "Create the DNS zone",
        "delegate_name" => "Point the name at our nameservers",
        "open_mail_domain" => "Open the mail domain",
        "publish_records" => "Publish the DNS records",
        "verify_mail_domain" => "Have the mail provider verify the domain",
        "create_inboxes" => "Create the inboxes",
        "set_forwarding" => "Set up forwarding",
        "link_sequencer" => "Link the inboxes to the sequencer",
        "confirm_ready" => "Check that everything can be seen from outside",
        "inspect_name" => "Look at the name",
        "close_inboxes" => "Delete the inboxes",
        "release_domain" => "Release the name",
        "renew_name" => "Renew the registration",
        "find_replacement" => "Wait for the replacement name",
        "rename_inbox" => "Rename the inbox",
        "relink_inbox" => "Link the renamed inbox",
        "look_at_dns" => "Look after the DNS records",
        "look_back" => "Look whether late work left something behind",
        name => return from_name(name),
    };
    words.to_owned()
}

fn from_name(name: &str) -> String {
    let mut letters = name.chars().map(|letter| if letter == '_' { ' ' } else { letter });
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_has_a_title_a_customer_can_read() {
        for step in StepName::ALL {
            let title = title(*step);
            assert!(title.starts_with(char::is_uppercase) && !title.contains('_'), "{title}");
        }
        assert_eq!(from_name("warm_inbox_up"), "Warm inbox up");
    }
}
