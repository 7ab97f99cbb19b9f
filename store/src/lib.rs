//! Every SQL statement of Sightline, for SQLite and PostgreSQL.
