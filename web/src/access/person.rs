//! Who asks.

use axum::{extract::FromRequestParts, http::request::Parts};
use sightline_model::{Account, AccountId, Role, SessionId, Stage, TokenId};
use sightline_store::tokens::Token;

use super::Permission;
use crate::Error;

/// Somebody who has signed in, as a route's guard found out. Handlers take it as an argument.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Person {
    /// Their account.
    pub account: AccountId,
    /// Their name, as others read it.
    pub name: String,
    /// What they are here for.
    pub role: Role,
    /// By what they are known.
    pub means: Means,
}

/// By what somebody is known.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Means {
    /// A session of the console.
    Session(SessionId, Stage),
    /// A token, which has these permissions as far as its owner has them.
    Token(TokenId, Vec<Permission>),
}

impl Person {
    pub(crate) fn of_session(account: Account, session: SessionId, stage: Stage) -> Self {
        Self::new(account, Means::Session(session, stage))
    }

    pub(crate) fn of_token(account: Account, token: &Token) -> Self {
        // A permission that has gone since is one less.
        let scopes = token.scopes.iter();
        let scopes = scopes.filter_map(|name| Permission::named(name)).collect();
        Self::new(account, Means::Token(token.id, scopes))
    }

    fn new(account: Account, means: Means) -> Self {
        Self {
            account: account.id,
            name: account.name,
            role: account.role,
            means,
        }
    }

    /// True where they may do this, by their role and by what they are known by.
    pub fn may(&self, permission: Permission) -> bool {
        let by_means = match &self.means {
            Means::Session(_, stage) => *stage == Stage::SignedIn,
            Means::Token(_, scopes) => scopes.iter().any(|scope| scope.has(permission)),
        };
        by_means && permission.is_of(self.role)
    }

    /// Whether they may let somebody in as this, or back in: nobody gives what they have not themselves. Who manages accounts
    /// in the console has everything; a token has what it was given, and who has taken one makes nobody that may more.
    ///
    /// # Errors
    /// Where the role has a permission that they have not.
    pub(crate) fn may_let_in(&self, role: Role) -> Result<(), Error> {
        let mut of_role = Permission::all().filter(|permission| permission.is_of(role));
        // What is about somebody's own sessions and tokens is theirs whoever lets them in.
        let lacking = of_role.find(|one| *one != Permission::OwnAccount && !self.may(*one));
        lacking.map_or(Ok(()), |permission| Err(Error::Beyond(role, permission)))
    }

    /// Why they may not do this.
    pub(crate) fn refusal(&self, permission: Permission) -> Error {
        match self.means {
            Means::Token(..) if permission.is_of(self.role) => Error::Unscoped(permission),
            _ => Error::MayNot(permission),
        }
    }

    /// By what they are known, for the audit log.
    pub(crate) fn means(&self) -> &'static str {
        match self.means {
            Means::Session(..) => "console",
            Means::Token(..) => "api",
        }
    }

    /// Their session, where they are known by one.
    pub(crate) fn session(&self) -> Option<SessionId> {
        match self.means {
            Means::Session(id, _) => Some(id),
            Means::Token(..) => None,
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Person {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let person = parts.extensions.get::<Self>();
        // A route that needs nobody has nobody: its handler must not ask.
        person.cloned().ok_or_else(|| {
            Error::internal("a handler asks for a person on a route that needs none")
        })
    }
}
