//! Who asks too much is told so, and nobody else is.

use switchboard_tests::{Desk, Hub, HubOptions, Isolated, desk::fresh_wamid};

#[tokio::test]
async fn an_address_a_person_and_an_account_each_have_a_share() {
    let corner = Isolated::new().await;
    let options = HubOptions::all(&corner)
        .with("SWITCHBOARD_LIMITS__REQUESTS_PER_MINUTE_AND_CALLER", "30")
        .with("SWITCHBOARD_LIMITS__REQUESTS_PER_MINUTE_AND_ADDRESS", "120")
        .with("SWITCHBOARD_LIMITS__WEBHOOKS_PER_MINUTE_AND_ACCOUNT", "10");
    let hub = Hub::start(options).await;
    let desk = Desk::open(hub.url(), "http://127.0.0.1:9").await;
    let agent = desk.hire("agent").await;
    // The person first, and only them.
    let mut refused = None;
    for _ in 0..40 {
        let answer = agent.get("/me").await;
        assert_eq!(answer.header("ratelimit-limit"), "120");
        if answer.status != 200 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("a person may ask without end");
    assert_eq!(refused.error(429), "too_many_requests");
    assert!(refused.header("retry-after").parse::<u32>().unwrap() >= 1);
    desk.admin.get("/me").await.ok();

    // Then the address, signed in or not.
    let stranger = switchboard_tests::Api::stranger(hub.url());
    let mut left = u32::MAX;
    for _ in 0..200 {
        let answer = stranger.get("/me").await;
        let remaining = answer.header("ratelimit-remaining").parse::<u32>().unwrap();
        if answer.status == 429 {
            left = remaining;
            break;
        }
        assert_eq!(answer.error(401), "unauthorized");
    }
    assert_eq!(left, 0, "an address may ask without end");

    // What a provider signed is counted for its account; what somebody made up isn't.
    let customer = desk.customer();
    let mut forged = desk.text(&customer, &fresh_wamid(), "hello");
    forged.signature = format!("sha256={}", "0".repeat(64));
    for _ in 0..20 {
        assert_eq!(desk.post(&forged).await.status, 401);
    }
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let webhook = desk.text(&customer, &fresh_wamid(), "hello");
        statuses.push(desk.post(&webhook).await.status);
    }
    assert!(statuses[..10].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses.contains(&429), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
}
