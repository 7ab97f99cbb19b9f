//! What an operator may set about the gate.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use ipnet::IpNet;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sightline_model::Problem;

use crate::trust;

/// The gate to the network.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct EgressSettings {
    /// Networks that may be reached though they are not public, as `10.20.0.0/16` or `::1/128`. Whoever can put a
    /// link on a watched site can then make Sightline call these addresses, so name as few as possible.
    #[schemars(with = "Vec<String>")]
    pub allow_networks: Vec<IpNet>,
    /// Name servers to ask, as `192.0.2.53:53`. Empty: those of the system.
    #[schemars(with = "Vec<String>")]
    pub name_servers: Vec<SocketAddr>,
    /// How long a name may take to resolve, in seconds.
    pub dns_timeout_seconds: f64,
    /// PEM files of certificate authorities to trust besides the system's, such as a private mail server's.
    #[schemars(with = "Vec<String>")]
    pub ca_files: Vec<PathBuf>,
}

impl Default for EgressSettings {
    fn default() -> Self {
        Self {
            allow_networks: Vec::new(),
            name_servers: Vec::new(),
            dns_timeout_seconds: 10.0,
            ca_files: Vec::new(),
        }
    }
}

impl EgressSettings {
    /// What is wrong with the files that these settings name; their paths are as they are to be opened.
    pub fn check_files(&self) -> Vec<Problem> {
        let files = self.ca_files.iter().enumerate();
        files
            .filter_map(|(index, file)| {
                let why = trust::certificates(file).err()?;
                Some(Problem::new(
                    format!("ca_files[{index}]"),
                    format!(
                        "{} holds no certificate authorities that can be read: {why}",
                        file.display()
                    ),
                    "correct the path, or write a PEM file",
                ))
            })
            .collect()
    }

    /// What is wrong with these settings.
    pub fn check(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (index, network) in self.allow_networks.iter().enumerate() {
            if network.prefix_len() == 0 {
                problems.push(Problem::new(
                    format!("allow_networks[{index}]"),
                    format!("{network} permits every address there is"),
                    "name the networks that are meant, such as 127.0.0.0/8",
                ));
            }
        }
        if !(0.1..=60.0).contains(&self.dns_timeout_seconds) {
            problems.push(Problem::new(
                "dns_timeout_seconds",
                format!("{} is not between 0.1 and 60", self.dns_timeout_seconds),
                "write a number of seconds such as 10",
            ));
        }
        problems
    }

    /// The limit on one lookup.
    pub(crate) fn dns_timeout(&self) -> Duration {
        // Out of range only where check() was not heeded; the default is then the safe reading.
        Duration::try_from_secs_f64(self.dns_timeout_seconds).unwrap_or(Duration::from_secs(10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound_and_mistakes_are_named() {
        assert_eq!(EgressSettings::default().check(), []);
        let wrong = EgressSettings {
            allow_networks: vec!["0.0.0.0/0".parse().unwrap()],
            dns_timeout_seconds: 0.0,
            ..EgressSettings::default()
        };
        let keys: Vec<_> = wrong.check().into_iter().map(|found| found.key).collect();
        assert_eq!(keys, ["allow_networks[0]", "dns_timeout_seconds"]);
    }
}
