//! Politeness under paused time: who may send what, when.
