//! Slack, and servers that take what Slack takes (Mattermost, Rocket.Chat): Block Kit, and the same words as plain
//! mrkdwn for those that show no blocks.

use serde_json::{Value, json};

use super::{
    Verdict,
    dialect::{Dialect, Draft},
    exchange::Answer,
};
use crate::markup::{cut, is_rule, mrkdwn, pack, paragraphs, plain};

pub(super) const DIALECT: Dialect = Dialect {
    template: "slack.mrkdwn",
    built_in: include_str!("../../templates/slack.mrkdwn"),
    escape: mrkdwn,
    compose,
    judge,
};

/// The most blocks of a message, the longest text of a section and of a header, in characters (Slack's reference of Block
/// Kit).
const MOST_BLOCKS: usize = 50;
const SECTION_LIMIT: usize = 3_000;
const HEADER_LIMIT: usize = 150;

/// The longest text beside the blocks, in characters: Slack asks for no more, and Mattermost's oldest servers take no
/// more.
const TEXT_LIMIT: usize = 4_000;

fn compose(draft: &Draft<'_>) -> Value {
    let mut text = format!("*{}*", mrkdwn(draft.subject));
    let mut blocks = vec![json!({
        "type": "header",
        "text": {"type": "plain_text", "text": plain(draft.subject, HEADER_LIMIT), "emoji": false},
    })];
    for lines in paragraphs(draft.words) {
        if lines.iter().all(|line| is_rule(line)) {
            blocks.push(json!({"type": "divider"}));
            continue;
        }
        // Where there are no dividers, a line of dashes would make a headline of the line above it.
        text.push_str(&format!("\n\n{}", lines.join("\n")));
        blocks.extend(pack(&lines, SECTION_LIMIT).iter().map(|text| section(text)));
    }
    if blocks.len() > MOST_BLOCKS {
        blocks.truncate(MOST_BLOCKS - 1);
        blocks.push(section("_More is not shown here._"));
    }
    json!({
        "text": cut(&text, TEXT_LIMIT),
        "blocks": blocks,
        // Slack fetches nothing that a message names.
        "unfurl_links": false,
        "unfurl_media": false,
    })
}

/// Verbatim: what looks like a link or a mention in it is not made one.
fn section(text: &str) -> Value {
    json!({"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": true}})
}

/// Slack answers a word; the words that matter stand in its guide to incoming webhooks.
fn judge(answer: &Answer) -> Verdict {
    let word = answer.text();
    match (answer.status.as_u16(), word) {
        (400, "invalid_payload" | "invalid_blocks" | "no_text" | "too_many_attachments") => {
            answer.dead(&format!("it does not take the message ({word})"))
        }
        (404, "no_service" | "no_active_hooks" | "no_team") | (403, "team_disabled") => answer
            .disable(&format!(
                "the webhook is removed or switched off there ({word}); make a new one"
            )),
        (410, "channel_is_archived") => {
            answer.disable("the room is archived (channel_is_archived); name another")
        }
        (403, "action_prohibited" | "posting_to_general_channel_denied") => {
            answer.retry(&format!("an administrator there has forbidden it ({word})"))
        }
        (403, "invalid_token") => answer.retry("the webhook's URL is not right (invalid_token)"),
        (404, "channel_not_found") => {
            answer.retry("the room is not there, or is private (channel_not_found)")
        }
        _ => answer.verdict(),
    }
}
