//! Sightline's command line: the one program, and the only place where its parts are wired together.

mod app;
mod backup;
mod cli;
mod commands;
mod configuration;
mod data_folder;
mod demo;
mod folders;
mod logging;
#[cfg(test)]
mod manual;
mod outbox;
mod output;
mod progress;
#[cfg(test)]
mod reference;
mod settings;
mod stop;
mod supervisor;
mod warning_lists;

use sightline_allocator::Allocator;

/// Reading pages makes and drops thousands of small texts on several threads, at which this allocator is quicker than the
/// system's; docs/benchmarks.md has the figures.
#[global_allocator]
static ALLOCATOR: Allocator = Allocator;

fn main() -> std::process::ExitCode {
    sightline_allocator::gives_back_at_once();
    cli::main()
}
