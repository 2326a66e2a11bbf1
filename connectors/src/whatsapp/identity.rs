//! Who wrote: by phone number, by `wa_id`, or by the business-scoped user id (BSUID) that replaces both.

use super::payload::{Contact, Identifier, Maybe, Message, Text};
use crate::Sender;

/// The sender of a message, by its own fields and by the contact that belongs to it. None: nothing names anybody.
pub(super) fn sender(message: &Message<'_>, contacts: &[Maybe<Contact>], alone: bool) -> Option<Sender> {
    person(
        message.from.0.as_ref(),
        message.from_user_id.0.as_ref(),
        contacts,
        alone,
    )
}

/// The customer an echo went to.
pub(super) fn recipient(message: &Message<'_>, contacts: &[Maybe<Contact>], alone: bool) -> Option<Sender> {
    person(
        message.to.0.as_ref(),
        message.to_user_id.0.as_ref(),
        contacts,
        alone,
    )
}

/// The id is the BSUID if there is one, since a number may be hidden or change; the others stay as aliases, by which
/// the person may be known from before. Answers go to the `wa_id`, which is the number as WhatsApp has it.
fn person(
    phone: Option<&Identifier>,
    user_id: Option<&Identifier>,
    contacts: &[Maybe<Contact>],
    alone: bool,
) -> Option<Sender> {
    let contact = find(phone, user_id, contacts, alone);
    let user_id = user_id.or(contact.and_then(|contact| contact.user_id.0.as_ref()));
    let wa_id = contact.and_then(|contact| contact.wa_id.0.as_ref());
    let mut ids: Vec<String> = Vec::with_capacity(3);
    for id in [user_id, wa_id, phone].into_iter().flatten() {
        if !ids.contains(&id.0) {
            ids.push(id.0.clone());
        }
    }
    let mut ids = ids.into_iter();
    let external_id = ids.next()?;
    let address = wa_id.or(phone).map(|address| address.0.clone());
    Some(Sender {
        name: contact.and_then(name),
        address: address.filter(|address| *address != external_id),
        aliases: ids.collect(),
        external_id,
    })
}

/// `wa_id` and `from` of one person may differ (a digit that came or went with a numbering reform), so the only contact
/// beside the only message is its sender; otherwise they have to match, as the lists are in no common order.
fn find<'c>(
    phone: Option<&Identifier>,
    user_id: Option<&Identifier>,
    contacts: &'c [Maybe<Contact>],
    alone: bool,
) -> Option<&'c Contact> {
    let same = |a: Option<&Identifier>, b: Option<&Identifier>| a.is_some() && a == b;
    let mut known = contacts.iter().filter_map(|contact| contact.0.as_ref());
    match contacts {
        [only] if alone => only.0.as_ref(),
        _ => known.find(|contact| {
            same(contact.wa_id.0.as_ref(), phone) || same(contact.user_id.0.as_ref(), user_id)
        }),
    }
}

/// The name of the contact with this `wa_id`.
pub(super) fn name_of(
    wa_id: Option<&Identifier>,
    contacts: &[Maybe<Contact>],
    alone: bool,
) -> Option<String> {
    find(wa_id, None, contacts, alone).and_then(name)
}

fn name(contact: &Contact) -> Option<String> {
    let profile = contact.profile.0.as_ref()?;
    let not_empty = |text: &Maybe<Text>| {
        text.0
            .clone()
            .map(|text| text.0)
            .filter(|text| !text.trim().is_empty())
    };
    not_empty(&profile.name).or_else(|| not_empty(&profile.username))
}
