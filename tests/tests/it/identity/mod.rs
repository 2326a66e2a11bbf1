//! Who may do what, and what is remembered of it.

mod roles;
