//! Fetching and visiting over real sockets: sites as they should be, and sites that mean harm.

mod answers;
mod http2;
mod politeness;
mod redirects;
mod requests;
mod robots;
mod support;
mod visits;
