//! `sightline alert …`: read one alert, take it, give it, say something on it, close it, or keep some quiet.

mod judge;
mod show;
mod silence;

pub(crate) use show::{in_words, read};

use clap::{Args, Subcommand};

use super::{Context, Ended};
use crate::app::App;

/// Read an alert, take it, give it to somebody, comment on it, close it, or keep alerts quiet for a time
#[derive(Debug, Args)]
#[command(arg_required_else_help = true)]
pub struct Alert {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Show(show::Show),
    Ack(judge::Ack),
    HandBack(judge::HandBack),
    Assign(judge::Assign),
    Comment(judge::Comment),
    Close(judge::Close),
    Reopen(judge::Reopen),
    Silence(silence::Silence),
    Silences(silence::Silences),
    Unsilence(silence::Unsilence),
}

/// Runs the command.
pub async fn run(alert: Alert, context: &Context) -> Ended {
    let app = App::open(context).await?;
    match alert.action {
        Action::Show(show) => show::run(show, &app, context).await,
        Action::Ack(ack) => judge::acknowledge(ack, &app, context).await,
        Action::HandBack(back) => judge::hand_back(back, &app, context).await,
        Action::Assign(assign) => judge::assign(assign, &app, context).await,
        Action::Comment(comment) => judge::comment(comment, &app, context).await,
        Action::Close(close) => judge::close(close, &app, context).await,
        Action::Reopen(reopen) => judge::reopen(reopen, &app, context).await,
        Action::Silence(silence) => silence::add(silence, &app, context).await,
        Action::Silences(_) => silence::list(&app, context).await,
        Action::Unsilence(unsilence) => silence::end(unsilence, &app, context).await,
    }
}
