//! The provider's side, as the connector itself plays it, is one that the connector gets on with.

use bytes::Bytes;
use http::{HeaderMap, Method};
use switchboard_connectors::{Event, RawRequest, Rejected};
use switchboard_domain::Content;

use crate::{
    account::{account, connector, received_at},
    outcomes::{client, outgoing},
    provider::Provider,
};

#[test]
fn its_message_is_a_customers_text() {
    let counterpart = connector().counterpart();
    let mut account = account(None);
    (account.settings, account.secrets) = counterpart.account("http://127.0.0.1:1");
    let example = counterpart.message();
    assert!(example.content_type.starts_with("application/json"));
    let mut request = RawRequest {
        method: Method::POST,
        url: String::new(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: example.body,
    };
    let unsigned = connector().verify(&account, request.clone(), received_at());
    assert!(matches!(unsigned, Err(Rejected::Unauthenticated(_))));
    counterpart.sign(&account, &mut request, received_at());
    let scheme = counterpart.scheme();
    assert!(
        scheme
            .headers
            .iter()
            .all(|header| request.headers.contains_key(*header))
    );
    let verified = connector()
        .verify(&account, request.clone(), received_at())
        .unwrap();
    let events = connector().normalise(&verified, received_at());
    assert!(
        matches!(&events[..], [one] if matches!(&one.event, Event::Message(message) if matches!(message.content, Content::Text { .. })))
    );
    assert!(connector().acknowledge(&account, &verified).keep);
    let mut changed = request.body.to_vec();
    changed.push(b' ');
    request.body = Bytes::from(changed);
    let verdict = connector().verify(&account, request, received_at());
    assert_eq!(verdict.is_err(), scheme.covers_body);
}

#[tokio::test]
async fn its_answer_is_an_acceptance() {
    let (status, body) = connector().counterpart().accepts();
    let provider = Provider::answering(status, "", body).await;
    let mut account = account(None);
    (account.settings, account.secrets) = connector().counterpart().account(&provider.url());
    assert_eq!(
        connector().check_account(&account.settings, &account.secrets),
        Ok(())
    );
    let receipt = connector()
        .send(&client(), &account, &outgoing(Content::text("hello")))
        .await
        .unwrap();
    assert!(!receipt.provider_message_id.is_empty());
}
