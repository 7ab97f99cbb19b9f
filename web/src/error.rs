//! The one type of failure, and what it is told as: a page to a person, a problem (RFC 9457) to a program.

use std::path::Path;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use serde::Serialize;
use sightline_casework::{Refused, inert};
use sightline_model::{Problem, Role, counted};
use sightline_pipeline::PipelineError;
use sightline_store::StoreError;

use crate::{access::Permission, address::Address};

/// Why a request was not done. Causes are logged where they are found; what is told is for whoever asked.
#[derive(Debug)]
pub enum Error {
    /// There is nothing of that name; or nothing that they may know of.
    NotFound,
    /// A person has to sign in.
    SignIn(SignedOut),
    /// A person has to set up their second factor first.
    Enrol,
    /// A program has no token, or one that holds no more.
    NoToken,
    /// Nobody of their role may do this.
    MayNot(Permission),
    /// A program would let somebody in as this, who would have that permission, which it has not itself.
    Beyond(Role, Permission),
    /// They may, and the token that they ask with was made without it.
    Unscoped(Permission),
    /// What was sent can't be read at all.
    Unreadable(String),
    /// What was sent is wrong; each problem names its field.
    Wrong(Vec<Problem>),
    /// It was not as they thought: somebody was quicker.
    Conflict(String),
    /// It is not as whoever wants to change it has seen it.
    Stale,
    /// Whoever wants to change it does not say how they have seen it.
    Unconditional,
    /// Too often; again after so many seconds.
    TooOften(u64),
    /// Too much is being done at once.
    Busy,
    /// It failed here, and the log says why.
    Internal,
}

/// What becomes of a request by nobody.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SignedOut {
    /// Where they may go on afterwards.
    pub next: Option<String>,
    /// True where they sent a form: nothing of it was done.
    pub is_lost: bool,
}

/// A failure in words, for the shell to dress as a page or as a problem.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub(crate) struct Failure {
    /// A stable word for it: the last part of the problem's type.
    pub word: &'static str,
    /// What went wrong, in a few words.
    pub title: &'static str,
    /// What to do about it.
    pub detail: String,
    /// What is wrong in which field.
    pub fields: Vec<Problem>,
}

impl Error {
    /// A failure that is ours, whose cause goes into the log.
    pub(crate) fn internal(cause: impl std::fmt::Display) -> Self {
        tracing::error!(%cause, "a request failed");
        Self::Internal
    }

    /// One field that is wrong.
    pub(crate) fn field(key: &str, message: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::Wrong(vec![Problem::new(key, message, remedy)])
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::SignIn(_) | Self::Enrol => StatusCode::SEE_OTHER,
            Self::NoToken => StatusCode::UNAUTHORIZED,
            Self::MayNot(_) | Self::Beyond(..) | Self::Unscoped(_) => StatusCode::FORBIDDEN,
            Self::Unreadable(_) => StatusCode::BAD_REQUEST,
            Self::Wrong(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Stale => StatusCode::PRECONDITION_FAILED,
            Self::Unconditional => StatusCode::PRECONDITION_REQUIRED,
            Self::TooOften(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn failure(&self) -> Failure {
        let detail = match self {
            Self::MayNot(permission) => format!(
                "Your role does not have the permission {permission}. An administrator can give you another role."
            ),
            Self::Unscoped(permission) => format!(
                "This token was made without the permission {permission}, which its owner's role has. Use one that was made with it; the console makes tokens, under your account."
            ),
            Self::Beyond(role, permission) => format!(
                "A token lets somebody in only as what it may itself: the role {role} has {permission}, and this token has not. Do it in the console, or with a token that has all that the role has."
            ),
            Self::Conflict(detail) | Self::Unreadable(detail) => detail.clone(),
            Self::TooOften(seconds) => {
                let wait = match seconds {
                    0..=120 => counted(*seconds, "second", "seconds"),
                    _ => counted(seconds.div_ceil(60), "minute", "minutes"),
                };
                format!("Wait {wait}, then try again.")
            }
            _ => Failure::of(self.status()).detail,
        };
        let fields = match self {
            Self::Wrong(problems) => problems.clone(),
            _ => Vec::new(),
        };
        Failure {
            detail,
            fields,
            ..Failure::of(self.status())
        }
    }
}

impl Failure {
    /// What a status means where nothing more is known.
    pub(crate) fn of(status: StatusCode) -> Self {
        let (word, title, detail) = match status.as_u16() {
            401 => (
                "no-token",
                "A token is needed",
                "Send a token that holds, as Authorization: Bearer TOKEN. The console makes tokens, under your account.",
            ),
            403 => (
                "may-not",
                "You may not do this",
                "It came from another site, or your role does not have the permission. Open the console itself and try there.",
            ),
            404 => (
                "not-found",
                "There is nothing here",
                "It may have been removed, or the address is not quite right.",
            ),
            405 => (
                "wrong-method",
                "That can't be done here",
                "The address is right and the method is not. /api/v1 has the reference.",
            ),
            408 => (
                "too-slow",
                "It took too long",
                "Try again; if it stays so, ask for less at once.",
            ),
            409 => (
                "conflict",
                "It is not as you thought",
                "Look at it again as it is now.",
            ),
            412 => (
                "stale",
                "It was changed meanwhile",
                "Read it again, and send the ETag that it has now as If-Match.",
            ),
            413 => ("too-large", "That is too large", "Send less at once."),
            415 => (
                "wrong-media-type",
                "That is in a form that is not understood",
                "Send JSON, as Content-Type: application/json.",
            ),
            422 => (
                "wrong",
                "Something is not right yet",
                "Look at what is said at each field, and send it again.",
            ),
            428 => (
                "unconditional",
                "Say which state of it you have seen",
                "Read it, and send its ETag as If-Match.",
            ),
            429 => ("too-often", "Too often", "Wait a while, then try again."),
            503 => (
                "busy",
                "Too much is being done at once",
                "Try again in a few seconds.",
            ),
            status if status < 500 => (
                "bad-request",
                "That was not understood",
                "Go back, and try again from there.",
            ),
            _ => (
                "internal",
                "It failed, and it was not your fault",
                "Try again; if it stays so, tell your operator, who finds the cause in the log.",
            ),
        };
        Self {
            word,
            title,
            detail: detail.to_owned(),
            fields: Vec::new(),
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        match self {
            Self::SignIn(SignedOut { next, is_lost }) => {
                let address = Address::of("/sign-in")
                    .with_any("lost", is_lost.then_some("yes"))
                    .with_any("next", next);
                Redirect::to(&address.written()).into_response()
            }
            Self::Enrol => Redirect::to("/enrol").into_response(),
            error => {
                let mut response = error.status().into_response();
                let wait = match error {
                    Self::TooOften(seconds) => Some(seconds),
                    // What is under way takes a moment.
                    Self::Busy => Some(1),
                    _ => None,
                };
                if let Some(seconds) = wait.map(HeaderValue::from) {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds);
                }
                response.extensions_mut().insert(error.failure());
                response
            }
        }
    }
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<PipelineError> for Error {
    fn from(error: PipelineError) -> Self {
        let file = match &error {
            PipelineError::Archive(cause) => cause.broken_file(),
            _ => None,
        };
        // Trying again helps nobody, and an operator has to know.
        match file.and_then(Path::file_name) {
            Some(name) => {
                tracing::error!(cause = %error, "the archive does not hold what was kept");
                Self::Conflict(format!(
                    "What was kept in {} is damaged or not there, and nothing is given out that nobody can vouch for. An operator has to \
                     bring that file back from a backup; `sightline doctor --all` names every capture that it concerns.",
                    name.to_string_lossy()
                ))
            }
            None => Self::internal(error),
        }
    }
}

impl From<askama::Error> for Error {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl From<Refused> for Error {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::NoAlert(_)
            | Refused::NoSilence(_)
            | Refused::NoEntry(_)
            | Refused::NoHold(_)
            | Refused::NoDelivery(_)
            | Refused::NotErasable(_)
            | Refused::Nothing => Self::NotFound,
            Refused::Off { .. } => Self::Conflict(format!(
                "{refused}. Use the channel again first, then send it again."
            )),
            Refused::NotDead(_)
            | Refused::NotOff(_)
            | Refused::NoCase(_)
            | Refused::Unwise(_)
            | Refused::Held(_)
            | Refused::Furniture(_)
            | Refused::Followed(..) => Self::Conflict(format!("{refused}.")),
            Refused::InUse(_) => Self::Conflict(inert::line(&format!("{refused}.")).into_owned()),
            Refused::Already(..)
            | Refused::AlreadyAs(..)
            | Refused::NotTaken(..)
            | Refused::Withdrawn(_) => {
                Self::Conflict(format!("{refused}. Look at it again as it is now."))
            }
            Refused::Stands { .. } => Self::field(
                "value",
                inert::line(&refused.to_string()),
                "look at the entry that is there",
            ),
            Refused::Unchanged(_) => Self::field(
                "state",
                "nothing would be different",
                "write what should be",
            ),
            Refused::WrongEntry(_, problems) | Refused::WrongList(problems) => {
                Self::Wrong(problems)
            }
            Refused::Defaults(..) | Refused::Rules(..) => Self::internal(refused),
            Refused::NameTaken(what) => Self::field(
                "name",
                format!("there is already a {what}"),
                "choose another name",
            ),
            Refused::Wrong(problem) => Self::Wrong(vec![problem]),
            Refused::Store(error) => error.into(),
        }
    }
}
