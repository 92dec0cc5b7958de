//! The environment as configuration, or every problem with it at once.
