//! Clients: one file for each service, async over `impl Wire`, one attempt a call; retrying is the flow's business.
