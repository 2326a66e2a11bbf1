//! The public contract (design, section 7), driven from outside: one file per part of it.

mod channels;
mod errors;
mod facts;
mod inbox;
mod manual;
mod offers;
mod operations;
mod routing;
mod rules;
mod scenarios;
mod scopes;
mod shadow;
mod sign_in;
