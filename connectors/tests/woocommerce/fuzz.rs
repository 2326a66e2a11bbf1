//! Whatever is signed: it is refused as malformed, or it becomes one event. Nothing panics.

use proptest::{collection::vec, prelude::*, sample::Index};
use switchboard_connectors::{StoredRequest, Verified};

use crate::{
    account::{normalise, received_at, verify, woocommerce},
    damage::{edited, wrong_types},
    fixtures::{inbound, topic},
};

fn survives(topic: &str, body: &[u8]) {
    if let Ok(verified) = verify(&[("X-WC-Webhook-Topic", topic)], body) {
        assert_eq!(woocommerce().normalise(&verified, received_at()).len(), 1);
    }
    // What the ledger holds may be damaged by other hands.
    let stored = StoredRequest {
        headers: vec![("x-wc-webhook-topic".to_owned(), topic.to_owned())],
        body: body.to_vec().into(),
    };
    assert_eq!(
        woocommerce()
            .normalise(&Verified::restore(stored), received_at())
            .len(),
        1
    );
}

#[test]
fn any_field_of_the_wrong_type_leaves_a_trace() {
    // The longest says nothing that the others don't, and takes longest.
    for (name, body) in inbound().into_iter().filter(|(_, body)| body.len() < 5000) {
        let tree = serde_json::from_slice(&body).unwrap();
        for changed in wrong_types(&tree) {
            let events = normalise(
                &[("X-WC-Webhook-Topic", topic(&name))],
                changed.to_string().as_bytes(),
            );
            assert_eq!(events.len(), 1, "{name}: {changed}");
        }
    }
}

proptest! {
    #[test]
    fn arbitrary_bytes(body in vec(any::<u8>(), 0..512), topic in "[a-z._]{0,20}") {
        survives(&topic, &body);
    }

    #[test]
    fn mutated_fixtures(
        file in any::<Index>(),
        edits in vec((any::<Index>(), any::<u8>(), 0..3_u8), 1..8),
    ) {
        let files = inbound();
        let (name, body) = file.get(&files);
        survives(topic(name), &edited(body, &edits));
    }
}
