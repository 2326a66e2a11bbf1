//! A verified webhook on its way through the ingest lane, the spool and the ledger.

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use switchboard_connectors::StoredRequest;
use switchboard_domain::{AccountKey, Arrival, Id};
use switchboard_queue::{FromPayload, Lane, PayloadError};

/// The largest payload that is worked in one batch with thousands of others.
const LARGE: usize = 64 * 1024;

/// The lane for a payload of [`IngestJob::to_bytes`].
pub fn ingest_lane(payload: &[u8]) -> Lane {
    if payload.len() > LARGE {
        Lane::IngestLarge
    } else {
        Lane::Ingest
    }
}

/// What the door appends and the ingest worker takes.
#[derive(Clone, Debug, PartialEq)]
pub struct IngestJob {
    pub account: AccountKey,
    pub arrival: Arrival,
    pub request: StoredRequest,
}

#[derive(Serialize)]
struct HeadOf<'a> {
    account: &'a AccountKey,
    arrival: Arrival,
    headers: &'a [(String, String)],
}

#[derive(Deserialize)]
struct Head {
    account: AccountKey,
    arrival: Arrival,
    headers: Vec<(String, String)>,
}

impl IngestJob {
    /// A JSON head behind its length, then the body as it came: bodies are neither escaped nor parsed on the way.
    pub fn to_bytes(&self) -> Bytes {
        let head = HeadOf {
            account: &self.account,
            arrival: self.arrival,
            headers: &self.request.headers,
        };
        // Strings and numbers in structs: this can't fail.
        let head = serde_json::to_vec(&head).unwrap_or_default();
        let mut bytes = BytesMut::with_capacity(4 + head.len() + self.request.body.len());
        bytes.put_u32(head.len() as u32);
        bytes.put_slice(&head);
        bytes.put_slice(&self.request.body);
        bytes.freeze()
    }

    /// Names the webhook in the ledger, the same however often it is worked.
    pub fn ledger_id(&self) -> String {
        let arrival = format!("{:013x}", self.arrival.micros());
        let body = String::from_utf8_lossy(&self.request.body);
        let digest = Id::<Self>::derived(&[&self.account.to_string(), &body]);
        format!("{arrival}-{}", &digest.as_str()[..8])
    }
}

/// Wraps [`IngestJob`] for the lane: the queue decodes whatever implements [`FromPayload`].
#[derive(Clone, Debug)]
pub struct Webhook(pub IngestJob);

impl FromPayload for Webhook {
    fn from_payload(mut payload: Bytes) -> Result<Self, PayloadError> {
        let too_short = || PayloadError("it ends too early".to_owned());
        if payload.len() < 4 {
            return Err(too_short());
        }
        let length = payload.split_to(4);
        let length = length
            .iter()
            .fold(0usize, |length, byte| length << 8 | usize::from(*byte));
        if payload.len() < length {
            return Err(too_short());
        }
        let head = payload.split_to(length);
        let head: Head = serde_json::from_slice(&head).map_err(|error| PayloadError(error.to_string()))?;
        Ok(Self(IngestJob {
            account: head.account,
            arrival: head.arrival,
            request: StoredRequest {
                headers: head.headers,
                body: payload,
            },
        }))
    }
}

#[cfg(test)]
mod tests {
    use switchboard_domain::Channel;

    use super::*;

    #[test]
    fn a_batch_of_thousands_is_bounded_in_bytes() {
        assert_eq!(ingest_lane(&vec![0; LARGE]), Lane::Ingest);
        assert_eq!(ingest_lane(&vec![0; LARGE + 1]), Lane::IngestLarge);
    }

    #[test]
    fn a_job_survives_the_lane_byte_by_byte() {
        let job = IngestJob {
            account: AccountKey {
                channel: Channel::Whatsapp,
                account_id: "wa-demo".into(),
            },
            arrival: Arrival::from_micros(1_760_000_000_123_456),
            request: StoredRequest {
                headers: vec![("x-topic".into(), "é".into())],
                body: Bytes::from_static(b"\xef\xbb\xbf{\"a\":\"\\u00e9\"}\r\n"),
            },
        };
        let bytes = job.to_bytes();
        assert_eq!(Webhook::from_payload(bytes.clone()).unwrap().0, job);
        for end in 0..bytes.len() - job.request.body.len() {
            assert!(Webhook::from_payload(bytes.slice(..end)).is_err());
        }
    }
}
