//! Identifiers. What people name or share has a UUIDv7; rows of high volume have a 64-bit integer.
//!
//! Each is a type of its own, so that a listing's number can't be passed where a capture's is meant.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

macro_rules! uuid_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        #[schemars(extend("format" = "uuid"))]
        pub struct $name(#[schemars(with = "String")] pub Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl From<i64> for $name {
            fn from(number: i64) -> Self {
                Self(number)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = std::num::ParseIntError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

uuid_ids! {
    /// The tenant that every other row belongs to.
    OrganisationId
    /// A site, feed or folder that is watched.
    SourceId
    /// One scheduled pass over a source.
    RunId
    /// An analyst's list.
    WatchlistId
    /// One identifier on a watchlist.
    EntryId
    /// An entry matched by an observation.
    SightingId
    /// Sightings grouped for people.
    AlertId
    /// One message of one alert to one channel. Doubles as the webhook-id and in the Message-ID, so that a
    /// receiver can drop repeats.
    DeliveryId
    /// A silence over alerts.
    SilenceId
    /// Something that people are told, and that is no alert.
    NoticeId
    /// Who may sign in.
    AccountId
    /// One sign-in, until it ends.
    SessionId
    /// What a program signs in with.
    TokenId
    /// A link that lets somebody make an account, once.
    InvitationId
    /// A legal hold.
    HoldId
    /// One erasure, by a person, of a listing or selector everywhere.
    ErasureId
    /// What one purge did to one class.
    ReceiptId
}

impl RunId {
    /// When its run was planned, as the identifier has it.
    pub fn made_at(self) -> Timestamp {
        let (seconds, nanos) = self.0.get_timestamp().map_or((0, 0), |at| at.to_unix());
        let millis = seconds.saturating_mul(1_000) + u64::from(nanos / 1_000_000);
        Timestamp(i64::try_from(millis).unwrap_or(i64::MAX))
    }
}

number_ids! {
    /// One URL due to be fetched.
    VisitId
    /// One HTTP exchange, kept as it came.
    CaptureId
    /// What a source's URL looked like when last fetched.
    PageId
    /// One record of a source.
    ListingId
    /// One identifier, interned.
    SelectorId
    /// A selector or an image seen in a listing.
    ObservationId
    /// One image by its bytes.
    ImageId
}
