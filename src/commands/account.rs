//! `sightline account …`: who may sign in, for whoever has the machine: the way back when nobody else can make one.

use clap::{Args, Subcommand};
use comfy_table::Table;
use serde::Serialize;
use sightline_casework::account;
use sightline_model::{Account, Timestamp};
use sightline_store::{Tx, accounts, attempts};
use sightline_web::sign_in::{Secret, of_strangers};

use super::{CommandError, Context, Ended, Status, by};
use crate::{
    app::App,
    output::{self, inert},
};

/// Show who may sign in to the console, and let somebody in again who can't
///
/// What is done here is in the audit log under the name of whoever is at the keyboard.
#[derive(Debug, Args)]
#[command(
    arg_required_else_help = true,
    after_long_help = "Examples:\n  \
        sightline account list\n  \
        sightline account reset-link 'R. Analyst'\n  \
        sightline account reset-link root --second-factor\n  \
        sightline account disable 'R. Analyst'"
)]
pub struct AccountCommand {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Show who may sign in, and as what
    List,
    /// Make a link by which somebody chooses a new password, once, within a day
    ///
    /// A link that was made before is worth nothing then, and nobody waits any more for what others guessed.
    ResetLink(ResetLink),
    /// Keep somebody from signing in; their sessions and tokens end
    Disable(Named),
    /// Let somebody sign in again who was disabled
    Enable(Named),
}

#[derive(Debug, Args)]
struct ResetLink {
    #[command(flatten)]
    named: Named,
    /// Their second factor is lost as well, and their recovery codes: they set up another
    #[arg(long)]
    second_factor: bool,
}

#[derive(Debug, Args)]
struct Named {
    /// The name that they sign in with
    name: String,
}

/// A link that was made.
#[derive(Serialize)]
struct Made {
    name: String,
    link: String,
    expires_at: Timestamp,
}

/// Runs the command.
pub async fn run(command: AccountCommand, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match command.action {
        Action::List => list(&app, context).await,
        Action::ResetLink(asked) => reset_link(&asked, &app, context).await,
        Action::Disable(named) => disable(&named, &app, context).await,
        Action::Enable(named) => enable(&named, &app, context).await,
    }
}

async fn list(app: &App, context: &Context) -> Ended {
    let now = app.clock.now();
    let found = accounts::all(&mut app.read().await?).await?;
    context.out.records(
        &found,
        |found| table(found, now),
        "Nobody has an account: sightline serve prints a link for the first.",
    )?;
    Ok(Status::Done)
}

async fn reset_link(asked: &ResetLink, app: &App, context: &Context) -> Ended {
    let by = by(app.clock.now());
    let mut tx = app.write().await?;
    let account = found(&mut tx, &asked.named.name).await?;
    let secret = Secret::draw(&app.mint);
    let digest = secret.digest();
    account::make_reset_link(&mut tx, account.id, &digest, asked.second_factor, &by).await?;
    attempts::clear(&mut tx, &of_strangers(&account.name)).await?;
    tx.commit().await?;
    let base = match &app.configuration.settings.instance.public_url {
        Some(url) => url.as_str().trim_end_matches('/').to_owned(),
        None => format!("http://{}", app.configuration.settings.web.listen),
    };
    let made = Made {
        name: account.name,
        link: format!("{base}/reset/{}", secret.expose()),
        expires_at: by.at + account::RESET_HOLDS,
    };
    context.out.record(&made)?;
    context.out.say(format_args!(
        "Give this link to {} alone. It holds for a day, works once, and is not shown again:\n{}",
        inert::line(&made.name),
        made.link
    ))?;
    Ok(Status::Done)
}

async fn disable(named: &Named, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let id = found(&mut tx, &named.name).await?.id;
    account::disable(&mut tx, id, &by(app.clock.now())).await?;
    tx.commit().await?;
    told(
        named,
        app,
        context,
        "can't sign in any more; sessions and tokens have ended",
    )
    .await
}

async fn enable(named: &Named, app: &App, context: &Context) -> Ended {
    let mut tx = app.write().await?;
    let id = found(&mut tx, &named.name).await?.id;
    account::enable(&mut tx, id, &by(app.clock.now())).await?;
    tx.commit().await?;
    told(named, app, context, "may sign in").await
}

/// Shows the account as it is now.
async fn told(named: &Named, app: &App, context: &Context, what: &str) -> Ended {
    let account = found(&mut app.read().await?, &named.name).await?;
    context.out.record(&account)?;
    let name = inert::line(&account.name);
    context.out.say(format_args!("{name} {what}."))?;
    Ok(Status::Done)
}

async fn found(tx: &mut Tx, name: &str) -> Result<Account, CommandError> {
    let found = accounts::by_name(tx, name.trim()).await?;
    let account = found.map(|(account, _)| account);
    account.ok_or_else(|| {
        let name = inert::cut(name, 60);
        CommandError::Failed(format!(
            "nobody is called '{name}'; sightline account list shows who may sign in"
        ))
    })
}

fn table(found: &[Account], now: Timestamp) -> Table {
    let mut table = output::table(["name", "role", "second factor", "made", "state"]);
    for account in found {
        table.add_row(vec![
            inert::cut(&account.name, 64),
            account.role.to_string(),
            match account.enrolled_at {
                Some(_) => "set up".to_owned(),
                None => "not set up".to_owned(),
            },
            output::when::cell(account.created_at, now),
            match account.disabled_at {
                None => "active".to_owned(),
                Some(since) => format!("disabled {}", output::when::words(since, now)),
            },
        ]);
    }
    table
}
