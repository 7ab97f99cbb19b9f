//! Accounts: who may sign in, as what; and what they are known by once they have.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{AccountId, Timestamp, selector::words};

/// What somebody is here for. What each role may see and do stands in one table, in the crate `web`.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Keeps watchlists, and judges what they find.
    Analyst,
    /// Works on alerts.
    Investigator,
    /// Keeps sources and the machinery going, without seeing whom it is for.
    Operator,
    /// Reads who did what.
    Auditor,
    /// Everything, other people's accounts included.
    Administrator,
}

words!(
    Role, "role",
    Analyst => "analyst", Investigator => "investigator", Operator => "operator", Auditor => "auditor",
    Administrator => "administrator",
);

/// Who may sign in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Its identifier.
    pub id: AccountId,
    /// The name that they sign in with, and that others read. Two that differ in case alone are the same.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When the second factor was set up; nothing before that.
    pub enrolled_at: Option<Timestamp>,
    /// Since when it can't be used any more.
    pub disabled_at: Option<Timestamp>,
}

/// How far somebody has got with signing in.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The password was right, and the second factor has yet to be set up: nothing else can be done.
    Enrolling,
    /// Signed in.
    SignedIn,
}

words!(Stage, "stage of signing in", Enrolling => "enrolling", SignedIn => "signed_in");
