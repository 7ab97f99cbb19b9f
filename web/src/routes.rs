//! Every route: where, who may, which handler; and for the API, what goes in and out.
//!
//! There is no other way to serve anything: a route without its line, and so without its guard, can't be. The tests go
//! through this table with every role, and the OpenAPI document is made of it.

use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};

use crate::{
    Console,
    access::{Door, Permission, guard},
    api::{self, Operation},
    assets, pages, probes, shell,
};

/// For whom a route is, and so how they are known and what failures look like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Face {
    /// People, by a session in a cookie.
    Page,
    /// Programs, by a token.
    Api,
}

/// What somebody needs to be let through.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// Nothing: the handler knows nobody.
    Nobody,
    /// The right password: the second factor is being set up.
    Enrolling,
    /// To be signed in, as whatever.
    SignedIn,
    /// This permission.
    May(Permission),
}

/// A route.
pub struct Route {
    /// Its method.
    pub method: Method,
    /// Its path, parameters in braces.
    pub path: &'static str,
    /// For whom it is.
    pub face: Face,
    /// What they need.
    pub needs: Needs,
    /// What goes in and out, where it is described.
    pub operation: Option<Operation>,
    handler: MethodRouter<Console>,
}

impl Route {
    pub(crate) fn get<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new(Method::GET, path, needs, on(MethodFilter::GET, handler))
    }

    pub(crate) fn post<H: Handler<T, Console>, T: 'static>(
        path: &'static str,
        needs: Needs,
        handler: H,
    ) -> Self {
        Self::new(Method::POST, path, needs, on(MethodFilter::POST, handler))
    }

    fn new(
        method: Method,
        path: &'static str,
        needs: Needs,
        handler: MethodRouter<Console>,
    ) -> Self {
        Self {
            method,
            path,
            face: Face::Page,
            needs,
            operation: None,
            handler,
        }
    }

    /// The same for programs, described.
    pub(crate) fn api(self, operation: Operation) -> Self {
        Self {
            face: Face::Api,
            operation: Some(operation),
            ..self
        }
    }

    /// The same for programs that do not read the reference.
    pub(crate) fn probe(self) -> Self {
        Self {
            face: Face::Api,
            ..self
        }
    }
}

/// Every route there is.
pub fn table() -> Vec<Route> {
    use Needs::{May, Nobody};
    use Permission::ReadMetrics;
    let mut routes = vec![
        // The machinery.
        Route::get("/assets/{version}/{name}", Nobody, assets::give),
        Route::get("/healthz", Nobody, probes::healthz).probe(),
        Route::get("/readyz", Nobody, probes::readyz).probe(),
        Route::get("/metrics", May(ReadMetrics), probes::metrics).probe(),
    ];
    routes.extend(pages::routes());
    routes.extend(api::routes());
    routes
}

/// The table as a router: each route behind its guard.
pub(crate) fn router(console: &Console) -> Router {
    let mut router = Router::new();
    for route in table() {
        let mut handler = route.handler;
        if let Some(operation) = &route.operation {
            handler = handler.layer(DefaultBodyLimit::max(operation.largest));
        }
        let operation = route.operation.as_ref();
        let door = Door {
            console: console.clone(),
            face: route.face,
            needs: route.needs,
            largest: operation.map_or(shell::LARGEST, |it| it.largest),
            is_secret: operation.is_some_and(|it| it.is_secret),
        };
        let guarded = handler.layer(middleware::from_fn_with_state(door, guard));
        router = router.route(route.path, guarded);
    }
    router.with_state(console.clone())
}
