//! Layers, spans and problems: a loader of TOML settings that is generic over what it loads.
