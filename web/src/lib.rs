//! The console and the API: pages rendered on the server, and the same over HTTP for programs.
//!
//! A page of the console is three files: its handler in `pages/`, its template in `templates/`, and its line in
//! [`routes`], which says who may see it. A resource of the API is two: its handler in `api/` and its line there; the
//! OpenAPI document is made of these lines. What roles may do stands in one table in [`access`].
//!
//! A request passes, from the outside in: the headers and faces of [`shell`] (every failure becomes a page or a problem,
//! every answer has its security headers), the refusal of foreign forms, limits of time and size, and the guard of its
//! route ([`access`]), which finds out who asks. Handlers are given a [`access::Person`] and the [`Console`], read or
//! write through the `store` and `casework`, and give a template or JSON. They hold no rule of their own.

mod accept;
pub mod access;
mod address;
mod answer;
mod api;
pub mod assets;
mod bell;
mod chart;
mod console;
mod crawled;
mod desk;
mod error;
mod imports;
mod labels;
mod packed;
mod pages;
mod picture;
mod politeness;
mod preview;
mod probes;
pub mod routes;
mod serve;
mod settings;
mod shell;
pub mod sign_in;
mod spark;
mod timeline;
mod trial;
mod uploads;
mod when;

pub use api::openapi;
pub use console::{Console, Parts};
pub use error::Error;
pub use serve::{ServeError, bind, first_link, serve};
pub use settings::WebSettings;
pub use shell::app;
