//! One polite HTTP exchange, preserved.
