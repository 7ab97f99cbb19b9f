//! The delivery: what is due in the outbox is sent, and what came of each try is noted.
//!
//! A delivery is leased, its message sealed, sent, and only then finished: a crash in between sends it again under the
//! same identifier. Each channel is served by a task of its own, so one bad endpoint never delays another.

mod digest;
mod quiet;
mod send;
mod trial;
mod view;

pub use trial::{Trial, try_out};

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use sightline_alerts::{
    channels::Channel, follow::Moot, message::Message, render::RenderError, retry::Settled,
};
use sightline_model::{Delivery, DeliveryId, Purpose, Topic, Wait};
use sightline_store::{
    Tx,
    deliveries::{self, DeliveryEnd, Wish},
    notices, silences, waits,
};
use tokio::{
    task::{Id, JoinError, JoinSet},
    time::{Instant, sleep_until, timeout},
};
use tokio_util::sync::CancellationToken;

use self::{
    digest::{News, gather, withdraw},
    send::send_all,
};
use crate::{PipelineError, instance::Instance, wake::tell_what_was_silenced};

/// Requests that one channel is sent side by side, each with as many messages as it carries.
const PER_CHANNEL: u32 = 4;
/// How often to look for messages that have fallen due.
const TICK: Duration = Duration::from_secs(1);
/// How long a stop waits for receivers that have a message and are answering: one that took it would get it again.
const GRACE: Duration = Duration::from_secs(2);

/// What came of the tries.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sent {
    /// Accepted by their receivers.
    pub delivered: u64,
    /// Failed, to be tried again.
    pub again: u64,
    /// Given up.
    pub dead: u64,
    /// Left waiting, since the receiver of their channel is gone and it was switched off.
    pub waiting: u64,
}

impl Sent {
    fn count(&mut self, settled: &Settled) {
        match settled {
            Settled::Delivered { .. } | Settled::Partly { .. } => self.delivered += 1,
            Settled::Again { .. } => self.again += 1,
            Settled::PutBack {
                disable_channel, ..
            } => {
                // What was not tried counts once it is.
                self.waiting += u64::from(*disable_channel);
            }
            Settled::Dead { .. } => self.dead += 1,
        }
    }

    /// Counts `more` with these.
    pub fn add(&mut self, more: Self) {
        self.delivered += more.delivered;
        self.again += more.again;
        self.dead += more.dead;
        self.waiting += more.waiting;
    }
}

/// Sends what is due now, then returns what came of it.
///
/// # Errors
/// If the store can't be read or written, or a message can't be rendered.
pub async fn deliver_due(
    instance: &Arc<Instance>,
    stop: &CancellationToken,
) -> Result<Sent, PipelineError> {
    let last = CancellationToken::new();
    last.cancel();
    deliver(instance, &last, stop).await
}

/// Sends what falls due until `last` is called, then what is due at that moment; returns what came of it all. `stop`
/// ends it as soon as those have answered who are being told: what was not sent yet is due again.
///
/// # Errors
/// As [`deliver_due`].
pub async fn deliver(
    instance: &Arc<Instance>,
    last: &CancellationToken,
    stop: &CancellationToken,
) -> Result<Sent, PipelineError> {
    let mut post = Post::new(instance);
    let mut sent = Sent::default();
    let went = post.go_round(last, stop, &mut sent).await;
    // Whatever ended it: whoever is being told would be told again otherwise.
    let closed = post.close().await;
    went?;
    sent.add(closed?);
    Ok(sent)
}

/// How the task of a round ended.
type Ended = Result<(Id, Result<Sent, PipelineError>), JoinError>;

/// The rounds under way: at most one for each channel.
struct Post<'i> {
    instance: &'i Arc<Instance>,
    rounds: JoinSet<Result<Sent, PipelineError>>,
    busy: HashMap<Id, String>,
    /// Channels whose round has ended since the last look.
    freed: HashSet<String>,
    /// When all channels are looked at again. In between, only those whose round has ended are: were it all of them each time,
    /// a thousand channels would be looked at a thousand times for one message each.
    looks_at: Instant,
}

impl<'i> Post<'i> {
    fn new(instance: &'i Arc<Instance>) -> Self {
        instance.takes_leases();
        Self {
            instance,
            rounds: JoinSet::new(),
            busy: HashMap::new(),
            freed: HashSet::new(),
            looks_at: Instant::now(),
        }
    }

    fn is_busy(&self) -> bool {
        !self.rounds.is_empty()
    }

    /// Sends until `last` is called and nothing is left that is due, or until `stop` is.
    async fn go_round(
        &mut self,
        last: &CancellationToken,
        stop: &CancellationToken,
        sent: &mut Sent,
    ) -> Result<(), PipelineError> {
        loop {
            // Asked before looking: what was due when it was called is not passed over.
            let is_last = last.is_cancelled();
            let took = self.take_out().await?;
            if is_last && !took && !self.is_busy() {
                return Ok(());
            }
            if took && !self.is_busy() {
                // All of it was put off, or withdrawn: there may be more.
                continue;
            }
            let looks_at = self.looks_at;
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                round = self.round(), if self.is_busy() => sent.add(round?),
                () = last.cancelled(), if !is_last => {}
                () = sleep_until(looks_at) => {}
            }
        }
    }

    /// Takes due deliveries of the channels that are free, seals their messages, and sends them off. Looks at all of them
    /// where nothing is under way, and once in a while. False if there was nothing to take.
    async fn take_out(&mut self) -> Result<bool, PipelineError> {
        let now = Instant::now();
        let freed = std::mem::take(&mut self.freed);
        let is_whole = !self.is_busy() || now >= self.looks_at;
        if is_whole {
            self.looks_at = now + TICK;
        }
        let busy: HashSet<&str> = self.busy.values().map(String::as_str).collect();
        let is_looked_at = |name: &str| (is_whole || freed.contains(name)) && !busy.contains(name);
        let free: Vec<(&str, u32)> = self
            .instance
            .channels
            .iter()
            .filter(|(name, _)| is_looked_at(name))
            .map(|(name, channel)| (name.as_str(), PER_CHANNEL * channel.parcel()))
            .collect();
        if free.is_empty() {
            return Ok(false);
        }
        let Some(sealed) = take(self.instance, &free).await? else {
            return Ok(false);
        };
        for (name, letters) in sealed {
            let instance = Arc::clone(self.instance);
            let channel = name.clone();
            let round = self
                .rounds
                .spawn(async move { send_all(&instance, &channel, letters).await });
            self.busy.insert(round.id(), name);
        }
        Ok(true)
    }

    /// Waits until a channel is free again, or several are; what they sent.
    async fn round(&mut self) -> Result<Sent, PipelineError> {
        let mut sent = Sent::default();
        let mut ended = self.rounds.join_next_with_id().await;
        while let Some(round) = ended {
            sent.add(self.free(round)?);
            ended = self.rounds.try_join_next_with_id();
        }
        Ok(sent)
    }

    /// Has the channel of a round that ended served on; what that sent.
    fn free(&mut self, round: Ended) -> Result<Sent, PipelineError> {
        let id = match &round {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let channel = self.busy.remove(&id);
        let sent = match round {
            Ok((_, sent)) => sent,
            Err(_) => {
                // The deliveries come back when their lease ends.
                tracing::error!(?channel, "a delivery panicked; it will be tried again");
                Ok(Sent::default())
            }
        };
        self.freed.extend(channel);
        sent
    }

    /// Lets those answer who are being told, and gives back what was taken and not sent. What still came of it.
    async fn close(mut self) -> Result<Sent, PipelineError> {
        let mut sent = Sent::default();
        let answered = timeout(GRACE, self.last_rounds(&mut sent)).await;
        self.rounds.shutdown().await;
        let mut tx = self.instance.write().await?;
        deliveries::release(&mut tx, self.instance.worker()).await?;
        tx.commit().await?;
        self.instance.gave_back();
        // Whoever did not answer in time is told again.
        answered.unwrap_or(Ok(()))?;
        Ok(sent)
    }

    /// Lets all of them end, though one fails.
    async fn last_rounds(&mut self, sent: &mut Sent) -> Result<(), PipelineError> {
        let mut failed = None;
        while self.is_busy() {
            match self.round().await {
                Ok(more) => sent.add(more),
                Err(error) => _ = failed.get_or_insert(error),
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// A delivery with its message, ready to be sent.
struct Letter {
    delivery: Delivery,
    message: Message,
}

/// Takes what is due, and writes it. None where nothing is; what was taken may all have been put off, or withdrawn.
async fn take(
    instance: &Instance,
    channels: &[(&str, u32)],
) -> Result<Option<BTreeMap<String, Vec<Letter>>>, PipelineError> {
    let now = instance.clock.now();
    let wish = Wish {
        worker: instance.worker(),
        channels,
        lease_for: instance.work.lease(),
        at_most: channels.iter().map(|(_, share)| share).sum(),
    };
    let mut letters = BTreeMap::<String, Vec<Letter>>::new();
    let mut tx = instance.write().await?;
    let mut taken = deliveries::lease_due(&mut tx, &wish, now).await?;
    let was_held = |one: &Delivery| one.waits == Some(Wait::Silence);
    if taken.iter().any(was_held) && !silences::owed(&mut tx, now, 1).await?.is_empty() {
        // What is owed since a silence is over comes in the same message as what that held.
        tx.rollback().await?;
        tell_what_was_silenced(instance).await?;
        tx = instance.write().await?;
        taken = deliveries::lease_due(&mut tx, &wish, now).await?;
    }
    if taken.is_empty() {
        tx.rollback().await?;
        return Ok(None);
    }
    let taken = quiet::put_off(&mut tx, taken, now).await?;
    let mut carried = HashSet::new();
    for delivery in taken {
        let Some(channel) = instance.channels.get(&delivery.channel) else {
            continue;
        };
        // A digest that was written a moment ago tells it.
        if carried.contains(&delivery.id) {
            continue;
        }
        match write(&mut tx, instance, channel, &delivery, &mut carried).await? {
            Written::Message(message) => {
                letters
                    .entry(delivery.channel.clone())
                    .or_default()
                    .push(Letter { delivery, message });
            }
            Written::Moot(moot) => {
                withdraw(&mut tx, &delivery, &moot).await?;
            }
            // One message that can't be written must not hold up the others.
            Written::Not(error) => {
                tracing::error!(delivery = %delivery.id, %error, "a delivery is dead");
                let end = DeliveryEnd::Dead {
                    error: error.to_string(),
                };
                deliveries::finish(&mut tx, delivery.id, &end, now).await?;
            }
        }
    }
    tx.commit().await?;
    Ok(Some(letters))
}

/// What came of writing a message.
enum Written {
    /// As it is sealed, and to be sent.
    Message(Message),
    /// It need not be sent any more.
    Moot(Moot),
    /// It can't be written.
    Not(Unwritten),
}

/// The message of a delivery: as it was sealed before the first try, or written and sealed now, with what a digest carries
/// noted in `carried`.
async fn write(
    tx: &mut Tx,
    instance: &Instance,
    channel: &Channel,
    delivery: &Delivery,
    carried: &mut HashSet<DeliveryId>,
) -> Result<Written, PipelineError> {
    if let Some(sealed) = &delivery.message {
        if let Some(moot) = asked_for_nothing(tx, delivery).await? {
            return Ok(Written::Moot(moot));
        }
        return Ok(match serde_json::from_str(sealed) {
            Ok(message) => Written::Message(message),
            Err(error) => Written::Not(Unwritten::Sealed(error)),
        });
    }
    let now = instance.clock.now();
    // Whoever may have what was written before would take another message under its identifier for the same, and drop it.
    let name = match waits::is_rewritten(tx, delivery.id).await? {
        true => instance.mint.id(now),
        false => delivery.id,
    };
    if let Topic::Notice(id) = delivery.topic {
        let notice = notices::get(tx, id).await?;
        let detail = channel.style().detail;
        let rendered = notice.map(|notice| {
            let templates = &instance.templates;
            templates.render_notice(name, &notice, delivery.batch, detail, now)
        });
        return seal(tx, delivery.id, rendered).await;
    }
    let news = News::of(tx, std::slice::from_ref(delivery)).await?;
    let Some(alert) = news.alert(delivery) else {
        return Ok(Written::Not(Unwritten::Orphan));
    };
    if let Some(moot) = news.moot(delivery, alert) {
        return Ok(Written::Moot(moot));
    }
    if let Some(Wait::Digest | Wait::Silence) = delivery.waits {
        let gathered = gather(tx, instance, delivery, alert.watchlist, now).await?;
        carried.extend(gathered.carried);
        let rendered = gathered.view.map(|view| {
            let templates = &instance.templates;
            (
                view.items.len(),
                templates.render_digest(name, alert.id, &view, now),
            )
        });
        // What a silence held by itself is told by itself.
        if delivery.waits == Some(Wait::Digest)
            || rendered.as_ref().is_some_and(|(told, _)| *told > 1)
        {
            return seal(tx, delivery.id, rendered.map(|(_, rendered)| rendered)).await;
        }
    }
    let view = view::of(tx, instance, delivery, alert.clone()).await?;
    let rendered = view.map(|view| instance.templates.render(name, &view, channel.style(), now));
    seal(tx, delivery.id, rendered).await
}

/// Why a message that was tried before need not be tried again: it asks for somebody, and somebody came meanwhile. What tells
/// news says what was seen, whenever it arrives; and a digest tells of others, too.
async fn asked_for_nothing(
    tx: &mut Tx,
    delivery: &Delivery,
) -> Result<Option<Moot>, PipelineError> {
    let asks = matches!(
        delivery.purpose,
        Purpose::Reminder | Purpose::Forgotten | Purpose::Escalation
    );
    if !asks || !deliveries::carried_by(tx, delivery.id).await?.is_empty() {
        return Ok(None);
    }
    let news = News::of(tx, std::slice::from_ref(delivery)).await?;
    Ok(news
        .alert(delivery)
        .and_then(|alert| news.moot(delivery, alert)))
}

/// Keeps a message as it was rendered, before the first try; none where what it is about is not in the store.
async fn seal(
    tx: &mut Tx,
    delivery: DeliveryId,
    rendered: Option<Result<Message, RenderError>>,
) -> Result<Written, PipelineError> {
    let message = match rendered {
        None => return Ok(Written::Not(Unwritten::Orphan)),
        Some(Err(error)) => return Ok(Written::Not(Unwritten::Render(error))),
        Some(Ok(message)) => message,
    };
    let sealed = match serde_json::to_string(&message) {
        Ok(sealed) => sealed,
        Err(error) => return Ok(Written::Not(Unwritten::Sealed(error))),
    };
    deliveries::seal(tx, delivery, &sealed).await?;
    Ok(Written::Message(message))
}

/// Why a message can't be written.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    /// Its notice, or its alert, entry or watchlist, is not in the store.
    #[error("it tells of what is not in the store; run `sightline doctor`")]
    Orphan,
    /// The templates do not render it.
    #[error("{0}; mend the template and replay the delivery")]
    Render(RenderError),
    /// The message that was sealed does not read.
    #[error("its sealed message can't be read: {0}")]
    Sealed(serde_json::Error),
}
