//! The channels that follow a vendor's format: what they make of any message, held against the documented schema, and
//! sent over HTTP to receivers that answer as the vendors do.

mod parcels;
mod payloads;
mod receivers;

use std::{path::Path, sync::LazyLock};

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;
use sightline_egress::{Egress, EgressSettings};
use sightline_model::{DeliveryId, Timestamp};
use uuid::Uuid;

use super::*;
use crate::{message::Message, render::Templates, view::AlertView};

const NOW: Timestamp = Timestamp(1_795_428_060_000);

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::embedded().unwrap());

/// The vendors whose formats are documented in `testdata/schemas`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Vendor {
    Slack,
    Teams,
    Splunk,
    Matrix,
}

impl Vendor {
    const ALL: [Self; 4] = [Self::Slack, Self::Teams, Self::Splunk, Self::Matrix];

    /// A channel of this vendor's at `url`, its secrets set.
    fn settings(self, url: &str, detail: Detail) -> ChannelSettings {
        let chat = ChatSettings {
            url_env: Some("SECRET".into()),
            allow_unencrypted: true,
            timeout_seconds: 2.0,
            detail,
            ..ChatSettings::default()
        };
        match self {
            Self::Slack => ChannelSettings::Slack(chat),
            Self::Teams => ChannelSettings::Teams(chat),
            Self::Splunk => ChannelSettings::Splunk(SplunkSettings {
                url: url.into(),
                allow_unencrypted: true,
                token_env: Some("SECRET".into()),
                index: Some("alerts".into()),
                host: Some("sightline.example.org".into()),
                timeout_seconds: 2.0,
                detail,
                ..SplunkSettings::default()
            }),
            Self::Matrix => ChannelSettings::Matrix(MatrixSettings {
                homeserver: url.into(),
                allow_unencrypted: true,
                room: "!duty/desk:example.org".into(),
                token_env: Some("SECRET".into()),
                timeout_seconds: 2.0,
                detail,
                ..MatrixSettings::default()
            }),
        }
    }

    /// The vendor's schema.
    fn schema(self) -> Schema {
        let name = match self {
            Self::Slack => "slack-message",
            Self::Teams => "teams-message",
            Self::Splunk => "splunk-event",
            Self::Matrix => "matrix-message",
        };
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("testdata/schemas")
            .join(format!("{name}.json"));
        let text = std::fs::read_to_string(file).unwrap();
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler
            .add_resource("schema.json", serde_json::from_str(&text).unwrap())
            .unwrap();
        let index = compiler.compile("schema.json", &mut schemas).unwrap();
        Schema { schemas, index }
    }

    /// The secret that goes with `url`: the URL itself, or a token.
    fn secret(self, url: &str) -> String {
        match self {
            Self::Slack | Self::Teams => format!("{url}/open-sesame"),
            Self::Splunk | Self::Matrix => "open-sesame".into(),
        }
    }
}

/// A vendor's schema, compiled.
struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    /// What is wrong with `body`; empty where nothing is.
    fn fault(&self, body: &Value) -> String {
        let judged = self.schemas.validate(body, self.index);
        judged
            .err()
            .map_or_else(String::new, |error| error.to_string())
    }
}

fn build(settings: &ChannelSettings, secret: &str) -> Result<Channel, BuildError> {
    let egress = Egress::new(&EgressSettings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressSettings::default()
    })
    .unwrap();
    let surroundings = Surroundings {
        egress: &egress,
        folder: Path::new(""),
        environment: &|name| (name == "SECRET").then(|| secret.to_owned()),
    };
    Channel::build("desk", settings, &surroundings)
}

fn message(vendor: Vendor, view: &AlertView, detail: Detail) -> Message {
    numbered(vendor, view, detail, 7)
}

fn numbered(vendor: Vendor, view: &AlertView, detail: Detail, number: u128) -> Message {
    let style = vendor
        .settings("https://receiver.example.org", detail)
        .style();
    TEMPLATES
        .render(DeliveryId(Uuid::from_u128(number)), view, style, NOW)
        .unwrap()
}
