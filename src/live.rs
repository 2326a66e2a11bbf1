//! Consoles: Socket.IO, fed from the live stream, without gaps (P6).
//!
//! One task follows the stream and hands every event to the consoles whose rooms it is for. A console is either *live*
//! (it has had everything up to the position of that task) or being *caught up* (another task reads for it from the
//! stream, from its own cursor on). Both change under one lock, so a console gets each event exactly once and in order.

pub mod attendance;
pub mod catch_up;
pub mod consoles;
pub mod cursor;
pub mod events;
pub mod presence;
pub mod registry;
pub mod server;
pub mod tail;

pub use consoles::Consoles;
