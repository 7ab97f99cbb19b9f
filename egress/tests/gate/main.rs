//! The gate against real sockets: own name server, own proxies, own TLS and mail servers, all on loopback.

mod addresses;
mod environment;
mod failures;
mod mail;
mod names;
mod proxies;
mod spellings;
mod support;
mod tls;
