//! Microsoft Teams, by a webhook of the Workflows app (Power Automate): a message with one Adaptive Card.

use serde::Deserialize;
use serde_json::{Value, json};

use super::{
    Verdict,
    dialect::{Dialect, Draft},
    exchange::Answer,
};
use crate::markup::{cut, is_rule, markdown, paragraphs};

pub(super) const DIALECT: Dialect = Dialect {
    template: "teams.md",
    built_in: include_str!("../../templates/teams.md"),
    escape: markdown,
    compose,
    judge,
};

/// The longest message in bytes: Teams takes 28 KB, what it adds included.
const MESSAGE_LIMIT: usize = 26_000;

/// The longest line, in characters.
const LINE_LIMIT: usize = 4_000;

fn compose(draft: &Draft<'_>) -> Value {
    let mut body = vec![json!({
        "type": "TextBlock",
        "text": markdown(draft.subject),
        "size": "Medium",
        "weight": "Bolder",
        "wrap": true,
    })];
    let empty = card(draft, &body).to_string().len();
    let (mut room, mut is_cut) = (MESSAGE_LIMIT.saturating_sub(empty), false);
    'whole: for lines in paragraphs(draft.words) {
        for (nth, line) in lines.iter().enumerate() {
            let element = line_of(line, nth == 0);
            let length = element.to_string().len() + 1;
            if length > room {
                is_cut = true;
                break 'whole;
            }
            room -= length;
            body.push(element);
        }
    }
    if is_cut {
        body.push(line_of("More is not shown here.", true));
    }
    card(draft, &body)
}

/// A text block of its own for each line: cards join the lines of one block.
fn line_of(line: &str, opens_paragraph: bool) -> Value {
    let spacing = if opens_paragraph { "Medium" } else { "None" };
    match is_rule(line) {
        true => json!({"type": "TextBlock", "text": " ", "spacing": "Small", "separator": true}),
        false => {
            json!({"type": "TextBlock", "text": cut(line, LINE_LIMIT), "wrap": true, "spacing": spacing})
        }
    }
}

fn card(draft: &Draft<'_>, body: &[Value]) -> Value {
    let mut card = json!({
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": draft.subject,
        "msteams": {"width": "Full"},
        "body": body,
    });
    if let Some(link) = draft.link {
        card["actions"] =
            json!([{"type": "Action.OpenUrl", "title": "Read it in Sightline", "url": link}]);
    }
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": card,
        }],
    })
}

/// What Power Automate answers where it refuses.
#[derive(Deserialize)]
struct Refusal {
    error: Code,
}

#[derive(Deserialize)]
struct Code {
    code: String,
}

fn judge(answer: &Answer) -> Verdict {
    // The connectors that came before Workflows answered 200 to what they could not pass on.
    if answer.status.is_success() && answer.text().contains("delivery failed") {
        return answer.retry("it says that the delivery failed");
    }
    let refusal = answer.json::<Refusal>().map(|refusal| refusal.error.code);
    match (answer.status.as_u16(), refusal.as_deref()) {
        (400, Some("TriggerInputSchemaMismatch" | "InvalidRequestContent" | "InvalidJSON")) | (413, _) => {
            answer.dead("it does not take the message")
        }
        (404, Some("WorkflowNotFound")) => {
            answer.disable("the workflow is deleted there (WorkflowNotFound); make a new one")
        }
        (400, Some("WorkflowTriggerIsNotEnabled")) => {
            answer.retry("the workflow is switched off there; switch it on")
        }
        (401 | 403, _) => answer.retry(
            "the workflow's URL is not right, or not anyone may call it; copy the URL from the workflow again",
        ),
        _ => answer.verdict(),
    }
}
