//! What each request does: a file per request, and below them what they share.
//!
//! | file | what it holds |
//! |---|---|
//! | `create` | a Create, a taken alias, adoption, and the marker of a failed Create |
//! | `update` | an Update, and which replacement it rolls back |
//! | `delete` | a Delete: what is deleted, released or left alone |
//! | `reconcile` | what differs between a template and a contact: the steps |
//! | `channels` | which channels of a contact are the template's |
//! | `apply` | the calls of the steps |

use std::time::Duration;

use futures_util::future::join3;

use crate::aws::failure::Meaning;
use crate::aws::operations::{self, Operations};
use crate::cloudformation::event::{Action, Request};
use crate::contact::arn::{AccountAndRegion, ContactArn};
use crate::contact::channel::Channel;
use crate::contact::personal_data::shown_name;
use crate::contact::{Contact, ContactType};
use crate::error::Error;
use crate::io::clock::{Backoff, Clock};
use crate::io::log::RequestLog;
use crate::ownership::{BroughtBy, Resource};
use crate::properties::{Desired, LastProperties};

mod apply;
mod channels;
mod create;
mod delete;
mod reconcile;
mod update;

use apply::apply;
pub(crate) use create::what_it_left;

/// What is needed to carry out a request.
pub(crate) struct Context<'a> {
    pub(crate) resource: &'a Resource,
    /// The account and Region of the function.
    pub(crate) home: AccountAndRegion,
    pub(crate) service: Operations<'a>,
    pub(crate) log: &'a RequestLog<'a>,
    pub(crate) clock: &'a Clock,
    /// Until when the request may pause, since the Unix epoch.
    pub(crate) pause_until: Duration,
}

impl<'a> Context<'a> {
    /// Pauses that take at most `total` together, within the time of the request.
    fn backoff(&self, total: Duration) -> Backoff<'a> {
        self.clock.backoff_until(self.pause_until.min(self.clock.now() + total))
    }

    /// What the request can do without. It is ended while there is time for the rest.
    ///
    /// Returns an error, as text for a warning, if the call failed or did not end in time.
    async fn optional<T>(
        &self,
        call: impl Future<Output = operations::Result<T>>,
    ) -> Result<T, String> {
        let left = self.pause_until.saturating_sub(self.clock.now());
        match tokio::time::timeout(left, call).await {
            Ok(result) => result.map_err(|failed| failed.to_string()),
            Err(_elapsed) => Err("there was no time left for it".to_owned()),
        }
    }

    /// Checks that a contact is in the account of the function. No request changes a contact of
    /// another account.
    fn check_account(&self, arn: &ContactArn) -> Result<(), Error> {
        if arn.is_in_account_of(&self.home) {
            return Ok(());
        }
        Err(Error::AnotherAccount(arn.clone(), self.home.clone()))
    }
}

/// The request that brings a contact to a resource.
#[derive(Clone, Copy)]
enum Bringing<'a> {
    Create,
    Update {
        /// The old template, if a Create accepts it.
        old: Option<&'a Desired>,
        /// Whether CloudFormation knows a contact's ARN. If not, it deletes what the id names
        /// once the Update has answered with another.
        has_arn: bool,
    },
}

impl Bringing<'_> {
    fn request(self) -> BroughtBy {
        match self {
            Self::Create => BroughtBy::Create,
            Self::Update { .. } => BroughtBy::Update,
        }
    }
}

/// How a request succeeded.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// The contact, which is as the template says. `None` if it is gone, or was left alone for a
    /// reason that is in the log.
    pub(crate) contact: Option<(ContactArn, ContactType)>,
    /// The channels that nobody has activated, by Name and ARN.
    pub(crate) not_activated: Vec<String>,
}

/// Carries out a request.
///
/// Returns an error if the request failed.
pub(crate) async fn carry_out(cx: &Context<'_>, request: &Request) -> Result<Done, Error> {
    match &request.action {
        Action::Create => {
            let desired = Desired::parse(&request.properties)?;
            create::create(cx, &desired, Bringing::Create).await
        }
        Action::Update { old_properties } => {
            let desired = Desired::parse(&request.properties)?;
            let old = Desired::parse(old_properties).ok();
            update::update(cx, request.parsed_physical_id(), &desired, old.as_ref()).await
        }
        Action::Delete => {
            let last = LastProperties::read(&request.properties);
            delete::delete(cx, request.parsed_physical_id(), last).await?;
            Ok(Done::default())
        }
        Action::Unknown(request_type) => Err(Error::UnknownRequestType(request_type.clone())),
    }
}

/// Whether a request reads the channels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum ReadChannels {
    No,
    /// Only the old template has channels. If the list is refused, they are left as they are.
    IfAllowed,
    Yes,
}

impl ReadChannels {
    fn of(desired: &Desired, old: Option<&Desired>) -> Self {
        if !desired.channels.is_empty() {
            Self::Yes
        } else if old.is_some_and(|old| !old.channels.is_empty()) {
            Self::IfAllowed
        } else {
            Self::No
        }
    }
}

/// Reads the contact, its tags and its channels, in one round trip; returns `None` if there is
/// no such contact.
async fn read(
    cx: &Context<'_>,
    arn: &ContactArn,
    which: ReadChannels,
) -> operations::Result<Option<Contact>> {
    let channels = async {
        let list = cx.service.list_contact_channels(arn);
        match which {
            ReadChannels::No => Ok(None),
            ReadChannels::Yes => list.await.map(Some),
            ReadChannels::IfAllowed => Ok(match cx.optional(list).await {
                Ok(channels) => Some(channels),
                Err(why) => {
                    cx.log.warning("keeps its channels", arn, &why);
                    None
                }
            }),
        }
    };
    let (contact, tags, channels) =
        join3(cx.service.get_contact(arn), cx.service.list_tags_for_resource(arn), channels).await;
    let contact = match contact {
        Ok(contact) => contact,
        Err(call) if call.meaning == Meaning::NotFound => return Ok(None),
        Err(call) => return Err(call),
    };
    let tags = tags?;
    let channels = match channels {
        // The service may refuse to list the channels of a contact that is no person.
        Err(_) if contact.contact_type != Some(ContactType::Personal) => None,
        channels => channels?,
    };
    Ok(Some(Contact { tags, channels, ..contact }))
}

/// A channel as the log names it.
fn label(channel: &Channel) -> String {
    format!("{} ({})", shown_name(&channel.name), channel.arn)
}
