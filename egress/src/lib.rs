//! The one gate to the network: resolve, classify, connect to what was classified.
