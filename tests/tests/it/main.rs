//! The one integration binary: the real hub, real servers, and everything that can happen to them.

mod servers;
