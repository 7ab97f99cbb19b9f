//! The machinery under a console: real crawling, and channels into files, over loopback and a folder of its own.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use sightline_alerts::{
    channels::{Channel, ChannelSettings, Surroundings},
    render::Templates,
};
use sightline_crawler::{
    archive::{Archive, ArchiveSettings},
    settings::FetchSettings,
    visit::Crawler,
};
use sightline_egress::{Egress, EgressSettings, Secrets, install_crypto};
use sightline_model::{Clock, ManualClock, Mint, OrganisationId, SourceId};
use sightline_pipeline::{
    instance::{Instance, Parts},
    notices::NoticeSettings,
    settings::WorkSettings,
    source::{Source, SourceSettings},
};
use sightline_store::Store;
use sightline_watchlists::WarningLists;

/// The channels that are configured: `desk` writes into a file, `lost` can't be used on this machine.
pub fn channels(folder: &Path) -> BTreeMap<String, ChannelSettings> {
    ["desk", "lost"]
        .map(|name| {
            let file = folder.join(format!("{name}.jsonl"));
            let settings = serde_json::json!({ "kind": "file", "path": file });
            (name.to_owned(), serde_json::from_value(settings).unwrap())
        })
        .into()
}

/// An instance over this store. It writes letters into a folder as well, which the console knows nothing of.
pub async fn instance(
    folder: &Path,
    store: &Store,
    organisation: OrganisationId,
    clock: &ManualClock,
    mint: &Arc<Mint>,
) -> Arc<Instance> {
    install_crypto();
    let by: Arc<dyn Clock> = Arc::new(clock.clone());
    let egress = Egress::new(&EgressSettings {
        allow_networks: vec!["127.0.0.0/8".parse().unwrap()],
        ..EgressSettings::default()
    })
    .unwrap();
    let fetch = FetchSettings {
        contact: "crawling@example.org".to_owned(),
        ..FetchSettings::default()
    };
    let surroundings = Surroundings {
        egress: &egress,
        folder,
        environment: &|_| None,
    };
    let build = |name: &str, settings: &ChannelSettings| {
        let channel = Channel::build(name, settings, &surroundings).unwrap();
        (name.to_owned(), channel)
    };
    std::fs::create_dir_all(folder.join("letters")).unwrap();
    let letters = serde_json::json!({
        "kind": "email", "folder": "letters", "detail": "full",
        "from": "Sightline <alerts@example.org>", "to": ["desk@example.org"],
    });
    let letters = serde_json::from_value(letters).unwrap();
    let channels = [
        build("desk", &channels(folder)["desk"]),
        build("letters", &letters),
    ]
    .into();
    let archive = Archive::open(
        folder.join("archive"),
        ArchiveSettings::default(),
        Arc::clone(mint),
    );
    let parts = Parts {
        store: store.clone(),
        organisation,
        clock: Arc::clone(&by),
        mint: Arc::clone(mint),
        archive: archive.unwrap(),
        retention: Default::default(),
        crawler: Crawler::new(egress, fetch, by, Arc::clone(mint)),
        channels,
        unusable_channels: std::collections::BTreeMap::new(),
        templates: Templates::embedded().unwrap(),
        public_url: None,
        notices: NoticeSettings::default(),
        warnings: WarningLists::built_in(),
        work: WorkSettings::default(),
        workers: folder.join("workers"),
        place: "here".to_owned(),
    };
    Instance::open(parts).await.unwrap()
}

/// Makes a source known that is crawled from this address on, every day at half past two in Paris.
pub async fn source(instance: &Instance, name: &str, start: &str) -> SourceId {
    let settings: SourceSettings = serde_json::from_value(serde_json::json!({
        "start": [start],
        "region": "US",
        "schedule": { "cron": "30 2 * * *", "zone": "Europe/Paris" },
        "politeness": { "unlimited": true },
        "list": { "links": ["a.ad"] },
        "detail": { "title": { "css": "h1" }, "body": { "css": "p" } },
    }))
    .unwrap();
    let source = Source::compile(&settings, name).unwrap();
    let secrets = Secrets {
        folder: Path::new(""),
        environment: &|_| None,
    };
    let registered = instance.register(vec![source], secrets).await.unwrap();
    registered.watched[0].id
}
