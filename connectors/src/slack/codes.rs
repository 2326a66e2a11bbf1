//! Slack's error codes: what each means for a send, and the sentence for the agent
//! (Slack, "chat.postMessage", "reactions.add": "Errors").

use Class::{Final, NoAccess, Passing};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Goes by itself.
    Passing,
    Final,
    /// Nothing goes out until somebody renews our access.
    NoAccess,
}

const PASSING: &str = "Slack has a fault of its own. The message will be sent again.";
const TOO_FAST: &str = "Slack asks us to slow down. The message will be sent again.";
const TOKEN: &str =
    "Slack refused the channel's access token. It has to be renewed in the channel's settings.";

pub(super) fn known(code: &str) -> Option<(Class, &'static str)> {
    Some(match code {
        "internal_error"
        | "fatal_error"
        | "service_unavailable"
        | "request_timeout"
        | "rollup_error"
        | "team_added_to_org" => (Passing, PASSING),
        "ratelimited" | "rate_limited" => (Passing, TOO_FAST),
        "invalid_auth"
        | "not_authed"
        | "token_revoked"
        | "token_expired"
        | "account_inactive"
        | "not_allowed_token_type"
        | "no_permission" => (NoAccess, TOKEN),
        "org_login_required"
        | "team_access_not_granted"
        | "enterprise_is_restricted"
        | "ekm_access_denied"
        | "access_denied" => (
            NoAccess,
            "The Slack workspace doesn't let our app in any more. Its administrators have to allow it.",
        ),
        "missing_scope" => (
            Final,
            "Our Slack app lacks a permission for this. It has to be added in the app's settings.",
        ),
        "channel_not_found" | "user_not_found" | "user_not_visible" => (
            Final,
            "Slack doesn't know this channel, or our app may not see it.",
        ),
        "not_in_channel" => (
            Final,
            "Our Slack app is not a member of this channel. Invite it there, then send the message again.",
        ),
        "is_archived" => (Final, "This Slack channel is archived."),
        "is_inactive" | "user_disabled" | "cannot_dm_bot" | "messages_tab_disabled" => {
            (Final, "Nobody can be written to at this address on Slack.")
        }
        "msg_too_long" | "msg_blocks_too_long" => (Final, "The message is too long for Slack."),
        "no_text" => (Final, "The message is empty."),
        "invalid_blocks" | "invalid_blocks_format" | "invalid_attachments" | "too_many_attachments" => {
            (Final, "Slack can't read the blocks of this message.")
        }
        "restricted_action"
        | "restricted_action_read_only_channel"
        | "restricted_action_thread_only_channel"
        | "restricted_action_non_threadable_channel"
        | "restricted_action_thread_locked"
        | "as_user_not_supported"
        | "slack_connect_canvas_sharing_blocked"
        | "slack_connect_file_link_sharing_blocked"
        | "slack_connect_blocked_file_type" => (
            Final,
            "The Slack workspace's rules don't allow this message here.",
        ),
        "cannot_reply_to_message" | "thread_not_found" | "message_not_found" | "bad_timestamp" => (
            Final,
            "The message that this one belongs to isn't there any more.",
        ),
        "invalid_name" | "invalid_emoji" => (Final, "Slack doesn't know this emoji."),
        "too_many_emoji" | "too_many_reactions" => {
            (Final, "This message has all the reactions Slack allows.")
        }
        "message_limit_exceeded" => (Final, "The Slack workspace has reached its limit of messages."),
        "file_not_found" | "file_deleted" => (Final, "Slack doesn't have this file any more."),
        _ => return None,
    })
}
