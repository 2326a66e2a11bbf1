//! One hub that several tests share while any of them runs, so that each needn't wait for its own to start.

use std::sync::{Arc, Weak};

use switchboard_tests::{Desk, Hub, HubOptions, Isolated};
use tokio::sync::Mutex;

static SHARED: Mutex<Weak<World>> = Mutex::const_new(Weak::new());

/// A hub in one process. The last test that holds it ends it, and removes what it wrote.
pub struct World {
    // Before the corner: the hub must have ended when its database is removed.
    hub: Hub,
    pub corner: Isolated,
}

impl World {
    pub async fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().await;
        if let Some(world) = shared.upgrade() {
            return world;
        }
        let corner = Isolated::new().await;
        // Tests that guess passwords run beside others that only sign in.
        let options = HubOptions::all(&corner).with(
            "SWITCHBOARD_LIMITS__SIGN_IN_PER_ADDRESS",
            "{ count = 1000, seconds = 20 }",
        );
        let hub = Hub::start(options).await;
        let world = Arc::new(Self { hub, corner });
        *shared = Arc::downgrade(&world);
        world
    }

    pub fn url(&self) -> &str {
        self.hub.url()
    }

    pub fn logs(&self) -> String {
        self.hub.logs()
    }

    /// A desk whose replies go nowhere.
    pub async fn desk(&self) -> Desk {
        Desk::open(self.url(), "http://127.0.0.1:9").await
    }
}
