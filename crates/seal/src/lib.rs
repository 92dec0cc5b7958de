//! Credential encryption.
