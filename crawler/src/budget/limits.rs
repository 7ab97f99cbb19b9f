//! How long a host that refuses is waited for, all in one place, with a reason each.

use std::time::Duration;

/// The wait after a first refusal that does not say how long. Each further one in a row is twice as long: whoever is in trouble
/// for a minute costs a minute, and whoever is in trouble for hours is asked a few times.
pub const FIRST_WAIT: Duration = Duration::from_secs(60);
/// The longest that a host is left alone on account of one answer: a site that means longer says so again a day later, and one
/// that wrote a number by mistake is not lost for ever.
pub const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);
/// Refusals in a row, none of them while another wait lasted, after which a run gives the host up. From the second on none of
/// the waits is shorter than the doubling ones, so the sixth refusal comes half an hour after the first at the earliest,
/// whatever the host writes into Retry-After: long enough for a restart, and too long for a crawler to insist.
pub const REFUSALS: u32 = 6;
/// How long a run stays open for a host that has refused and answered nobody since: once as long as the longest wait. A site that
/// asks for a day is asked again a day later, once; six such waits would be six days in which nobody sees the source.
pub const LONGEST_HELD: Duration = LONGEST_WAIT;
/// The longest wait for which a run stays open to try one page, or robots.txt, again: what says nothing until tomorrow is the next
/// run's, which asks it then. So a site whose robots.txt refuses for a day at a time fails each run, and is told of after three.
pub const RETRIED_WITHIN: Duration = Duration::from_secs(60 * 60);
/// Once a wait is over for so long, refusals count from the first again: what was said then tells little about now.
pub const FORGIVEN_AFTER: Duration = Duration::from_secs(30 * 60);
/// Waits are spread by this share, so that many crawlers do not come back at one instant.
pub(super) const JITTER: f64 = 0.1;
