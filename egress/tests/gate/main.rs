//! The gate against real sockets: own name server, own proxies, own TLS and mail servers, all on loopback.

mod environment;
mod failures;
mod mail;
mod names;
mod proxies;
mod spellings;
mod support;
mod tls;
