//! The lines of the API in the table of routes that are about people: their accounts, and what they are known by.

use super::{account_deeds, accounts};
use crate::{
    access::Permission::{ManageAccounts, OwnAccount},
    routes::{
        Needs::{May, SignedIn},
        Route,
    },
};

/// Every route about people.
pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/api/v1/me", SignedIn, accounts::me).api(accounts::me_described()),
        Route::get(
            "/api/v1/me/sessions",
            May(OwnAccount),
            accounts::my_sessions,
        )
        .api(accounts::my_sessions_described()),
        Route::get("/api/v1/me/tokens", May(OwnAccount), accounts::my_tokens)
            .api(accounts::my_tokens_described()),
        Route::get("/api/v1/accounts", May(ManageAccounts), accounts::accounts)
            .api(accounts::accounts_described()),
        Route::get(
            "/api/v1/invitations",
            May(ManageAccounts),
            accounts::invitations,
        )
        .api(accounts::invitations_described()),
        Route::get("/api/v1/sessions", May(ManageAccounts), accounts::sessions)
            .api(accounts::sessions_described()),
        Route::get("/api/v1/tokens", May(ManageAccounts), accounts::tokens)
            .api(accounts::tokens_described()),
        Route::post("/api/v1/me/tokens", SignedIn, account_deeds::make_token)
            .api(account_deeds::make_token_described()),
        Route::post(
            "/api/v1/me/tokens/{id}/end",
            SignedIn,
            account_deeds::end_my_token,
        )
        .api(account_deeds::end_my_token_described()),
        Route::post(
            "/api/v1/me/sessions/{id}/end",
            May(OwnAccount),
            account_deeds::end_my_session,
        )
        .api(account_deeds::end_my_session_described()),
        Route::post(
            "/api/v1/accounts/{id}/role",
            May(ManageAccounts),
            account_deeds::set_role,
        )
        .api(account_deeds::set_role_described()),
        Route::post(
            "/api/v1/accounts/{id}/disable",
            May(ManageAccounts),
            account_deeds::disable,
        )
        .api(account_deeds::disable_described()),
        Route::post(
            "/api/v1/accounts/{id}/enable",
            May(ManageAccounts),
            account_deeds::enable,
        )
        .api(account_deeds::enable_described()),
        Route::post(
            "/api/v1/accounts/{id}/reset-second-factor",
            May(ManageAccounts),
            account_deeds::reset_factor,
        )
        .api(account_deeds::reset_factor_described()),
        Route::post(
            "/api/v1/accounts/{id}/reset-link",
            May(ManageAccounts),
            account_deeds::reset_link,
        )
        .api(account_deeds::reset_link_described()),
        Route::post(
            "/api/v1/accounts/{id}/let-in",
            May(ManageAccounts),
            account_deeds::let_in,
        )
        .api(account_deeds::let_in_described()),
        Route::post(
            "/api/v1/invitations",
            May(ManageAccounts),
            account_deeds::invite,
        )
        .api(account_deeds::invite_described()),
        Route::post(
            "/api/v1/invitations/{id}/withdraw",
            May(ManageAccounts),
            account_deeds::withdraw,
        )
        .api(account_deeds::withdraw_described()),
        Route::post(
            "/api/v1/sessions/{id}/end",
            May(ManageAccounts),
            account_deeds::end_session,
        )
        .api(account_deeds::end_session_described()),
        Route::post(
            "/api/v1/tokens/{id}/end",
            May(ManageAccounts),
            account_deeds::end_token,
        )
        .api(account_deeds::end_token_described()),
    ]
}
