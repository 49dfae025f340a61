//! The two messages, as CBOR.

use crate::camera::MAX_MESSAGE_LENGTH;
use crate::engagement::check_version;
use crate::{ProximityError, Result, SessionData};
use idwallet_cose::cbor::{Decoder, Encoder, InField, Key, Limits, size};

const LIMITS: Limits = Limits::DEFAULT
    .with_max_bytes(MAX_MESSAGE_LENGTH)
    .with_max_depth(8)
    .with_max_items(1024);
const CLAUSE: &str = "camera session, version 1";
const VERSION: &str = "1.0";
/// Bytes of the texts and heads of an envelope, at most.
const OVERHEAD: usize = 96;

/// `CameraRequest`: the contents of its two byte strings.
pub(super) struct CameraRequest<'a> {
    pub(super) reader_engagement: &'a [u8],
    pub(super) device_request: &'a [u8],
}

impl<'a> CameraRequest<'a> {
    const NAME: &'static str = "CameraRequest";

    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (version, reader_engagement, device_request) = Decoder::decode(bytes, LIMITS, |d| {
            let (mut version, mut engagement, mut request) = (None, None, None);
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
                    Key::Text("readerEngagementBytes") => {
                        engagement = Some(d.tag24().in_field("readerEngagementBytes", CLAUSE)?.inner());
                    }
                    Key::Text("deviceRequestBytes") => {
                        request = Some(d.tag24().in_field("deviceRequestBytes", CLAUSE)?.inner());
                    }
                    _ => d.skip()?,
                }
            }
            Ok((
                d.required(version, "version").in_field("", CLAUSE)?,
                d.required(engagement, "readerEngagementBytes").in_field("", CLAUSE)?,
                d.required(request, "deviceRequestBytes").in_field("", CLAUSE)?,
            ))
        })
        .map_err(ProximityError::malformed(Self::NAME))?;
        check_version(version, Self::NAME)?;
        Ok(Self {
            reader_engagement,
            device_request,
        })
    }

    pub(super) fn encode(&self) -> Result<Vec<u8>> {
        let length = size::tag24(self.reader_engagement.len()).saturating_add(size::tag24(self.device_request.len()));
        let mut e = Encoder::with_capacity(length.saturating_add(OVERHEAD));
        e.map(3).text("version").text(VERSION);
        e.text("readerEngagementBytes").tag24(self.reader_engagement);
        e.text("deviceRequestBytes").tag24(self.device_request);
        checked(e.into_vec())
    }
}

/// `CameraResponse`.
pub(super) struct CameraResponse<'a> {
    pub(super) device_engagement: &'a [u8],
    pub(super) session_data: SessionData<'a>,
}

impl<'a> CameraResponse<'a> {
    const NAME: &'static str = "CameraResponse";

    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self> {
        let (version, device_engagement, (data, status)) = Decoder::decode(bytes, LIMITS, |d| {
            let (mut version, mut engagement, mut session_data) = (None, None, None);
            let mut map = d.map()?;
            while let Some(key) = map.next_key(d)? {
                match key {
                    Key::Text("version") => version = Some(d.text().in_field("version", CLAUSE)?),
                    Key::Text("deviceEngagementBytes") => {
                        engagement = Some(d.tag24().in_field("deviceEngagementBytes", CLAUSE)?.inner());
                    }
                    Key::Text("sessionData") => {
                        session_data = Some(SessionData::read(d).in_field("sessionData", CLAUSE)?);
                    }
                    _ => d.skip()?,
                }
            }
            Ok((
                d.required(version, "version").in_field("", CLAUSE)?,
                d.required(engagement, "deviceEngagementBytes").in_field("", CLAUSE)?,
                d.required(session_data, "sessionData").in_field("", CLAUSE)?,
            ))
        })
        .map_err(ProximityError::malformed(Self::NAME))?;
        check_version(version, Self::NAME)?;
        Ok(Self {
            device_engagement,
            session_data: SessionData::check(data, status)?,
        })
    }

    /// `session_data` is a whole `SessionData`.
    pub(super) fn encode(device_engagement: &[u8], session_data: &[u8]) -> Result<Vec<u8>> {
        let length = size::tag24(device_engagement.len()).saturating_add(session_data.len());
        let mut e = Encoder::with_capacity(length.saturating_add(OVERHEAD));
        e.map(3).text("version").text(VERSION);
        e.text("deviceEngagementBytes").tag24(device_engagement);
        e.text("sessionData").raw(session_data);
        checked(e.into_vec())
    }
}

fn checked(message: Vec<u8>) -> Result<Vec<u8>> {
    let (length, limit) = (message.len(), MAX_MESSAGE_LENGTH);
    if length > limit {
        return Err(ProximityError::TooLong { length, limit });
    }
    Ok(message)
}
