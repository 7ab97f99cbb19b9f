//! Schedules as cases: what is due when, in which zone.
