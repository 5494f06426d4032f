//! Reads a contact, its tags and its channels, again while they may still change.

use futures_util::future::join3;

use super::Lifecycle;
use crate::channel::Channel;
use crate::contact::{Contact, ContactArn, Tags};
use crate::error::Error;
use crate::io::clock::Backoff;
use crate::io::log;
use crate::properties::{Desired, UncheckedProperties};
use crate::steps::{self, ReadChannels, Reading};

impl Lifecycle<'_> {
    /// Reads the contact and its tags; returns `None` if there is none. Reads again while
    /// ownership tags are missing, and with `until_found` while the contact is.
    pub(super) async fn look(
        &self,
        arn: &ContactArn,
        wait: &mut Backoff<'_>,
        until_found: bool,
        channels: ReadChannels,
    ) -> Result<Option<Contact>, Error> {
        loop {
            match self.read(arn, channels).await? {
                Reading::Absent if until_found && wait.pause().await => {}
                Reading::Absent => return Ok(None),
                Reading::Unreadable(_) if wait.pause().await => {}
                Reading::Unreadable(error) => return Err(error),
                Reading::Present(contact)
                    if self.tags_may_appear(&contact.tags) && wait.pause().await => {}
                Reading::Present(contact) => return Ok(Some(contact)),
            }
        }
    }

    /// As [`look`](Self::look), and reads again while the list of channels may be behind.
    pub(super) async fn look_for_update(
        &self,
        arn: &ContactArn,
        desired: &Desired,
        old: &UncheckedProperties,
        wait: &mut Backoff<'_>,
    ) -> Result<Option<Contact>, Error> {
        let channels = steps::read_channels(desired, Some(old));
        let (resource, setting) = (self.resource, self.ownership_tags);
        loop {
            let Some(contact) = self.look(arn, wait, true, channels).await? else {
                return Ok(None);
            };
            let may_appear = steps::channels_may_appear(resource, desired, old, &contact, setting);
            if !(may_appear && wait.pause().await) {
                return Ok(Some(contact));
            }
        }
    }

    async fn read(
        &self,
        arn: &ContactArn,
        channels: ReadChannels,
    ) -> Result<Reading<Contact>, Error> {
        let (contact, tags, channels) = join3(
            self.operations.get_contact(arn),
            self.operations.list_tags_for_resource(arn),
            self.read_channels(arn, channels),
        )
        .await;
        steps::reading(contact, tags, channels, self.ownership_tags)
    }

    async fn read_channels(
        &self,
        arn: &ContactArn,
        read: ReadChannels,
    ) -> Result<Option<Vec<Channel>>, Error> {
        if read == ReadChannels::No {
            return Ok(None);
        }
        match self.operations.list_contact_channels(arn).await {
            Err(error) if steps::may_go_without_channels(&error, read) => {
                log::contact_warning("keeps its channels", arn, &error);
                Ok(None)
            }
            listed => listed.map(Some),
        }
    }

    /// Reads the tags. GetContact is called only if the error leaves open whether the contact
    /// exists.
    pub(super) async fn read_tags(&self, arn: &ContactArn) -> Result<Reading<Tags>, Error> {
        match self.operations.list_tags_for_resource(arn).await {
            Ok(tags) => Ok(Reading::Present(tags)),
            Err(error) if error.is_not_found() => Ok(Reading::Absent),
            Err(error) if error.is_validation() => {
                let contact = self.operations.get_contact(arn).await;
                let reading = steps::reading(contact, Err(error), Ok(None), self.ownership_tags)?;
                Ok(reading.map(|contact| contact.tags))
            }
            Err(error) => Err(error),
        }
    }

    pub(super) fn tags_may_appear(&self, tags: &Tags) -> bool {
        steps::tags_may_appear(self.resource, tags, self.ownership_tags)
    }
}
