//! Numbers in the addresses of links: `https://wa.me/12025550123`, `viber://chat?number=%2B12025550123`.

use sightline_model::{Confidence, Find, Kind, Selector, Step, StepKind};

use super::{Context, Standing, abroad, find_at};

/// What stands right before the number in a link's address, in lower case. The plus sign may follow, plain or as `%2b`.
const BEFORE: [&str; 22] = [
    "tel://",
    "sms://",
    "smsto://",
    "callto://",
    "wa.me/",
    "api.whatsapp.com/send?phone=",
    "api.whatsapp.com/send/?phone=",
    "web.whatsapp.com/send?phone=",
    "whatsapp.com/send?phone=",
    "whatsapp://send?phone=",
    "whatsapp:send?phone=",
    "viber://chat?number=",
    "viber://contact?number=",
    "viber://add?number=",
    "t.me/+",
    "tg://resolve?phone=",
    "wa.me/message/",
    "wa.me/send?phone=",
    "line.me/ti/p/+",
    "zalo.me/",
    "signal.me/#p/",
    "sgnl://signal.me/#p/",
];

/// Numbers in the text's links. The span is that of the digits.
pub(in crate::selectors) fn find(text: &str, context: &Context<'_>, finds: &mut Vec<Find>) {
    for link in context.links.iter().filter(|link| !link.is_email) {
        let raw = &text[link.start..link.end];
        let Some(digits) = number_in(raw) else {
            continue;
        };
        let Some(reading) = abroad(&format!("+{digits}"), context.region) else {
            continue;
        };
        let Some(at) = raw.find(digits) else {
            continue;
        };
        let span = (link.start + at, link.start + at + digits.len());
        let confidence = match reading.standing {
            Standing::Valid => Confidence::Normalised,
            Standing::Possible => Confidence::Inferred,
        };
        let mut steps = vec![StepKind::Link.into(), StepKind::International.into()];
        if reading.has_old_prefix {
            steps.push(StepKind::OldPrefix.into());
        }
        let selector = Selector::new(Kind::Phone, reading.value);
        finds.push(find_at(text, span, selector, confidence, steps));
    }
}

/// A number in a link was hidden by what the link was hidden by: gives each the steps of the address around it.
pub(in crate::selectors) fn told_by_links(finds: &mut [Find]) {
    let links: Vec<(usize, usize, Vec<Step>)> = finds
        .iter()
        .filter(|find| find.selector.kind == Kind::Url && find.is_disguised())
        .map(|find| {
            let steps = find.steps.iter().filter(|step| step.is_disguise());
            (find.start, find.end, steps.cloned().collect())
        })
        .collect();
    let is_linked =
        |find: &&mut Find| find.selector.kind == Kind::Phone && find.has_step(StepKind::Link);
    for find in finds.iter_mut().filter(is_linked) {
        let around = links.partition_point(|(start, ..)| *start <= find.start);
        if let Some((_, end, steps)) = around.checked_sub(1).map(|at| &links[at])
            && *end >= find.end
        {
            let mut steps = steps.clone();
            steps.retain(|step| !find.steps.contains(step));
            find.steps.splice(0..0, steps);
        }
    }
}

/// The digits of the number that a link leads to, country code first.
pub(in crate::selectors) fn number_in(link: &str) -> Option<&str> {
    let lower = link.to_ascii_lowercase();
    let known = BEFORE.iter().find_map(|before| {
        let at = lower.find(before)?;
        // `notwa.me/` is another site.
        let touches = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
        (!lower[..at].ends_with(touches)).then_some(at + before.len())
    });
    let at = known.or_else(|| of_parameter(&lower))?;
    let rest = &link[at..];
    let rest = rest
        .strip_prefix('+')
        .or_else(|| rest.strip_prefix("%2B"))
        .or_else(|| rest.strip_prefix("%2b"))
        .unwrap_or(rest);
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let is_ended =
        !rest[length..].starts_with(|letter: char| letter.is_ascii_alphanumeric() || letter == '_');
    ((8..=15).contains(&length) && is_ended && !rest.starts_with('0')).then(|| &rest[..length])
}

/// Where the number begins that an application's link has somewhere among its parameters.
fn of_parameter(lower: &str) -> Option<usize> {
    let is_of = |name: &str| {
        lower
            .strip_prefix(name)
            .is_some_and(|rest| rest.starts_with([':', '.', '/']))
            || lower.find(name).is_some_and(|at| {
                lower[..at].ends_with(['/', '.']) && lower[at + name.len()..].starts_with(".com/")
            })
    };
    if !["whatsapp", "viber"].into_iter().any(is_of) {
        return None;
    }
    ["phone=", "number=", "contact=", "to="]
        .iter()
        .find_map(|name| {
            let at = lower.find(name)?;
            lower[..at]
                .ends_with(['?', '&', ';'])
                .then_some(at + name.len())
        })
}
