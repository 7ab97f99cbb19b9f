//! Cases of robots.txt as data.
