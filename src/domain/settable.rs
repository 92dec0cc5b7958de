//! Which kinds of credential can be set where.
